import { describe, expect, it } from "vitest";
import { findCalledAs, writeAsCalled } from "./called-as.ts";

describe("how a person calls this program", () => {
  it.each([
    ["/usr/bin/wheelhouse", {}, "wheelhouse"],
    [undefined, {}, "wheelhouse"],
    [
      "/a/node_modules/.bin/wheelhouse",
      { npm_lifecycle_event: "npx" },
      "npx wheelhouse",
    ],
    ["/a/bin/wheelhouse.js", {}, "node /a/bin/wheelhouse.js"],
    [
      "/a/dist/wheelhouse.js",
      { WHEELHOUSE_CALLED_AS: "npx wheelhouse" },
      "npx wheelhouse",
    ],
  ])("by %s with %j is %s", (script, env, expected) => {
    expect(findCalledAs(script, env)).toBe(expected);
  });
});

describe("a suggestion", () => {
  it.each([
    [
      "go on: wheelhouse rollout resume x",
      "go on: npx wheelhouse rollout resume x",
    ],
    [
      "(wheelhouse hub), wheelhouse login",
      "(npx wheelhouse hub), npx wheelhouse login",
    ],
    ["npx wheelhouse status", "npx wheelhouse status"],
    ["/opt/wheelhouse status", "/opt/wheelhouse status"],
    ["the wheelhouse is a place", "the wheelhouse is a place"],
    ["wheelhouse statuses", "wheelhouse statuses"],
    ["see wheelhouse --help", "see npx wheelhouse --help"],
  ])("%j reads %j in a checkout", (text, expected) => {
    expect(writeAsCalled(text, "npx wheelhouse")).toBe(expected);
  });
});
