import { type JsonObject } from "@wheelhouse/kube-object";
import { formatFieldPath } from "@wheelhouse/kube-object";
import { describe, expect, test } from "vitest";
import { compareApplied } from "./compare-applied.ts";

/** A live object of which we own what `ours` names, and others the rest. */
function live(content: JsonObject, ours: JsonObject = {}): JsonObject {
  const managedFields = [
    { manager: "wheelhouse", operation: "Apply", fieldsV1: ours },
  ];
  return { ...content, metadata: { name: "a", managedFields } };
}

const found = (applied: JsonObject, object: JsonObject) =>
  compareApplied(applied, object).map(({ path }) => formatFieldPath(path));

describe("compareApplied", () => {
  test.each<[string, JsonObject, JsonObject, readonly string[]]>([
    ["what is equal", { data: { a: "1" } }, { data: { a: "1" } }, []],
    [
      "what others added",
      { data: { a: "1" } },
      { data: { a: "1", b: "2" } },
      [],
    ],
    ["another value", { data: { a: "1" } }, { data: { a: "2" } }, ["data.a"]],
    [
      "what is gone",
      { data: { a: "1", b: "2" } },
      { data: { b: "2" } },
      ["data.a"],
    ],
    ["a whole part that is gone", { data: { a: "1" } }, {}, ["data"]],
    ["an empty part that the server drops", { data: {}, x: null }, {}, []],
    ["what is only written", { stringData: { a: "1" } }, {}, []],
    ["status", { status: { ready: true } }, {}, []],
    [
      "an object where a value was",
      { spec: { a: { b: 1 } } },
      { spec: { a: 1 } },
      ["spec.a"],
    ],
    [
      "a port that is another now",
      { spec: { ports: [{ name: "http", port: 80 }] } },
      { spec: { ports: [{ name: "http", port: 81, protocol: "TCP" }] } },
      ['spec.ports[port=80,protocol="TCP"]'],
    ],
    [
      "a port of the same number and another protocol",
      { spec: { ports: [{ port: 53 }] } },
      { spec: { ports: [{ port: 53, protocol: "UDP" }] } },
      ['spec.ports[port=53,protocol="TCP"]'],
    ],
    [
      "an item that others added before ours",
      { spec: { containers: [{ name: "a", image: "x" }] } },
      {
        spec: {
          containers: [{ name: "b" }, { name: "a", image: "x", tty: false }],
        },
      },
      [],
    ],
    [
      "a field of an item",
      { spec: { containers: [{ name: "a", image: "x" }] } },
      { spec: { containers: [{ name: "b" }, { name: "a", image: "y" }] } },
      ['spec.containers[name="a"].image'],
    ],
    ["a list of values", { args: ["a"] }, { args: ["a", "b"] }, ["args"]],
    [
      "items that only their place tells apart",
      { rules: [{ verbs: ["get"] }] },
      { rules: [{ verbs: ["*"] }] },
      ["rules[0].verbs"],
    ],
    [
      "a list that is longer",
      { rules: [{ verbs: ["get"] }] },
      { rules: [{ verbs: ["get"] }, { verbs: ["*"] }] },
      ["rules"],
    ],
  ])("of %s", (_, applied, content, expected) => {
    expect(found(applied, live(content))).toEqual(expected);
  });

  test("takes what is still ours for as we applied it", () => {
    const applied = { spec: { cpu: "1000m", memory: "1024Mi" } };
    const content = { spec: { cpu: "1", memory: "2Gi" } };
    const ours = { "f:spec": { "f:cpu": {} } };
    expect(found(applied, live(content, ours))).toEqual(["spec.memory"]);
  });

  test("tells the items of a set apart by themselves", () => {
    const ours = { "f:names": { 'v:"a"': {} } };
    expect(
      found({ names: ["a", "b"] }, live({ names: ["c", "a"] }, ours)),
    ).toEqual(['names[="b"]']);
  });

  test("names at most 20 fields", () => {
    const data = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`k${index}`, "v"]),
    );
    expect(found({ data }, live({ data: {} }))).toHaveLength(20);
  });
});
