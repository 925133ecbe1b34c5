import { defineConfig } from "vitest/config";

/** Both real sides of the link in one process, over loopback. */
export default defineConfig({
  test: {
    include: ["test/protocol/**/*.spec.ts"],
    environment: "node",
    isolate: false,
    testTimeout: 180_000,
  },
});
