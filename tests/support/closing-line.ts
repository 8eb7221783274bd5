import { writeSync } from "node:fs";
import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";

type Counts = { passed: number; failed: number; skipped: number };

/**
 * Ends a run with the line `N passed, N failed`, of tests and not of files. What kept tests from running counts as a
 * failure: a file that did not load, a hook that threw, an error that nobody awaited. Where CI is true a skipped test
 * fails the run.
 */
export default class ClosingLine implements Reporter {
  #counts: Counts | undefined;

  onInit(): void {
    // At the very end of the process, when every other reporter and the teardown have said what they have to say.
    process.once("exit", (code) => {
      const counts = this.#counts ?? { passed: 0, failed: code ? 1 : 0, skipped: 0 };
      writeSync(1, `\n${closingLine(counts)}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      this.#countErrors(module);
      for (const suite of module.children.allSuites()) this.#countErrors(suite);
      for (const test of module.children.allTests()) this.#countTest(test);
    }
    const { passed, failed, skipped } = this.#counts;
    if (passed + failed + skipped === 0) this.#counts.failed = 1;
    if (this.#counts.failed || (skipped && process.env.CI === "true")) process.exitCode = 1;
  }

  #countErrors(of: TestModule | TestSuite): void {
    if (this.#counts && of.errors().length) this.#counts.failed += 1;
  }

  #countTest(test: TestCase): void {
    if (!this.#counts) return;
    const { state } = test.result();
    if (state === "pending")
      this.#counts.failed += 1; // its worker ended under it
    else this.#counts[state] += 1;
    if (state === "skipped" && process.env.CI === "true")
      writeSync(1, `Skipped, though CI is true: ${test.fullName}\n`);
  }
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
}
