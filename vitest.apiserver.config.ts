import { defineConfig } from "vitest/config";

/** Tests at the real API server: two files at a time, since each brings control planes of its own. */
export default defineConfig({
  test: {
    include: ["test/apiserver/**/*.spec.ts"],
    environment: "node",
    globalSetup: ["test/apiserver/global-setup.ts"],
    maxWorkers: 2,
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
