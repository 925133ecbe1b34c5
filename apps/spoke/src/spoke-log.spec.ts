import { describe, expect, it } from "vitest";
import { createLog } from "./spoke-log.ts";

describe("a line of the spoke's log", () => {
  it("has the hub's form: level, time, fields, msg", () => {
    const lines: string[] = [];
    const log = createLog({ write: (text) => lines.push(text) });
    log("warn", "API server not usable yet", { reason: "refused" });
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    expect(Object.keys(line)).toEqual(["level", "time", "reason", "msg"]);
    expect(line).toMatchObject({
      level: "warn",
      reason: "refused",
      msg: "API server not usable yet",
    });
    expect(new Date(String(line["time"])).toISOString()).toBe(line["time"]);
  });
});
