import { defineConfig } from "vitest/config";

/** Lints bad fixtures and sees each refused: a fence that nobody has seen fail is decoration. */
export default defineConfig({
  test: {
    include: ["test/boundaries/**/*.spec.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
