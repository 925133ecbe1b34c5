import {
  type Json,
  type JsonObject,
  type KubeObject,
} from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { parseApiCall } from "./api-call.ts";
import { type Expectation, checkWrites } from "./spoke-invariants.ts";
import { type TracedWrite } from "./traced-write.ts";

const one = "Kustomization/flux-system/one";
const two = "Kustomization/flux-system/two";
const state = "/api/v1/namespaces/wheelhouse-system";
const maps = "/api/v1/namespaces/default/configmaps";

function configMap(name: string, data: JsonObject = { key: "v" }): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default" },
    data,
  };
}

function marked(
  object: KubeObject,
  bundle: string,
  more: JsonObject = {},
): KubeObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { "fleet.wheelhouse.dev/fleet": "demo" },
      annotations: { "fleet.wheelhouse.dev/owner": `demo/${bundle}` },
      ...more,
    },
  };
}

type Step = Pick<TracedWrite, "call" | "sent" | "answered"> &
  Partial<TracedWrite>;

const acknowledge = (seq: number): Step => ({
  call: parseApiCall("PUT", `${state}/secrets/wheelhouse-assignment`),
  sent: { data: { seq: Buffer.from(String(seq)).toString("base64") } },
  answered: {},
});

/** The inventory from now on: bundle and uid by name. */
const know = (entries: Readonly<Record<string, readonly [string, Json]>>) => {
  const records = Object.fromEntries(
    Object.entries(entries).map(([name, [b, u]]) => [
      `/ConfigMap/default/${name}`,
      { b, u },
    ]),
  );
  const shard = { data: { records: JSON.stringify(records) } };
  return {
    call: parseApiCall("PUT", `${state}/configmaps/wheelhouse-inventory-00`),
    sent: shard,
    answered: shard,
  } satisfies Step;
};

const apply = (
  object: KubeObject,
  bundle: string,
  more: Partial<TracedWrite> & { readonly query?: string } = {},
): Step => ({
  call: parseApiCall(
    "PATCH",
    `${maps}/${object.metadata.name}${more.query ?? ""}`,
  ),
  sent: marked(object, bundle),
  answered: marked(object, bundle, { uid: `uid-${object.metadata.name}` }),
  ...more,
});

const remove = (name: string, preconditions: JsonObject): Step => ({
  call: parseApiCall("DELETE", `${maps}/${name}`),
  sent: { preconditions },
  answered: { kind: "Status", apiVersion: "v1" },
});

const exact = (name: string) => ({ uid: `uid-${name}`, resourceVersion: "1" });

const expectation: Expectation = {
  fleet: "demo",
  assignments: new Map([
    [1, [{ name: one, objects: [configMap("kept"), configMap("gone")] }]],
    [2, [{ name: one, objects: [configMap("kept", { key: "new" })] }]],
    [3, [{ name: two, objects: [configMap("kept", { key: "new" })] }]],
  ]),
};

const both = {
  kept: [one, "uid-kept"],
  gone: [one, "uid-gone"],
} as const;
const unborn = { kept: [one, null], gone: [one, null] } as const;

/** All went well up to the second assignment. */
const start: readonly Step[] = [
  acknowledge(1),
  know(unborn),
  apply(configMap("kept"), one),
  apply(configMap("gone"), one),
  know(both),
  acknowledge(2),
];
const changed = apply(configMap("kept", { key: "new" }), one);

function broken(...steps: readonly Step[]): readonly string[] {
  const writes = steps.map((step, index) => ({
    userAgent: "wheelhouse-spoke/test",
    code: 200,
    receivedAt: index,
    endedAt: index,
    ...step,
  }));
  return checkWrites(writes, expectation).map(({ invariant }) => invariant);
}

