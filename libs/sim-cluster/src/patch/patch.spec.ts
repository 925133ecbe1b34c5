import { describe, expect, it } from "vitest";
import { builtInSchema } from "../facts/schema.ts";
import { type JsonObject } from "../json.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { applyStrategicPatch } from "./strategic-merge-patch.ts";

describe("patches", () => {
  it("merge: null removes, objects merge, lists are replaced", () => {
    const target = { a: { b: 1, c: 2 }, d: [1, 2] };
    expect(applyMergePatch(target, { a: { b: null }, d: [3] })).toEqual({
      a: { c: 2 },
      d: [3],
    });
    expect(target).toEqual({ a: { b: 1, c: 2 }, d: [1, 2] });
  });

  it("JSON: add, remove, replace, move, copy, test", () => {
    const patched = applyJsonPatch({ a: [1, 3], b: { "x/y": 1 } }, [
      { op: "add", path: "/a/1", value: 2 },
      { op: "add", path: "/a/-", value: 4 },
      { op: "replace", path: "/b/x~1y", value: 2 },
      { op: "copy", from: "/b", path: "/c" },
      { op: "move", from: "/c/x~1y", path: "/d" },
      { op: "test", path: "/d", value: 2 },
      { op: "remove", path: "/a/0" },
    ]);
    expect(patched).toEqual({ a: [2, 3, 4], b: { "x/y": 2 }, c: {}, d: 2 });
  });

  it.each([
    [[{ op: "test", path: "/a", value: 2 }]],
    [[{ op: "remove", path: "/missing" }]],
    [[{ op: "add", path: "/missing/deep", value: 1 }]],
    [[{ op: "dance", path: "/a" }]],
  ])("JSON: refuses %j", (operations) => {
    expect(() => applyJsonPatch({ a: 1 }, operations as JsonObject[])).toThrow(
      "rejected our request",
    );
  });

  it("strategic: lists merge by key, directives are obeyed", () => {
    const schema = builtInSchema("core.v1.PodSpec");
    const live = {
      containers: [
        { name: "a", image: "1" },
        { name: "b", image: "1" },
      ],
      volumes: [{ name: "v" }],
    };
    const patched = applyStrategicPatch(schema, live, {
      containers: [
        { name: "b", image: "2" },
        { name: "a", $patch: "delete" },
        { name: "c" },
      ],
      volumes: null,
    });
    expect(patched).toEqual({
      containers: [{ name: "b", image: "2" }, { name: "c" }],
    });
  });
});
