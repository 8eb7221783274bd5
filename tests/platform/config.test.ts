import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "../../src/platform/config.ts";

const folder = mkdtempSync(join(tmpdir(), "caraway-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const key = Buffer.alloc(32, "k").toString("base64");
const secrets = { SESSION_SECRET: "s".repeat(32), DATA_KEY: key };
const production = {
  NODE_ENV: "production",
  DATABASE_URL: "postgres://db.example/caraway",
  PUBLIC_URL: "https://portal.example",
  ...secrets,
  SMTP_URL: "smtps://mail.example",
  BUREAU_URL: "https://bureau.example",
};

describe("with nothing set", () => {
  const config = readConfig({ DATA_DIR: join(folder, "fresh") });

  test("the portal is a demonstration on this machine alone", () => {
    expect(config).toMatchObject({
      production: false,
      demo: true,
      host: "127.0.0.1",
      port: 3000,
      publicUrl: "http://127.0.0.1:3000",
      databaseUrl: undefined,
      redisUrl: undefined,
      bureauUrl: undefined,
      trustedProxies: 0,
      program: { name: "Caraway", timeZone: "America/New_York" },
    });
  });

  test("secrets are made once, for the owner's eyes alone, and found again", () => {
    for (const name of ["session-secret", "data-key"]) {
      const file = join(folder, "fresh", name);
      expect([name, (statSync(file).mode & 0o777).toString(8)]).toEqual([name, "600"]);
    }
    expect(config.dataKey).toHaveLength(32);
    const again = readConfig({ DATA_DIR: join(folder, "fresh") });
    expect([again.sessionSecret, again.dataKey]).toEqual([config.sessionSecret, config.dataKey]);
    const elsewhere = readConfig({ DATA_DIR: join(folder, "elsewhere") });
    expect(elsewhere.sessionSecret).not.toBe(config.sessionSecret);
    expect(elsewhere.dataKey).not.toEqual(config.dataKey);
  });

  test("secrets that are given are not written down", () => {
    readConfig({ ...secrets, DATA_DIR: join(folder, "given") });
    expect(existsSync(join(folder, "given"))).toBe(false);
  });
});

describe("demo data and the sandbox bureau", () => {
  test.each([
    ["by default", {}, true],
    ["on localhost", { HOST: "localhost" }, true],
    ["not with a database of one's own", { DATABASE_URL: "postgres://db.example/x" }, false],
    ["not where others can reach it", { HOST: "0.0.0.0" }, false],
    ["there only when set by hand", { HOST: "0.0.0.0", DEMO: "1" }, true],
    ["with a database of one's own when set by hand", { DATABASE_URL: "postgres://db.example/x", DEMO: "1" }, true],
    ["not when switched off", { DEMO: "0" }, false],
    ["not in production", production, false],
  ])("%s", (_words, env, demo) => {
    expect(readConfig({ ...secrets, ...env }).demo).toBe(demo);
  });
});

test.each([
  ["PORT", "many"],
  ["PORT", "70000"],
  ["PORT", "-1"],
  ["PORT", "3000.5"],
  ["PUBLIC_URL", "portal.example"],
  ["PUBLIC_URL", "ftp://portal.example"],
  ["DATABASE_URL", "mysql://db.example/x"],
  ["DATABASE_URL", "db.example"],
  ["REDIS_URL", "http://redis.example"],
  ["SESSION_SECRET", "too short"],
  ["DATA_KEY", "not base64!"],
  ["DATA_KEY", Buffer.alloc(16).toString("base64")],
  ["DATA_KEY", Buffer.alloc(31).toString("base64")],
  ["DATA_KEY", Buffer.alloc(33).toString("base64")],
  ["SMTP_URL", "https://mail.example"],
  ["SMS_URL", "sms.example"],
  ["BUREAU_URL", "bureau"],
  ["PROGRAM_TIME_ZONE", "Texas"],
  ["PROGRAM_ACCENT", "green"],
  ["TRUSTED_PROXIES", "all"],
  ["LOG_LEVEL", "loud"],
  ["DEMO", "yes"],
  ["NODE_ENV", "prod"],
])("%s=%s is refused, by its name", (name, value) => {
  expect([...new Set(names(problemsOf({ ...secrets, [name]: value })))]).toEqual([name]);
});

test("everything wrong is named at once", () => {
  const problems = problemsOf({
    ...secrets,
    PORT: "many",
    PUBLIC_URL: "x",
    DATA_KEY: "x",
    PROGRAM_TIME_ZONE: "Mars",
    SMTP_URL_FILE: "/no/such/file",
  });
  expect(new Set(names(problems))).toEqual(
    new Set(["PORT", "PUBLIC_URL", "DATA_KEY", "PROGRAM_TIME_ZONE", "SMTP_URL_FILE"]),
  );
});

describe("production", () => {
  test("starts with everything that it needs", () => {
    expect(readConfig(production)).toMatchObject({
      production: true,
      demo: false,
      publicUrl: "https://portal.example",
    });
  });

  test("refuses to start without what it needs, naming all of it", () => {
    const problems = problemsOf({ NODE_ENV: "production", DATA_DIR: join(folder, "never") });
    expect(names(problems)).toEqual([
      "DATABASE_URL",
      "PUBLIC_URL",
      "SESSION_SECRET",
      "DATA_KEY",
      "SMTP_URL",
      "BUREAU_URL",
    ]);
    expect(existsSync(join(folder, "never"))).toBe(false);
  });

  test("names what is missing together with what is mistyped", () => {
    const problems = problemsOf({ NODE_ENV: "production", PORT: "many", SESSION_SECRET: "short" });
    expect(new Set(names(problems))).toEqual(
      new Set(["PORT", "SESSION_SECRET", "DATABASE_URL", "PUBLIC_URL", "DATA_KEY", "SMTP_URL", "BUREAU_URL"]),
    );
  });

  test.each([
    ["DEMO", "1"],
    ["PUBLIC_URL", "http://portal.example"],
    ["BUREAU_URL", "http://bureau.example"],
  ])("refuses %s=%s, which would not be safe", (name, value) => {
    expect(names(problemsOf({ ...production, [name]: value }))).toEqual([name]);
  });
});

describe("a secret may stand in a file,", () => {
  test("which X_FILE names, with or without a line's end", () => {
    writeFileSync(join(folder, "secret"), `${"f".repeat(40)}\n`);
    expect(
      readConfig({ ...secrets, SESSION_SECRET: undefined, SESSION_SECRET_FILE: join(folder, "secret") }).sessionSecret,
    ).toBe("f".repeat(40));
  });

  test("and is checked as if it had been set", () => {
    writeFileSync(join(folder, "short"), "short");
    expect(names(problemsOf({ DATA_KEY: key, SESSION_SECRET_FILE: join(folder, "short") }))).toEqual([
      "SESSION_SECRET",
    ]);
  });

  test("and a file that is not there is told by its name", () => {
    expect(problemsOf({ ...secrets, REDIS_URL_FILE: "/no/such/file" })).toEqual([
      "REDIS_URL_FILE names a file that is not there",
    ]);
  });

  test("whose content is never told", () => {
    writeFileSync(join(folder, "bad-key"), "hunter2-hunter2");
    expect(problemsOf({ SESSION_SECRET: "s".repeat(32), DATA_KEY_FILE: join(folder, "bad-key") }).join()).not.toContain(
      "hunter2",
    );
  });
});

test.each(["127.0.0.1", "::1", "localhost", "0.0.0.0"])("the address that HOST=%s makes is an address", (host) => {
  expect(URL.canParse(readConfig({ ...secrets, HOST: host }).publicUrl)).toBe(true);
});

test("an address may end with a slash, and an empty variable is one that is not set", () => {
  expect(readConfig({ ...secrets, PUBLIC_URL: "https://portal.example/", PORT: "", DEMO: "" })).toMatchObject({
    publicUrl: "https://portal.example",
    port: 3000,
    demo: true,
  });
});

test("nothing else in the program reads the environment", () => {
  const readers = globSync("src/**/*.ts").filter((file) => readFileSync(file, "utf8").includes("process.env"));
  expect(readers.filter((file) => !/src\/(main|platform\/config|commands\/[\w-]+)\.ts$/.test(file))).toEqual([]);
});

const names = (problems: string[]) => problems.map((problem) => problem.split(" ")[0] ?? "");

function problemsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
