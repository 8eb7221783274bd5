import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/ledger/*.test.ts", "tests/accounts/account-page.test.ts"],
    environment: "node",
    globalSetup: "tests/support/global-setup.ts",
    pool: "forks",
    isolate: false,
    testTimeout: 30_000,
  },
});
