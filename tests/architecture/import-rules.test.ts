import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** A small house: a room on each floor, each importing downwards, all of it in use. */
const house = {
  "src/main.ts": `import "./app.ts";`,
  "src/app.ts": `import "./reports/routes.ts"; import "./transactions/routes.ts"; import "./applications/routes.ts";`,
  "src/reports/routes.ts": `import type { Request } from "express"; import "../transactions/refund-sale.ts"; export type R = Request;`,
  "src/transactions/routes.ts": `import "./refund-sale.ts";`,
  "src/transactions/refund-sale.ts": `import "../accounts/queries.ts";`,
  "src/applications/routes.ts": `import "../practices/queries.ts";`,
  "src/accounts/queries.ts": `import type { Db } from "../platform/db.ts"; import "../ledger/post.ts"; export type D = Db;`,
  "src/practices/queries.ts": `import "../credit/plans.ts";`,
  "src/ledger/post.ts": `import "../lib/money.ts";`,
  "src/credit/plans.ts": `import "../lib/money.ts";`,
  "src/platform/db.ts": "export type Db = string;",
  "src/lib/money.ts": "export const cents = 1;",
  "package.json": JSON.stringify({ dependencies: { express: "*" }, devDependencies: { vitest: "*" } }),
};

/** What may not be, each in a file of its own. */
const planted: { what: string; rule: string; file: string; text: string; and?: Record<string, string> }[] = [
  {
    what: "an import of a higher floor",
    rule: "ledger-imports-lower-floors-only",
    file: "src/ledger/upward.ts",
    text: `import "../transactions/refund-sale.ts";`,
  },
  {
    what: "a mere type from a higher floor",
    rule: "platform-imports-lower-floors-only",
    file: "src/platform/type.ts",
    text: `import type { D } from "../accounts/queries.ts"; export type T = D;`,
  },
  {
    what: "a type from the roof",
    rule: "accounts-imports-lower-floors-only",
    file: "src/accounts/roof.ts",
    text: `import type { App } from "../app.ts"; export type T = App;`,
  },
  {
    what: "an import of a higher floor at run time",
    rule: "ledger-imports-lower-floors-only",
    file: "src/ledger/later.ts",
    text: `export const later = () => import("../accounts/queries.ts");`,
  },
  {
    what: "an export from a higher floor",
    rule: "identity-imports-lower-floors-only",
    file: "src/identity/on.ts",
    text: `export * from "../accounts/queries.ts";`,
  },
  {
    what: "an import of a neighbour",
    rule: "transactions-imports-lower-floors-only",
    file: "src/transactions/sideways.ts",
    text: `import "../applications/routes.ts";`,
  },
  {
    what: "the way back, where one neighbour may import the other",
    rule: "credit-imports-lower-floors-only",
    file: "src/credit/back.ts",
    text: `import "../practices/queries.ts";`,
  },
  {
    what: "plumbing in the arithmetic",
    rule: "credit-imports-lower-floors-only",
    file: "src/credit/plumbing.ts",
    text: `import type { Db } from "../platform/db.ts"; export type T = Db;`,
  },
  {
    what: "a package in the arithmetic",
    rule: "pure-rooms-import-no-package",
    file: "src/lib/disk.ts",
    text: `import "node:fs";`,
  },
  {
    what: "a room without a floor",
    rule: "every-room-has-a-floor",
    file: "src/cellar/wine.ts",
    text: `import "../lib/money.ts";`,
  },
  {
    what: "a verb that sees a request",
    rule: "express-stays-in-routes",
    file: "src/transactions/verb.ts",
    text: `import type { Request } from "express"; export type T = Request;`,
  },
  {
    what: "a cycle",
    rule: "no-cycles",
    file: "src/accounts/egg.ts",
    text: `import "./hen.ts";`,
    and: { "src/accounts/hen.ts": `import "./egg.ts";` },
  },
  {
    what: "a file that nothing leads to",
    rule: "no-unused-files",
    file: "src/transactions/forgotten.ts",
    text: `import "../lib/money.ts";`,
  },
  {
    what: "an import of the tests",
    rule: "no-tests-in-src",
    file: "src/demo/seed.ts",
    text: `import "../../tests/people.ts";`,
    and: { "tests/people.ts": "" },
  },
  {
    what: "a package for development alone",
    rule: "no-dev-dependency-in-src",
    file: "src/demo/tested.ts",
    text: `import "vitest";`,
  },
  {
    what: "a package that package.json does not name",
    rule: "only-what-package.json-names",
    file: "src/demo/unnamed.ts",
    text: `import "knex";`,
  },
  {
    what: "an import that leads nowhere",
    rule: "only-what-is-there",
    file: "src/demo/lost.ts",
    text: `import "./gone.ts";`,
  },
];

describe("the import rules", () => {
  let found: Awaited<ReturnType<typeof cruise>>;
  beforeAll(async () => {
    const files = planted.map(({ file, text, and }) => ({ [file]: text, ...and }));
    found = await cruiseHouse(Object.assign({}, house, ...files));
  });

  test("hold in this house, all of which they have read", async () => {
    const { exitCode, findings, modules, dependencies } = await cruise(root);
    expect(findings).toEqual([]);
    expect(exitCode).toBe(0);
    expect(modules).toBeGreaterThan(50);
    expect(dependencies).toBeGreaterThan(200);
  });

  test("find nothing in a small house that is in order", async () => {
    expect((await cruiseHouse(house)).findings).toEqual([]);
  });

  test.each(planted)("find $what", ({ rule, file }) => {
    expect(found.findings).toContainEqual(expect.stringContaining(`error ${rule}: ${file}`));
    expect(found.exitCode).not.toBe(0);
  });
});

/** Runs the rules on a tree, as `npm run architecture` does, and reads what it says. */
async function cruise(folder: string) {
  const args = [join(root, "node_modules/.bin/depcruise"), "src", "--config", join(root, ".dependency-cruiser.cjs")];
  const [exitCode, said] = await new Promise<[number | null, string]>((done) => {
    const child = execFile(process.execPath, args, { cwd: folder }, (_, out, complaint) =>
      done([child.exitCode, out + complaint]),
    );
  });
  const [, modules, dependencies] = /(\d+) modules, (\d+) dependencies cruised/.exec(said) ?? [];
  return {
    exitCode,
    findings: said.match(/^ +error .*/gm) ?? [],
    modules: Number(modules),
    dependencies: Number(dependencies),
  };
}

async function cruiseHouse(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "caraway-house-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    return await cruise(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
