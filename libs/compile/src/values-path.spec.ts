import { describe, expect, it } from "vitest";
import { type JsonObject } from "@wheelhouse/kube-object";
import { mergeValues, putText } from "./values-path.ts";

const put = (path: string, text: string, literal = false): unknown => {
  const result = putText({ a: { b: 1 }, keep: true }, { path, text, literal });
  return result.ok ? result.values : result.message;
};

describe("a text that is put into values", () => {
  it.each([
    ["a.b", "2", { b: 2 }],
    ["a.c", "x", { b: 1, c: "x" }],
    ["a.c\\.d", "x", { b: 1, "c.d": "x" }],
    ["a.b.c", "true", { b: { c: true } }],
    ["a.b", "null", { b: null }],
    ["a.b", "007", { b: "007" }],
    ["a.b", "0", { b: 0 }],
    ["a.b", "1.5", { b: "1.5" }],
    ["a.b", "9007199254740993", { b: "9007199254740993" }],
    ["a.b", "'2'", { b: "2" }],
    ["a.b", '"true"', { b: "true" }],
    ["a.b", "x=y", { b: "x=y" }],
    ["a", "x", "x"],
  ])("at %s, %s, is what --set makes of it", (path, text, a) => {
    expect(put(path, text)).toEqual({ a, keep: true });
  });

  it("is taken as it is where that is asked for", () => {
    const text = "{a,b}\\, 'true'";
    expect(put("a", text, true)).toEqual({ a: text, keep: true });
  });

  it.each(["x,y=z", "{x,y}", "x\\,y", "'{x}'"])(
    "is refused where --set would take %s for more than a text",
    (text) => {
      expect(put("a.b", text)).toContain("is not built without literal: true");
    },
  );

  it.each(["a[0]", "a..b", "", "a,b", "a={}"])(
    "is refused at the path %j",
    (path) => {
      expect(put(path, "x")).toContain("only keys and dots are built");
    },
  );
});

describe("merged values", () => {
  it("are maps merged into maps, and the later of anything else", () => {
    const base = { a: { b: 1, c: [1, 2] }, d: 1, e: { f: 1 } };
    const over = { a: { c: [3], g: null }, d: { h: 1 }, e: null };
    expect(mergeValues(base, over)).toEqual({
      a: { b: 1, c: [3], g: null },
      d: { h: 1 },
      e: null,
    });
    expect(base.a).toEqual({ b: 1, c: [1, 2] });
  });

  it("have no key that is more than a key", () => {
    const hostile = JSON.parse(
      '{"__proto__": {"polluted": true}}',
    ) as JsonObject;
    const merged = mergeValues({ a: 1 }, mergeValues(hostile, hostile));
    expect(Object.keys(merged)).toEqual(["a", "__proto__"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    const result = putText(
      {},
      { path: "__proto__.x", text: "1", literal: false },
    );
    expect(result.ok && Object.keys(result.values)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});