describe("the checker of writes", () => {
  it.each<readonly [string, readonly Step[]]>([
    ["nothing but applies", start],
    [
      "a deletion as it should be",
      [...start, changed, remove("gone", exact("gone"))],
    ],
    ["writes of others", [{ ...changed, userAgent: "kubectl" }]],
    ["what was refused", [{ ...changed, code: 409 }]],
    [
      "a handover",
      [
        ...start,
        changed,
        acknowledge(3),
        know({ ...both, kept: [two, "uid-kept"] }),
        apply(configMap("kept", { key: "new" }), two),
      ],
    ],
  ])("lets %s be", (_, steps) => {
    expect(broken(...steps)).toEqual([]);
  });

  it.each<readonly [string, string, readonly Step[]]>([
    [
      "S3",
      "of what is in no inventory",
      [...start, changed, know({}), remove("gone", exact("gone"))],
    ],
    [
      "S3",
      "of another uid",
      [...start, changed, remove("gone", { ...exact("gone"), uid: "x" })],
    ],
    [
      "S3",
      "without a version",
      [...start, changed, remove("gone", { uid: "uid-gone" })],
    ],
    [
      "S3",
      "of what is wanted",
      [...start, changed, remove("kept", exact("kept"))],
    ],
    [
      "S3",
      "of what another owns by now",
      [
        ...start,
        changed,
        { ...apply(configMap("gone"), two), userAgent: "kubectl" },
        remove("gone", exact("gone")),
      ],
    ],
    [
      "S4",
      "before the bundle was applied",
      [...start, remove("gone", exact("gone"))],
    ],
    [
      "S4",
      "after the bundle was refused",
      [
        ...start,
        changed,
        { ...changed, code: 422 },
        remove("gone", exact("gone")),
      ],
    ],
  ])("finds %s: a deletion %s", (invariant, _, steps) => {
    expect(broken(...steps)).toContain(invariant);
  });

  it.each<readonly [string, string, readonly Step[]]>([
    ["S5", "an assignment that goes back", [...start, acknowledge(1)]],
    ["S5", "an older content", [...start, apply(configMap("kept"), one)]],
    [
      "S10",
      "a content of no assignment",
      [...start, apply(configMap("kept", { key: "?" }), one)],
    ],
    [
      "S10",
      "a write that is no apply",
      [...start, { ...changed, sent: configMap("kept") }],
    ],
    [
      "S17",
      "owners that alternate",
      [
        ...start,
        changed,
        acknowledge(3),
        apply(configMap("kept", { key: "new" }), two),
        apply(configMap("kept", { key: "new" }), one),
      ],
    ],
    [
      "S18",
      "force at no version",
      [
        ...start,
        {
          ...changed,
          ...apply(configMap("kept", { key: "new" }), one, {
            query: "?force=true",
          }),
        },
      ],
    ],
    [
      "S21",
      "what is applied before it is known",
      [acknowledge(1), apply(configMap("kept"), one)],
    ],
  ])("finds %s: %s", (invariant, _, steps) => {
    expect(broken(...steps)).toContain(invariant);
  });

  it("finds S18: a field that is taken from another manager, and was never ours", () => {
    const owned = (manager: string, field: string): Json => ({
      manager,
      fieldsV1: { "f:data": { [field]: {} } },
    });
    const live = (...managedFields: readonly Json[]) =>
      marked(configMap("kept", { key: "new" }), one, {
        uid: "uid-kept",
        managedFields,
      });
    const forced = {
      ...apply(configMap("kept", { key: "new" }), one, {
        query: "?force=true",
      }),
      sent: marked(configMap("kept", { key: "new" }), one, {
        resourceVersion: "1",
      }),
      answered: live(owned("wheelhouse", "f:key")),
    };
    const stranger = {
      ...changed,
      userAgent: "kubectl",
      answered: live(owned("kubectl", "f:key")),
    };
    const ours = { ...changed, answered: live(owned("wheelhouse", "f:key")) };
    expect(broken(...start, stranger, forced)).toContain("S18");
    expect(broken(...start, ours, stranger, forced)).toEqual([]);
  });
});
