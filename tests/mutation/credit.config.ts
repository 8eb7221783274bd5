import { defineConfig } from "vitest/config";

// The engine is pure: its tests need no database.
export default defineConfig({
  test: {
    include: ["tests/credit/*.test.ts"],
    environment: "node",
    pool: "forks",
    isolate: false,
    testTimeout: 30_000,
  },
});
