import { describe, expect, it } from "vitest";
import { stopWithStarter } from "./starter.ts";

function processWith(channel: { send?: unknown; connected: boolean }) {
  const kills: string[] = [];
  const listeners: (() => void)[] = [];
  const self = {
    ...channel,
    pid: 7,
    once: (_: "disconnect", listener: () => void) => listeners.push(listener),
    kill: (pid: number, signal: string) => kills.push(`${pid} ${signal}`),
  };
  return { self, kills, listeners };
}

describe("a program that another of ours started", () => {
  it("is told to stop when that one is gone, and not before", () => {
    const { self, kills, listeners } = processWith({
      send: 1,
      connected: true,
    });
    stopWithStarter(self);
    expect(kills).toEqual([]);
    for (const listener of listeners) listener();
    expect(kills).toEqual(["7 SIGTERM"]);
  });

  it("is told to stop where that one died before it asked", () => {
    const { self, kills } = processWith({ send: 1, connected: false });
    stopWithStarter(self);
    expect(kills).toEqual(["7 SIGTERM"]);
  });

  it("is not told anything where a shell started it", () => {
    const { self, kills, listeners } = processWith({ connected: false });
    stopWithStarter(self);
    expect([kills, listeners.length]).toEqual([[], 0]);
  });
});
