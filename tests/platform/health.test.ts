import { expect, test } from "vitest";
import { foundPractice, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();

test("a portal that is ready says so, to whoever asks", async () => {
  const [alive, ready] = [await portal.browser().get("/healthz"), await portal.browser().get("/readyz")];
  expect([alive.status, alive.html]).toEqual([200, "alive\n"]);
  expect([ready.status, ready.html]).toEqual([200, "ready\n"]);
});

test.each(["starting", "stopping"] as const)(
  "a portal that is %s is alive, is not ready, and its pages say to wait",
  async (state) => {
    const node = await portal.anotherNode();
    node.parts.readiness.state = state;
    const browser = portal.browser().copy(node.server);
    expect((await browser.get("/healthz")).status).toBe(200);
    const ready = await browser.get("/readyz");
    expect([ready.status, ready.html, ready.header("retry-after")]).toEqual([503, `portal is ${state}\n`, "5"]);
    for (const path of ["/login", "/", "/accounts", "/nowhere"]) {
      const page = await browser.get(path);
      expect([path, page.status, page.header("retry-after")]).toEqual([path, 503, "5"]);
      expect(page.text).toContain(`The portal is ${state}.`);
      expect(page.text).toContain(page.header("x-request-id"));
    }
    const stylesheet =
      (await browser.get("/login")).root.querySelector("link[rel=stylesheet]")?.getAttribute("href") ?? "";
    expect((await browser.get(stylesheet)).status).toBe(200);
  },
);

test("it is not ready while the sessions have no place to be kept", async () => {
  await portal.db.raw("alter table web_sessions rename to hidden_sessions");
  try {
    const ready = await portal.browser().get("/readyz");
    expect([ready.status, ready.html]).toEqual([503, "sessions does not answer\n"]);
  } finally {
    await portal.db.raw("alter table hidden_sessions rename to web_sessions");
  }
});

test("its figures are for this machine alone", async () => {
  await logIn(portal, (await foundPractice(portal)).bob);
  const metrics = await portal.browser().get("/metrics");
  expect(metrics.status).toBe(200);
  expect(metrics.html).toMatch(/http_request_seconds_count\{[^}]*status="200"[^}]*\} \d+/);
  expect(metrics.html).not.toMatch(/juniper|bob/i);
  expect((await portal.browser().get("/metrics", { "X-Forwarded-For": "203.0.113.9" })).status).toBe(404);
});

test.each([{ PUBLIC_URL: "https://portal.example" }, { TRUSTED_PROXIES: "1" }])(
  "behind a proxy, through which everybody comes from this machine, its figures are for whoever brings the token: %j",
  async (env) => {
    const METRICS_TOKEN = "a token for the figures";
    const behind = await openPortal({ env: { ...env, METRICS_TOKEN } });
    const ask = async (headers = {}) => (await behind.browser().get("/metrics", headers)).status;
    expect(await ask()).toBe(404);
    expect(await ask({ Authorization: "Bearer a token for the figurines" })).toBe(404);
    expect(await ask({ Authorization: `Bearer ${METRICS_TOKEN}` })).toBe(200);
    const without = await openPortal({ env });
    expect((await without.browser().get("/metrics", { Authorization: "Bearer undefined" })).status).toBe(404);
  },
);

test("asking for health keeps no sessions", async () => {
  const before = await portal.db("web_sessions").count("* as count");
  for (const path of ["/healthz", "/readyz", "/metrics"])
    expect((await portal.browser().ask("GET", path)).setCookies).toEqual([]);
  expect(await portal.db("web_sessions").count("* as count")).toEqual(before);
});
