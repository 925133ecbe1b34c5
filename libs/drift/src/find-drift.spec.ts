import { type KubeObject, objectIdOf } from "@wheelhouse/kube-object";
import { describe, expect, test } from "vitest";
import { findDrift } from "./find-drift.ts";
import { maxValueLength } from "./redaction.ts";

const configMap = (data: Record<string, string>): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "webapp" },
  data,
});

const secret = (data: Record<string, string>, note = "a"): KubeObject => ({
  ...configMap(data),
  kind: "Secret",
  metadata: {
    name: "settings",
    namespace: "webapp",
    annotations: {
      note,
      "kubectl.kubernetes.io/last-applied-configuration": `{"data":"${note}"}`,
    },
  },
});

const wouldBe = (object: KubeObject) => ({ kind: "wouldBe", object }) as const;

describe("findDrift", () => {
  const applied = configMap({ a: "1" });
  const object = objectIdOf(applied);

  test("finds an object that is gone", () => {
    expect(findDrift({ applied, live: undefined })).toEqual({
      object,
      fields: [],
      missing: true,
      writer: null,
    });
  });

  test("finds none where the server would change nothing", () => {
    const live = configMap({ a: "1", theirs: "2" });
    expect(findDrift({ applied, live, answer: wouldBe(live) })).toBeUndefined();
    expect(findDrift({ applied, live })).toBeUndefined();
  });

  test("tells a conflict's manager, and both values", () => {
    const conflicts = [{ manager: "kubectl-edit", field: ".data.a" }];
    const live = configMap({ a: "2" });
    const answer = { kind: "conflict", conflicts } as const;
    expect(findDrift({ applied, live, answer })).toEqual({
      object,
      fields: [
        { path: "data.a", wanted: '"1"', found: '"2"', writer: "kubectl-edit" },
      ],
      missing: false,
      writer: "kubectl-edit",
    });
  });

  test("cuts values at 256 characters", () => {
    const long = configMap({ a: "x".repeat(5_000) });
    const found = findDrift({ applied, live: long, answer: wouldBe(applied) });
    expect(found?.fields[0]?.found).toHaveLength(maxValueLength);
  });

  test("never shows a Secret's values, from either side and at any depth", () => {
    const ours = secret({ password: "hunter1" });
    const lives = [
      secret({ password: "hunter2" }),
      secret({}),
      secret({ password: "hunter1", more: "hunter3" }),
      { ...secret({}), stringData: { password: "hunter4" } },
    ];
    for (const live of lives) {
      const { data: _data, ...bare } = ours;
      for (const other of [ours, bare as KubeObject]) {
        const drift = findDrift({
          applied: ours,
          live,
          answer: wouldBe(other),
        });
        expect(drift?.fields.length).toBeGreaterThan(0);
        expect(JSON.stringify(drift)).not.toContain("hunter");
      }
    }
    const conflicts = [
      { manager: "x", field: ".data.password" },
      { manager: "x", field: ".data" },
    ];
    const drift = findDrift({
      applied: ours,
      live: secret({ password: "hunter2" }),
      answer: { kind: "conflict", conflicts },
    });
    expect(drift?.fields).toMatchObject([
      { path: "data.password", wanted: "(redacted)", found: "(redacted)" },
      { path: "data", wanted: "(redacted)", found: "(redacted)" },
    ]);
  });

  test("shows a Secret's labels, and not the copy that kubectl keeps in an annotation", () => {
    const drift = findDrift({
      applied: secret({}, "hunter1"),
      live: secret({}, "hunter2"),
      answer: wouldBe(secret({}, "hunter1")),
    });
    expect(drift?.fields).toMatchObject([
      {
        path: "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
        wanted: "(redacted)",
        found: "(redacted)",
      },
      {
        path: "metadata.annotations.note",
        wanted: '"hunter1"',
        found: '"hunter2"',
      },
    ]);
  });

  test("compares what was sent where the server refused to say, hiding a Secret's values", () => {
    const answer = { kind: "refused" } as const;
    const managedFields = [
      {
        ...{ manager: "kubectl-edit", operation: "Update" },
        fieldsV1: { "f:data": { "f:b": {}, "f:c": {} } },
      },
    ];
    const changed = (object: KubeObject): KubeObject => ({
      ...object,
      metadata: { ...object.metadata, managedFields },
    });
    const two = configMap({ a: "1", b: "1" });
    const live = changed(configMap({ b: "2", c: "3" }));
    expect(findDrift({ applied: two, live, answer })).toMatchObject({
      writer: "kubectl-edit",
      fields: [
        { path: "data.a", wanted: '"1"', found: null, writer: "kubectl-edit" },
        { path: "data.b", wanted: '"1"', found: '"2"' },
      ],
    });
    expect(findDrift({ applied, live: applied, answer })).toBeUndefined();
    const hidden = findDrift({
      applied: secret({ a: "hunter1" }),
      live: changed(secret({ a: "hunter2" })),
      answer,
    });
    expect(hidden?.fields).toHaveLength(1);
    expect(JSON.stringify(hidden)).not.toContain("hunter");
  });

  test("hides what the caller knows to be a late value, in any kind", () => {
    const live = configMap({ a: "late" });
    const isSecretValue = (_path: unknown, value: unknown): boolean =>
      value === "late";
    const drift = findDrift({
      applied,
      live,
      answer: wouldBe(applied),
      isSecretValue,
    });
    expect(drift?.fields).toMatchObject([
      { path: "data.a", wanted: "(redacted)", found: "(redacted)" },
    ]);
  });

  test("a Secret of another group is no Secret", () => {
    const custom = (value: string): KubeObject => ({
      ...configMap({ a: value }),
      apiVersion: "example.org/v1",
      kind: "Secret",
    });
    const drift = findDrift({
      applied: custom("1"),
      live: custom("2"),
      answer: wouldBe(custom("1")),
    });
    expect(drift?.fields[0]?.found).toBe('"2"');
  });
});
