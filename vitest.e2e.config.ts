import { defineConfig } from "vitest/config";

/** Whole processes: hub, spokes and clusters apart, as people run them. Two stories at a time: each has its own, and mostly waits. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.spec.ts"],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    isolate: false,
  },
});
