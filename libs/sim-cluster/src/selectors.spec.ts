import { expect, it } from "vitest";
import { parseLabelSelector } from "./selectors.ts";

const object = {
  metadata: { labels: { app: "web", tier: "front", size: "3" } },
};

it.each([
  ["", true],
  ["app=web", true],
  ["app==web,tier!=back", true],
  ["app in (web, db)", true],
  ["app notin (web)", false],
  ["missing notin (web)", true],
  ["app", true],
  ["!app", false],
  ["size>2,size<4", true],
  ["app=web,tier in (back,middle)", false],
])("%j selects: %s", (text, selects) => {
  expect(parseLabelSelector(text)(object)).toBe(selects);
});

it("refuses what is no selector", () => {
  expect(() => parseLabelSelector("a=b=c")).toThrow("unable to parse");
});
