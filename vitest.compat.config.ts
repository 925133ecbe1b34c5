import { defineConfig } from "vitest/config";

/** Real Flux repositories, resolved by the command that people use, against what Flux's own libraries made of them. */
export default defineConfig({
  test: {
    include: ["test/compat/**/*.spec.ts"],
    environment: "node",
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
