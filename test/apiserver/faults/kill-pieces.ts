import { type Template, documentIdOf } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { expect } from "vitest";
import { configMap } from "../engine/objects.ts";
import { type TestCluster } from "../engine/test-cluster.ts";
import { type TestBundle } from "../engine/test-engine.ts";
import { type Fixture, bundle, fixtures } from "./fixtures.ts";

/** An assignment, and what is to come of it before a hub offers the next. */
export interface Step {
  readonly bundles: readonly TestBundle[];
  readonly allowDelete?: readonly KubeObject[];
  /** What left, and stays until a person decides, with the reason. */
  readonly holds?: readonly (readonly [KubeObject, string])[];
  /** What others do in the cluster just before it is offered. */
  readonly meanwhile?: (cluster: TestCluster) => Promise<unknown>;
  /** Whether the cluster has joined anew before. */
  readonly isRejoin?: true;
  /** Rejects until what else is to come of it has come. */
  readonly isDone?: (cluster: TestCluster) => Promise<void>;
}

/** What a spoke is at while it is killed. Names of objects begin with the prefix. */
export interface Piece {
  readonly name: string;
  /** What it comes upon. */
  readonly before: (prefix: string) => readonly Step[];
  readonly work: (prefix: string) => readonly Step[];
  /** Names of objects whose bundle permits that they are deleted and made anew. */
  readonly recreated?: (prefix: string) => readonly KubeObject[];
  /** Whether artifacts that nobody needs are old at once. */
  readonly collectsAtOnce?: true;
}

const one = "Kustomization/flux-system/one";
const two = "Kustomization/flux-system/two";
const maps = "/api/v1/namespaces/default/configmaps";
const system = "/api/v1/namespaces/wheelhouse-system";
const merge = "application/merge-patch+json";
/** More than a bundle may lose unasked. */
const tooMany = 11;

function pieceOf({ name, before, after }: Fixture): Piece {
  return {
    name,
    before: (prefix) => {
      const bundles = before(prefix);
      return bundles === undefined ? [] : [{ bundles }];
    },
    work: (prefix) => [{ bundles: after(prefix) }],
  };
}

