// Mutation tests of the arithmetic and the ledger: `npm run mutation` for all, `npm run mutation -- -m src/credit/grace.ts` for one file.
const room = process.env.MUTATE ?? "credit";

export default {
  mutate: [`src/${room}/*.ts`],
  testRunner: "vitest",
  vitest: { configFile: `tests/mutation/${room}.config.ts`, related: false },
  plugins: ["@stryker-mutator/vitest-runner"],
  // TypeScript 7 has no such API as Stryker would rewrite tsconfig.json with; nothing reads it at run time.
  tsconfigFile: "none.json",
  concurrency: Number(process.env.MUTATION_CONCURRENCY ?? 2),
  coverageAnalysis: "perTest",
  reporters: ["clear-text", "json"],
  jsonReporter: { fileName: `.data/mutation/${room}.json` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: ".data/mutation/sandbox",
  thresholds: { high: 90, low: 85, break: 85 },
  // Every mutant is worth a look, but texts of bugs that cannot happen are not worth a test.
  timeoutMS: 10_000,
  allowEmpty: true,
};
