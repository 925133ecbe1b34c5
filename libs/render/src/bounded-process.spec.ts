import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { runBounded } from "./bounded-process.ts";
import { defaultRenderLimits } from "./render-limits.ts";

/** Runs a script of our own within these limits. */
const run = (script: string, limits: object) =>
  runBounded(
    {
      program: process.execPath,
      args: ["-e", script],
      directory: tmpdir(),
      env: {},
    },
    { ...defaultRenderLimits, timeoutMs: 120_000, ...limits },
  );

describe("a bounded process", () => {
  it("is heard to its end, and remembered by the first of what it complains", async () => {
    const script = `
      process.stderr.write("the cause\\n");
      const more = Buffer.alloc(1 << 16, "x");
      for (let i = 0; i < 100; i += 1) process.stderr.write(more);
      process.exitCode = 3;`;
    const outcome = await run(script, { maxErrorBytes: 1_000 });
    expect(outcome).toEqual({
      kind: "failed",
      error: `the cause\n${"x".repeat(990)}`,
    });
  });

  it("is killed for writing more than its output may be, and not for complaining", async () => {
    const script = "process.stdout.write('y'.repeat(100_000))";
    const outcome = await run(script, { maxOutputBytes: 99_999 });
    expect(outcome).toEqual({
      kind: "killed",
      why: "wrote more than 99999 bytes",
    });
    const loud = "process.stderr.write('z'.repeat(100_000))";
    expect(await run(loud, { maxErrorBytes: 10 })).toEqual({
      kind: "succeeded",
      output: "",
    });
  });
});
