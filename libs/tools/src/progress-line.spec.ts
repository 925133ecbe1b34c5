import { describe, expect, it } from "vitest";
import { createProgressLine } from "./progress-line.ts";

const record = (isTTY: boolean) => {
  const writes: string[] = [];
  const stream = {
    isTTY,
    columns: 40,
    write: (text: string) => writes.push(text),
  };
  return { writes, line: createProgressLine(stream) };
};

const step = "building etcd 3.6.8";

describe("progress for people", () => {
  it("is one plain line at start and end, and one every 30 s between", () => {
    const { writes, line } = record(false);
    line({ kind: "started", step, tools: ["etcd"] });
    for (let second = 1; second <= 70; second += 1) {
      const detail = `${second} packages compiled`;
      line({ kind: "running", step, elapsedMs: second * 1000, detail });
    }
    line({ kind: "finished", step, elapsedMs: 71_000, outcome: "done" });
    expect(writes).toEqual([
      "building etcd 3.6.8 …\n",
      "building etcd 3.6.8  30s  30 packages compiled\n",
      "building etcd 3.6.8  1m00s  60 packages compiled\n",
      "building etcd 3.6.8  1m11s\n",
    ]);
  });

  it("rewrites one line of a terminal and never exceeds its width", () => {
    const { writes, line } = record(true);
    line({ kind: "started", step, tools: ["etcd"] });
    line({ kind: "running", step, elapsedMs: 1000, detail: "x".repeat(99) });
    line({ kind: "finished", step, elapsedMs: 2000, outcome: "failed" });
    expect(writes.filter((text) => text.includes("\n"))).toEqual([
      "\r\x1b[2Kbuilding etcd 3.6.8  2s  failed\n",
    ]);
    expect(writes[1]).toHaveLength("\r\x1b[2K".length + 39);
  });
});
