import {
  type FieldPath,
  type Json,
  type JsonObject,
} from "@wheelhouse/kube-object";
import { describe, expect, test } from "vitest";
import {
  isForeign,
  isOurs,
  lastForeignWriter,
  likelyRemover,
  writerOf,
} from "./field-writer.ts";
import { managedFieldsOf } from "./managed-fields.ts";

const field = (name: string) => ({ kind: "field", name }) as const;
const replicas: FieldPath = [field("spec"), field("replicas")];

const container = (...rest: FieldPath): FieldPath => [
  field("spec"),
  field("containers"),
  { kind: "key", keys: { name: "app" } },
  ...rest,
];

const port = (keys: Record<string, string | number>): FieldPath =>
  container(field("ports"), { kind: "key", keys });

const entry = (
  manager: string,
  fieldsV1: Json,
  rest: Record<string, Json> = {},
): Json => ({
  manager,
  operation: "Apply",
  apiVersion: "apps/v1",
  time: "2030-01-01T00:00:00Z",
  fieldsType: "FieldsV1",
  fieldsV1,
  ...rest,
});

const withFields = (...entries: Json[]): JsonObject => ({
  metadata: { managedFields: entries },
});

const ours = entry("wheelhouse", {
  "f:spec": {
    "f:replicas": {},
    "f:selector": {},
    "f:containers": {
      'k:{"name":"app"}': {
        ".": {},
        "f:name": {},
        "f:image": {},
        "f:ports": {
          'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:name": {} },
        },
      },
    },
    "f:finalizers": { 'v:"keep"': {} },
    "f:matrix": { "i:0": {} },
  },
});

describe("managedFields", () => {
  test.each<[string, FieldPath, boolean]>([
    ["a leaf", replicas, true],
    [
      "what lies in a field that is owned whole",
      [field("spec"), field("selector"), field("matchLabels")],
      true,
    ],
    ["a parent of owned fields", [field("spec")], true],
    ["a field beside", [field("spec"), field("paused")], false],
    ["a field of an item", container(field("image")), true],
    ["another field of an item", container(field("command")), false],
    [
      "an item by fewer keys than the server's",
      port({ containerPort: 80 }),
      true,
    ],
    ["an item by other keys", port({ containerPort: 81 }), false],
    [
      "a text in a set",
      [field("spec"), field("finalizers"), { kind: "value", value: "keep" }],
      true,
    ],
    [
      "another text in a set",
      [field("spec"), field("finalizers"), { kind: "value", value: "x" }],
      false,
    ],
    [
      "a place in a list",
      [field("spec"), field("matrix"), { kind: "index", index: 0 }, field("x")],
      true,
    ],
    ["what nobody mentions", [field("data")], false],
  ])("say of %s whether it is ours", (_title, path, expected) => {
    expect(isOurs(withFields(ours), path)).toBe(expected);
  });

  test("of unreadable shape own nothing", () => {
    for (const broken of [
      null,
      "x",
      [null],
      [{ fieldsV1: "x" }],
      [{}],
    ] as Json[]) {
      expect(managedFieldsOf({ metadata: { managedFields: broken } })).toEqual(
        [],
      );
    }
    expect(managedFieldsOf({})).toEqual([]);
    const odd = withFields(
      entry("x", { "k:{nonsense": {}, "q:x": {}, "f:a": 1 }),
    );
    expect(writerOf(odd, replicas)).toBeUndefined();
  });
});

describe("a field's writer", () => {
  const replicasBy = (manager: string, rest: Record<string, Json> = {}): Json =>
    entry(
      manager,
      { "f:spec": { "f:replicas": {} } },
      { operation: "Update", ...rest },
    );

  test("is the most recent of several, and tells its subresource", () => {
    const object = withFields(
      replicasBy("later", {
        time: "2030-01-03T00:00:00Z",
        subresource: "scale",
      }),
      replicasBy("earlier", { time: "2030-01-02T00:00:00Z" }),
      ours,
    );
    expect(writerOf(object, replicas)).toEqual({
      manager: "later",
      operation: "Update",
      subresource: "scale",
      time: "2030-01-03T00:00:00Z",
    });
  });

  test("is never us where the foreign one is asked for", () => {
    const newest = { time: "2031-01-01T00:00:00Z" };
    const object = withFields(
      ours,
      replicasBy("kubectl-edit"),
      replicasBy("wheelhouse", newest),
    );
    expect(lastForeignWriter(object, [replicas])?.manager).toBe("kubectl-edit");
    expect(isForeign(withFields(ours), replicas)).toBe(false);
  });

  test("is nobody where the field has no owner", () => {
    expect(writerOf(withFields(ours), [field("data")])).toBeUndefined();
    expect(lastForeignWriter(withFields(ours), [])).toBeUndefined();
  });
});

describe("who removed what we applied", () => {
  const evil = { 'k:{"name":"evil"}': { "f:name": {} } };
  const renamedBy = (manager: string, rest: Record<string, Json> = {}): Json =>
    entry(
      manager,
      { "f:spec": { "f:containers": evil } },
      { operation: "Update", ...rest },
    );
  const remover = (...entries: readonly Json[]) =>
    likelyRemover(withFields(ours, ...entries), container())?.manager;

  test("is who updated the same place last", () => {
    const later = { time: "2030-01-02T00:00:00Z" };
    expect(remover(renamedBy("a", later), renamedBy("b"))).toBe("a");
  });

  test.each<[string, Json]>([
    [
      "wrote before we applied",
      renamedBy("a", { time: "2029-01-01T00:00:00Z" }),
    ],
    ["wrote a subresource", renamedBy("a", { subresource: "status" })],
    [
      "applied: that removes nothing of ours",
      renamedBy("a", { operation: "Apply" }),
    ],
    ["is us", renamedBy("wheelhouse")],
    ["wrote elsewhere", entry("a", { "f:data": {} }, { operation: "Update" })],
  ])("is nobody who %s", (_, other) => {
    expect(remover(other)).toBeUndefined();
  });

  test("is not looked for at the top of an object", () => {
    const object = withFields(ours, renamedBy("a"));
    expect(likelyRemover(object, [field("data")])).toBeUndefined();
  });
});
