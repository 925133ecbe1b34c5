import {
  type AssignedBundle,
  type BundleSpec,
  bundleDigest,
  digestOf,
  rootOf,
} from "@wheelhouse/assignment";
import { type CompiledTarget } from "./suspended-bundles.ts";

/** For specs: a bundle with every setting at its default but these. */
export function exampleBundle(
  seed: string,
  more: Partial<BundleSpec> = {},
): AssignedBundle {
  const spec: BundleSpec = {
    name: "Kustomization/flux-system/webapp",
    artifact: {
      digest: digestOf(seed),
      mediaType: "application/vnd.wheelhouse.objects.v1",
      ...{ bytes: 1, objects: 1 },
    },
    ...{ dependsOn: [], wait: true, healthChecks: [] },
    ...{ timeoutMs: 60_000, intervalMs: 600_000, retryIntervalMs: 600_000 },
    ...{ prune: true, deletionPolicy: "MirrorPrune", force: false },
    ...{ suspend: false, serviceAccountName: null, decryption: null },
    drift: { mode: "enabled", ignore: [] },
    ...{ adopt: false, createNamespaces: [], lateReferences: [], held: null },
    ...more,
  };
  return { spec, digest: bundleDigest(spec), revision: revisionOf(seed) };
}

/** For specs: what a revision was compiled to for one cluster. */
export function exampleCompiled(
  cluster: string,
  seed: string,
  bundles: readonly AssignedBundle[] = [exampleBundle(seed)],
): CompiledTarget {
  const revision = revisionOf(seed);
  return { cluster, ok: true, root: rootOf(bundles), revision, bundles };
}

const revisionOf = (seed: string) => ({
  commit: digestOf(seed).slice(7, 47),
  lock: digestOf("lock"),
});
