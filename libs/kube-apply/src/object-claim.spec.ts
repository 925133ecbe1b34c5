import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { type InventoryEntry } from "./inventory.ts";
import { type ClaimEvidence, judgeClaim } from "./object-claim.ts";

const bundle = "Kustomization/flux-system/one";
const other = "Kustomization/flux-system/two";

const entryOf = (owner: string): InventoryEntry => ({
  bundle: owner,
  version: "v1",
  uid: "uid-1",
  artifact: null,
  desired: null,
  seen: null,
  since: "2026-01-01T00:00:00Z",
  adopted: null,
});

const liveOf = (owner: string | undefined, uid = "uid-1"): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name: "a",
    namespace: "default",
    uid,
    ...(owner === undefined
      ? {}
      : { annotations: { "fleet.wheelhouse.dev/owner": owner } }),
  },
});

const evidence: ClaimEvidence = {
  bundle,
  fleet: "demo",
  entry: undefined,
  live: undefined,
  hasObject: () => false,
};

const always = (): boolean => true;

describe("a claim", () => {
  it.each([
    ["nobody has it", {}, "own"],
    ["it is ours", { live: liveOf(`demo/${bundle}`) }, "own"],
    ["it has no owner", { live: liveOf(undefined) }, "adopt"],
    [
      "ours lost its mark",
      { entry: entryOf(bundle), live: liveOf(undefined) },
      "own",
    ],
    [
      "somebody made another one under the name of ours",
      { entry: entryOf(bundle), live: liveOf(undefined, "uid-2") },
      "adopt",
    ],
    ["another fleet has it", { live: liveOf(`test/${bundle}`) }, "refused"],
    [
      "a bundle that has it in this assignment",
      { live: liveOf(`demo/${other}`), hasObject: always },
      "refused",
    ],
    [
      "a bundle that no longer has it",
      { live: liveOf(`demo/${other}`) },
      "handover",
    ],
    [
      "the inventory names another that has it",
      { entry: entryOf(other), hasObject: always },
      "refused",
    ],
    [
      "the inventory names another that no longer has it",
      { entry: entryOf(other) },
      "handover",
    ],
  ] as const)("%s: %s", (_title, more, kind) => {
    expect(judgeClaim({ ...evidence, ...more }).kind).toBe(kind);
  });
});
