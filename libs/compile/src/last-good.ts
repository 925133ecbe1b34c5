import {
  type AssignedBundle,
  type BundleSpec,
  bundleDigest,
} from "@wheelhouse/assignment";
import { type Problem } from "@wheelhouse/fleet-model";
import { compareBytewise } from "@wheelhouse/kube-object";
import { type CompiledCluster } from "./compiled-cluster.ts";

/**
 * Puts the last good state in the place of what cannot be built (8.6): a held
 * bundle keeps its whole last spec, with the mark that it is held. Where a
 * bundle is held before the bundles inside it are known, none of the last ones
 * is taken for gone: those are kept, too, and held for its sake.
 */
export function keepLastGood(
  compiled: Extract<CompiledCluster, { ok: true }>,
  last: readonly AssignedBundle[],
): readonly AssignedBundle[] {
  const lastByName = new Map(last.map((bundle) => [bundle.spec.name, bundle]));
  const now = new Set(compiled.bundles.map(({ spec }) => spec.name));
  const kept = compiled.bundles.map((bundle) => {
    const before = lastByName.get(bundle.spec.name);
    const isUnbuilt = bundle.spec.held !== null;
    return isUnbuilt && before?.spec.artifact
      ? holdAt(before, bundle.spec.held)
      : bundle;
  });
  const [parent] = compiled.unexplored;
  const orphans =
    parent === undefined
      ? []
      : last
          .filter(({ spec }) => !now.has(spec.name))
          .map((bundle) =>
            holdAt(bundle, {
              reason: "ParentHeld",
              message: `kept as it was: ${parent} cannot be built, and may hold it`,
            }),
          );
  return [...kept, ...orphans].sort((a, b) =>
    compareBytewise(a.spec.name, b.spec.name),
  );
}

function holdAt(
  { spec, revision }: AssignedBundle,
  held: BundleSpec["held"],
): AssignedBundle {
  const kept: BundleSpec = { ...spec, held };
  return { spec: kept, digest: bundleDigest(kept), revision };
}

/** Problems that were not there before, whatever line they have moved to. */
export function newProblems(
  before: readonly Problem[],
  after: readonly Problem[],
): readonly Problem[] {
  const known = new Set(before.map(problemKey));
  return after.filter((problem) => !known.has(problemKey(problem)));
}

function problemKey({ reason, subject, message }: Problem): string {
  return `${reason}\0${subject}\0${message}`;
}
