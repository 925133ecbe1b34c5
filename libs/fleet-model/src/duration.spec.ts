import { expect, it } from "vitest";
import { parseDurationMs } from "./duration.ts";

it.each([
  ["30s", 30_000],
  ["1h30m", 5_400_000],
  ["500ms", 500],
  ["1.5h", 5_400_000],
  ["10m", 600_000],
  ["0s", 0],
  ["30", undefined],
  ["", undefined],
  ["-1s", undefined],
  ["1d", undefined],
  ["9999999999h", undefined],
])("reads %j as %s ms", (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});
