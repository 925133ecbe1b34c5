import { defineConfig } from "vitest/config";

/** Unit tests: pure, beside the file, and quick. The other tiers live under `test/`. */
export default defineConfig({
  test: {
    include: [
      "libs/*/src/**/*.spec.ts",
      "apps/*/src/**/*.spec.ts",
      "test/simulation/**/*.spec.ts",
    ],
    setupFiles: ["test/setup/property-seed.ts"],
    environment: "node",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
