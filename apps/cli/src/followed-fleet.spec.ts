import { expect, it } from "vitest";
import { stopOnInterrupt } from "./followed-fleet.ts";

it("Ctrl-C ends a watch with 130, and one that has ended with nothing", () => {
  const codes: number[] = [];
  const terminal = { setExitCode: (code: number) => void codes.push(code) };
  const before = process.listenerCount("SIGINT");
  const ended = stopOnInterrupt(terminal);
  ended.abort();
  expect(process.listenerCount("SIGINT")).toBe(before);
  const watched = stopOnInterrupt(terminal);
  // Only this listener: the test's own program has others.
  const interrupt = process.listeners("SIGINT").at(-1);
  interrupt?.("SIGINT");
  expect(watched.signal.aborted).toBe(true);
  expect(codes).toEqual([130]);
  expect(process.listenerCount("SIGINT")).toBe(before);
});
