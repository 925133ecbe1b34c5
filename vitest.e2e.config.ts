import { defineConfig } from "vitest/config";

/** Whole processes: hub, spokes and clusters apart, as people run them. One story at a time. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.spec.ts"],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
