import { defineConfig } from "vitest/config";
import LongestFirst from "./tests/support/longest-first.ts";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "node",
    // One PostgreSQL for the run, and a migrated template in it; each file of tests works on its own copy.
    globalSetup: "tests/support/global-setup.ts",
    pool: "forks",
    maxWorkers: 2,
    // Loading the portal takes a second of a core: two processes load it once each. Files share no state but modules.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000, // a busy machine is slow, not wrong
    hookTimeout: 60_000,
    reporters: ["default", "./tests/support/closing-line.ts"],
  },
});
