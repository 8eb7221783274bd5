import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demoPeople } from "../../src/demo/people.ts";
import { freePort } from "../browser/support.ts";
import type { Browser } from "../support/browser.ts";
import {
  type Checkout,
  Command,
  databaseServers,
  leftovers,
  makeCheckout,
  type RunningPortal,
  startPortal,
} from "./support.ts";

const password = "orchard-lantern-2026";
const slow = 120_000; // on a machine that is busy with other tests

let checkout: Checkout;
beforeAll(() => {
  checkout = makeCheckout();
});
afterAll(() => checkout.remove());

describe("npm start, once after the other on the same data, below a folder that only its owner can enter", () => {
  let portal: RunningPortal | undefined;
  let firstReceipt = "";
  afterAll(() => portal?.stop());

  test(
    "the first start makes demo data, and says where it is and who can log in",
    async () => {
      const first = await startPortal(checkout);
      portal = first;
      const said = first.said();
      expect(said).toContain(`is ready at ${first.url}\n`);
      expect(said).toContain(password);
      for (const { userId } of demoPeople) expect(said).toContain(userId);
      expect(said).toContain(`${first.url}/dev/outbox`);
      expect(await answerOf(`${first.url}/readyz`)).toBe(200);
      const receipt = await charge(await logIn(first.browser()), "$101.01");
      expect(receipt).toMatch(/^\/transactions\//);
      firstReceipt = receipt;
    },
    slow,
  );

  test("SIGTERM to npm stops all of it", async () => {
    portal?.signal("SIGTERM");
    await gone(portal);
  });

  test(
    "the second start finds the sale of the first, and ledger:check works beside it",
    async () => {
      portal = await startPortal(checkout);
      expect(portal.said()).not.toContain("Making the demo");
      const receipt = await (await logIn(portal.browser())).get(firstReceipt);
      expect(receipt.text).toContain("$101.01");

      const check = new Command(checkout, ["run", "ledger:check"]);
      expect(await check.ended, check.said()).toBe(0);
      expect(check.said()).toContain("The books balance.");
    },
    slow,
  );

  test(
    "a portal that was killed leaves a database server; the next start takes over, and nothing is lost",
    async () => {
      const [orphan] = databaseServers(checkout);
      process.kill(portal?.portalPid ?? 0, "SIGKILL");
      await portal?.ended;
      expect(databaseServers(checkout)).toEqual([orphan]);

      portal = await startPortal(checkout);
      expect(databaseServers(checkout)).toHaveLength(1);
      expect(databaseServers(checkout)).not.toEqual([orphan]);
      expect((await (await logIn(portal.browser())).get(firstReceipt)).text).toContain("$101.01");
    },
    slow,
  );

  test(
    "SIGINT to npm stops all of it, and in the rush at the desk no sale that was answered is lost",
    async () => {
      const desks = await Promise.all([1, 2, 3, 4].map(() => logIn((portal as RunningPortal).browser())));
      const receipts: string[] = [];
      const rush = Promise.allSettled(
        desks.map(async (desk) => {
          for (;;) receipts.push(await charge(desk, "$1.00"));
        }),
      );
      while (receipts.length < 12) await setTimeout(10);
      portal?.signal("SIGINT");
      await gone(portal);
      const ends = (await rush).map((end) => end.status === "rejected" && String(end.reason));
      expect(ends).toEqual(
        [1, 2, 3, 4].map(() => expect.stringMatching(/ECONNREFUSED|ECONNRESET|socket hang up|stopping/)),
      );

      portal = await startPortal(checkout);
      const desk = await logIn(portal.browser());
      for (const receipt of receipts) expect((await desk.get(receipt)).text).toContain("$1.00");
    },
    slow,
  );

  test(
    "Ctrl-C stops all of it, and ledger:check works alone",
    async () => {
      portal?.pressCtrlC();
      await gone(portal);
      const check = new Command(checkout, ["run", "ledger:check"]);
      expect(await check.ended, check.said()).toBe(0);
      expect(check.said()).toContain("The books balance.");
      expect(leftovers(checkout)).toEqual([]);
    },
    slow,
  );
});

describe("npm start that cannot be", () => {
  const start = async (env: Record<string, string>) => {
    const command = new Command(checkout, ["start"], env);
    return { exitCode: await command.ended, said: command.said() };
  };

  test(
    "a port in use is told in one plain sentence",
    async () => {
      const holder = createServer();
      const port = await freePort();
      await once(holder.listen(port, "127.0.0.1"), "listening");
      const { exitCode, said } = await start({ PORT: String(port) });
      expect(exitCode).toBe(1);
      expect(linesOf(said)).toEqual([
        `Port ${port} is in use. Stop what uses it, or choose another: PORT=3001 npm start`,
      ]);
      expect(leftovers(checkout)).toEqual([]);
      await once(holder.close(), "close");
    },
    slow,
  );

  test(
    "a bad configuration is told all at once",
    async () => {
      const { exitCode, said } = await start({
        PORT: "lots",
        DATABASE_URL: "mysql://x",
        PROGRAM_TIME_ZONE: "Mars/Olympus",
        DATA_KEY: "short",
        DEMO: "maybe",
        SESSION_SECRET_FILE: "/nowhere/secret",
      });
      expect(exitCode).toBe(1);
      expect(said).toMatch(/The configuration has \d problems:/);
      for (const name of ["PORT", "DATABASE_URL", "PROGRAM_TIME_ZONE", "DATA_KEY", "DEMO", "SESSION_SECRET_FILE"]) {
        expect(said).toContain(`\n  ${name} `);
      }
      expect(said).not.toMatch(/^\s+at /m);
    },
    slow,
  );

  test(
    "production names everything that is missing or unsafe",
    async () => {
      const { exitCode, said } = await start({
        NODE_ENV: "production",
        DEMO: "1",
        PUBLIC_URL: "http://portal.example.com",
      });
      expect(exitCode).toBe(1);
      for (const name of [
        "DATABASE_URL",
        "SESSION_SECRET",
        "DATA_KEY",
        "SMTP_URL",
        "BUREAU_URL",
        "DEMO",
        "PUBLIC_URL",
      ]) {
        expect(said).toContain(`\n  ${name} `);
      }
    },
    slow,
  );
});

/** Stopped within ten seconds, and nothing of it left. */
async function gone(portal: RunningPortal | undefined): Promise<void> {
  const inTime = await Promise.race([portal?.ended.then(() => true), setTimeout(10_000, false)]);
  expect(inTime, "stopped within ten seconds").toBe(true);
  expect(leftovers(checkout)).toEqual([]);
}

async function logIn(browser: Browser): Promise<Browser> {
  const page = await (await browser.get("/login")).press("Log in", { "User ID": "riverside.desk", Password: password });
  expect(page.buttons).toContain("Log out");
  return browser;
}

/** A sale to Priya Nair; returns the address of the receipt that answered it. */
async function charge(browser: Browser, amount: string): Promise<string> {
  const account = await (await browser.get("/accounts?q=7751")).click("Priya Nair");
  const form = await account.click("New sale");
  const review = await form.press("Review sale", { Amount: amount, Plan: "Standard account" });
  const { action, fields } = review.sending(`Charge ${amount}`);
  const answer = await browser.ask("POST", action, { fields });
  if (answer.status !== 303) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.header("location");
}

const answerOf = async (url: string) => (await fetch(url)).status;

/** What was said, without npm's own lines. */
const linesOf = (said: string) => said.split("\n").filter((line) => line && !/^(>|npm )/.test(line));
