import { expect, it } from "vitest";
import { canonicalQuantity } from "./quantity.ts";

it.each([
  ["1000m", "1"],
  ["0.5", "500m"],
  ["1024Mi", "1Gi"],
  ["1.5Gi", "1536Mi"],
  ["1000", "1k"],
  ["100m", "100m"],
  ["0", "0"],
  ["1e3", "1e3"],
  ["128974848", "128974848"],
])("writes %s as %s", (given, written) => {
  expect(canonicalQuantity(given)).toBe(written);
});

it.each(["", "x", "1GB", "1 Gi", "--1"])("refuses %j", (given) => {
  expect(canonicalQuantity(given)).toBeUndefined();
});
