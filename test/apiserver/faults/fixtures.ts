import { type KubeObject } from "@wheelhouse/kube-object";
import { configMap } from "../engine/objects.ts";
import { type TestBundle } from "../engine/test-engine.ts";

/** What a cluster is brought to while a fault lasts. */
export interface Fixture {
  readonly name: string;
  /** What runs before the fault; undefined where the cluster is empty. Names begin with the prefix. */
  readonly before: (prefix: string) => readonly TestBundle[] | undefined;
  readonly after: (prefix: string) => readonly TestBundle[];
}

const one = "Kustomization/flux-system/one";
const two = "Kustomization/flux-system/two";
const three = "Kustomization/flux-system/three";

/** Never due by itself while a test runs, so that only the fault's end brings it on. */
const patient = {
  timeoutMs: 24 * 3_600_000,
  intervalMs: 24 * 3_600_000,
  retryIntervalMs: 1_000,
};

/** A bundle that is never due by itself while a test runs. */
export function bundle(
  name: string,
  objects: readonly KubeObject[],
  ...dependsOn: readonly string[]
): TestBundle {
  return {
    ...patient,
    name,
    objects,
    dependsOn: dependsOn.map((each) => ({ bundle: each })),
  };
}

function account(name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace: "default" },
  };
}

/** The three fixtures that every fault meets. */
export const fixtures: readonly Fixture[] = [
  {
    name: "first apply of a chain",
    before: () => undefined,
    after: (prefix) => [
      {
        ...bundle(one, [configMap(`${prefix}-a`), account(`${prefix}-a`)]),
        createNamespaces: [`${prefix}-space`],
      },
      bundle(two, [configMap(`${prefix}-b`)], one),
      bundle(three, [configMap(`${prefix}-c`), configMap(`${prefix}-d`)], two),
    ],
  },
  {
    name: "update with a prune",
    before: (prefix) => [
      bundle(one, [
        configMap(`${prefix}-kept`),
        configMap(`${prefix}-gone`),
        account(`${prefix}-gone`),
      ]),
    ],
    after: (prefix) => [
      bundle(one, [
        configMap(`${prefix}-kept`, { key: "changed" }),
        configMap(`${prefix}-new`),
      ]),
    ],
  },
  {
    name: "handover between bundles",
    before: (prefix) => [
      bundle(one, [
        configMap(`${prefix}-kept`),
        configMap(`${prefix}-moved`),
        configMap(`${prefix}-gone`),
      ]),
      bundle(two, [configMap(`${prefix}-two`)]),
    ],
    after: (prefix) => [
      bundle(one, [configMap(`${prefix}-kept`)]),
      bundle(two, [
        configMap(`${prefix}-two`),
        configMap(`${prefix}-moved`, { key: "changed" }),
      ]),
    ],
  },
];