/** Everything that an engine writes is written in one of these. */
export const pieces: readonly Piece[] = [
  ...fixtures.map(pieceOf),
  {
    name: "a bundle that leaves with Orphan",
    before: (prefix) => [
      {
        bundles: [
          bundle(one, [configMap(prefix)]),
          {
            ...bundle(two, [configMap(`${prefix}-left`)]),
            deletionPolicy: "Orphan",
          },
        ],
      },
    ],
    work: (prefix) => [
      {
        bundles: [bundle(one, [configMap(prefix)])],
        isDone: async (cluster) => {
          const live = await cluster.get(`${maps}/${prefix}-left`);
          expect(live?.metadata["annotations"] ?? {}).toEqual({});
          expect(live?.["data"]).toEqual({ key: "value" });
        },
      },
    ],
  },
  {
    name: "more deletions than the budget, one approved, the rest wanted again",
    before: (prefix) => [
      { bundles: [bundle(one, [configMap(prefix), ...lostOf(prefix)])] },
    ],
    work: (prefix) => {
      const kept = [bundle(one, [configMap(prefix)])];
      const [approved, ...rest] = lostOf(prefix);
      const held = (objects: readonly KubeObject[]) =>
        objects.map((object) => [object, "OverBudget"] as const);
      return [
        { bundles: kept, holds: held(lostOf(prefix)) },
        {
          bundles: kept,
          allowDelete: approved === undefined ? [] : [approved],
          holds: held(rest),
        },
        { bundles: [bundle(one, [configMap(prefix), ...rest])] },
      ];
    },
  },
  {
    name: "a field that cannot be changed, with force",
    before: (prefix) => [{ bundles: [locked(prefix, "before")] }],
    work: (prefix) => [{ bundles: [locked(prefix, "after")] }],
    recreated: (prefix) => [configMap(prefix)],
  },
  {
    name: "artifacts that nobody needs any more",
    before: (prefix) => [{ bundles: [bundle(one, [configMap(prefix)])] }],
    work: (prefix) => [
      {
        bundles: [bundle(one, [configMap(prefix, { key: "changed" })])],
        isDone: async (cluster) => {
          const label = "fleet.wheelhouse.dev/state%3Dartifacts";
          const path = `${system}/secrets?labelSelector=${label}`;
          const list = await cluster.get(path);
          expect(list?.["items"]).toHaveLength(1);
        },
      },
    ],
    collectsAtOnce: true,
  },
  {
    name: "a bundle that is suspended, leaves, and is approved",
    before: (prefix) => [
      {
        bundles: [
          bundle(one, [configMap(prefix)]),
          bundle(two, [configMap(`${prefix}-frozen`)]),
        ],
      },
    ],
    work: (prefix) => {
      const kept = bundle(one, [configMap(prefix)]);
      const frozen = configMap(`${prefix}-frozen`);
      return [
        {
          bundles: [kept, { ...bundle(two, [frozen]), suspend: true }],
          isDone: async (cluster) => {
            const list = await cluster.get(`${system}/configmaps`);
            expect(JSON.stringify(list)).toContain("isSuspended");
          },
        },
        { bundles: [kept], holds: [[frozen, "Suspended"]] },
        { bundles: [kept], allowDelete: [frozen] },
      ];
    },
  },
  {
    name: "a cluster that has joined anew",
    before: (prefix) => [{ bundles: [bundle(one, [configMap(prefix)])] }],
    work: (prefix) => [
      {
        bundles: [bundle(one, [configMap(prefix, { key: "changed" })])],
        isRejoin: true,
      },
    ],
  },
  {
    name: "a drift that is healed",
    before: (prefix) => [{ bundles: [bundle(one, [configMap(prefix)])] }],
    work: (prefix) => [
      {
        bundles: [bundle(one, [configMap(prefix)])],
        meanwhile: (cluster) =>
          cluster.send(
            "PATCH",
            `${maps}/${prefix}?fieldManager=stranger`,
            { data: { key: "theirs" } },
            merge,
          ),
        isDone: async (cluster) => {
          const live = await cluster.get(`${maps}/${prefix}`);
          expect(live?.["data"]).toEqual({ key: "value" });
        },
      },
    ],
  },
  {
    name: "an object that is adopted from another tool",
    before: (prefix) => [{ bundles: [bundle(one, [configMap(prefix)])] }],
    work: (prefix) => [
      {
        bundles: [
          bundle(one, [configMap(prefix)]),
          { ...bundle(two, [configMap(`${prefix}-found`)]), adopt: true },
        ],
        meanwhile: (cluster) =>
          cluster.send(
            "POST",
            `${maps}?fieldManager=kubectl-client-side-apply`,
            configMap(`${prefix}-found`, { key: "theirs" }),
          ),
      },
    ],
  },
  {
    name: "a bundle with late values",
    before: (prefix) => [{ bundles: [bundle(one, [configMap(prefix)])] }],
    work: (prefix) => [
      {
        bundles: [
          bundle(one, [configMap(prefix)]),
          {
            ...bundle(two, [configMap(`${prefix}-late`, { key: "found" })]),
            template: lateTemplate(prefix),
          },
        ],
        meanwhile: (cluster) =>
          cluster.send("POST", "/api/v1/namespaces/default/secrets", {
            apiVersion: "v1",
            kind: "Secret",
            metadata: { name: prefix, namespace: "default" },
            stringData: { LATE: "found" },
          }),
      },
    ],
  },
];

function lostOf(prefix: string): readonly KubeObject[] {
  return Array.from({ length: tooMany }, (_, index) =>
    configMap(`${prefix}-lost-${index}`),
  );
}

function locked(prefix: string, key: string): TestBundle {
  const object = { ...configMap(prefix, { key }), immutable: true };
  return { ...bundle(one, [object]), force: true };
}

function lateTemplate(prefix: string): Template {
  const object = configMap(`${prefix}-late`, { key: "${LATE}" });
  const reference = {
    kind: "Secret",
    namespace: "default",
    name: prefix,
    optional: false,
  } as const;
  return {
    documents: [{ ...documentIdOf(object), text: JSON.stringify(object) }],
    sources: [{ kind: "late", reference }],
    always: false,
    commonMetadata: { labels: {}, annotations: {} },
  };
}
