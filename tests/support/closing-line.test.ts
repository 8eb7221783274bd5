import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

// Runs of a few tests, each in a process of its own, as `npm test` and CI see them.
const folder = mkdtempSync(join(tmpdir(), "caraway-closing-"));
afterAll(() => rmSync(folder, { recursive: true }));

const good = `test("good", () => {}); test("good too", () => {});`;
const bad = `test("bad", () => { throw new Error("bad"); });`;
const passedOver = `test.runIf(false)("passed over", () => {});`;

test.concurrent("a run in which all is well ends so", async () => {
  expect(await run({ one: good, two: good })).toEqual({ last: "4 passed, 0 failed", code: 0 });
});

test.concurrent("tests are counted, and whatever kept tests from running: files, hooks, errors that nobody awaited", async () => {
  const files = {
    mixed: `${good} ${bad} describe("group", () => { ${bad} });`,
    unreadable: `import "./no-such-file.ts"; ${good}`,
    hook: `describe("group", () => { beforeAll(() => { throw new Error("hook"); }); ${good} });`,
    unawaited: `${good} setTimeout(() => { throw new Error("late"); }); test("waits", () => new Promise((done) => setTimeout(done, 50)));`,
  };
  const { last, code } = await run(files);
  expect(last).toMatch(/^5 passed, 5 failed(, 2 skipped)?$/);
  expect(code).toBe(1);
});

test.concurrent("where CI is true a skipped test fails the run, and is named", async () => {
  const { last, code, said } = await run({ one: `${good} ${passedOver}` }, { CI: "true" });
  expect([last, code]).toEqual(["2 passed, 0 failed, 1 skipped", 1]);
  expect(said).toContain("Skipped, though CI is true: passed over");
});

test.concurrent("elsewhere a skipped test is counted, and does not fail the run", async () => {
  const { last, code } = await run({ one: `${good} ${passedOver}` }, { CI: "" });
  expect([last, code]).toEqual(["2 passed, 0 failed, 1 skipped", 0]);
});

test.concurrent("a run that finds no test has failed", async () => {
  const { last, code } = await run({ one: "" });
  expect([last, code]).toEqual(["0 passed, 1 failed", 1]);
});

type Run = { last: string; code: number; said?: string };

let runs = 0;

/** Runs files of tests with this reporter; what was printed last, and the exit code. */
async function run(files: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const root = join(folder, String(runs++));
  mkdirSync(root);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, `${name}.test.ts`), text);
  const program = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
  const reporter = join(import.meta.dirname, "closing-line.ts");
  const words = [
    "run",
    "--root",
    root,
    "--globals",
    "--reporter",
    "default",
    "--reporter",
    reporter,
    "--maxWorkers",
    "1",
  ];
  const given = { ...process.env, NO_COLOR: "1", ...env };
  return new Promise((done) => {
    const child = execFile(process.execPath, [program, ...words], { env: given }, (_error, stdout) => {
      const last = stdout.trimEnd().split("\n").at(-1) ?? "";
      done({ last, code: child.exitCode ?? -1, ...(env.CI === undefined ? {} : { said: stdout }) });
    });
  });
}
