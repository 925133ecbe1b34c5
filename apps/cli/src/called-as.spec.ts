import { describe, expect, it } from "vitest";
import { findCalledAs } from "./called-as.ts";

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
