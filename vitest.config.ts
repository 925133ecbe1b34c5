import { defineConfig } from "vitest/config";

/** Specs that put another module in the place of one: each gets a process of its own, since such a module stays loaded. */
const mocking = ["libs/trust/src/init-full-disk.spec.ts"];

/** Tests beside their file: pure functions, and components with their own ports (a hub, a socket, SQLite). The tiers that need other programs live under `test/`. */
export default defineConfig({
  test: {
    setupFiles: ["test/setup/property-seed.ts"],
    environment: "node",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            "libs/*/src/**/*.spec.ts",
            "apps/*/src/**/*.spec.ts",
            "test/simulation/**/*.spec.ts",
            "test/bench/**/*.spec.ts",
            "scripts/**/*.spec.mjs",
          ],
          exclude: mocking,
          // Files of one worker share what they import: loading it anew for each costs more than all their tests.
          isolate: false,
        },
      },
      { extends: true, test: { name: "mocking", include: mocking } },
    ],
  },
});
