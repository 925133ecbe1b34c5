import {
  type AssignedBundle,
  type BundleSpec,
  bundleDigest,
  createEnvelope,
  digestOf,
  encodeEnvelope,
  encodeObjects,
  rootOf,
} from "@wheelhouse/assignment";
import { type Rollout } from "@wheelhouse/fleet-model";
import {
  type IssuedAssignment,
  type StoredRevision,
  type StoredTarget,
} from "@wheelhouse/hub-store";
import { type RolloutState } from "@wheelhouse/rollout";

/** A revision whose commit is `seed` repeated. */
export const exampleCommit = (seed: string) => ({
  commit: digestOf(seed).slice(7, 47),
  lock: digestOf("lock"),
});

/** A Rollout without waves. */
export const exampleRollout: Rollout = {
  name: "default",
  waves: [],
  clustersNotMatched: "lastWave",
  compileErrors: "block",
  onFailure: "pause",
};

/** An artifact with one ConfigMap that holds `seed`. */
export const exampleArtifact = (seed: string) =>
  encodeObjects([
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "example", namespace: "webapp" },
      data: { seed },
    },
  ]);

/** What a bundle says of itself, with every setting at its default but those given, and no artifact. */
export const exampleBundleSpec = (
  more: Partial<BundleSpec> = {},
): BundleSpec => ({
  name: "Kustomization/flux-system/webapp",
  artifact: null,
  dependsOn: [],
  wait: true,
  healthChecks: [],
  timeoutMs: 60_000,
  intervalMs: 600_000,
  retryIntervalMs: 600_000,
  prune: true,
  deletionPolicy: "MirrorPrune",
  force: false,
  suspend: false,
  serviceAccountName: null,
  decryption: null,
  drift: { mode: "enabled", ignore: [] },
  adopt: false,
  createNamespaces: [],
  lateReferences: [],
  held: null,
  ...more,
});

/** A bundle of that artifact, with every setting at its default. */
export function exampleBundle(seed: string): AssignedBundle {
  const spec = exampleBundleSpec({
    artifact: exampleArtifact(seed).reference,
  });
  return { spec, digest: bundleDigest(spec), revision: exampleCommit(seed) };
}

/** A compiled revision of no clusters. */
export const exampleRevision = (seed: string): StoredRevision => ({
  revision: exampleCommit(seed),
  branch: "main",
  subject: `commit ${seed}`,
  author: "author",
  committedAt: "2026-01-01T00:00:00.000Z",
  compiledAt: "2026-01-01T00:00:01.000Z",
  registered: digestOf("none"),
  rollout: exampleRollout,
  clusters: [],
  problems: [],
});

/** A target of one bundle. */
export function exampleTarget(cluster: string, seed: string): StoredTarget {
  const bundles = [exampleBundle(seed)];
  return {
    cluster,
    ok: true,
    root: rootOf(bundles),
    revision: exampleCommit(seed),
    bundles,
  };
}

/** An assignment of one bundle, at epoch 1, with a signature that is none. */
export function exampleAssignment(
  cluster: string,
  audience: string,
  seq: number,
): Pick<IssuedAssignment, "envelope" | "signed"> {
  const envelope = createEnvelope({
    fleet: "example",
    cluster,
    audience,
    epoch: 1,
    seq,
    revision: exampleCommit(`${seq}`),
    issuedAt: "2026-01-02T00:00:00.000Z",
    bundles: [exampleBundle(`${seq}`)],
    allowDelete: [],
  });
  return {
    envelope,
    signed: {
      bytes: encodeEnvelope(envelope),
      signature: Uint8Array.of(1, 2),
      delegation: Uint8Array.of(3),
    },
  };
}

/** The state of a rollout that has nothing to do. */
export const exampleRolloutState = (seed: string): RolloutState =>
  ({
    name: "default",
    generation: 1,
    revision: exampleCommit(seed),
    previous: null,
    phase: "Completed",
    reason: "",
    spec: exampleRollout,
    waves: [],
    clusters: {},
    rejected: [],
    steppedAtMs: null,
  }) as unknown as RolloutState;
