import { rootBundleName } from "@wheelhouse/assignment";
import { type FluxSourceRef } from "@wheelhouse/fleet-model";
import { fluxObjectOf } from "./bundle-object.ts";
import { variablesOf } from "./bundle-variables.ts";
import { type ExplorationState } from "./exploration-state.ts";
import { type FoundBundle } from "./explored-bundle.ts";
import { releaseValues } from "./release-values.ts";
import { findSource, sourceKey } from "./source-trees.ts";

/** The first that depends on none of the others, so that what it makes is there for them. */
export function firstOf(waiting: readonly FoundBundle[]): FoundBundle {
  const names = new Set(waiting.map(({ name }) => name));
  const free = waiting.find((bundle) => {
    const [kind] = bundle.name.split("/");
    return (fluxObjectOf(bundle)?.dependsOn ?? []).every(
      ({ namespace, name }) => !names.has(`${kind}/${namespace}/${name}`),
    );
  });
  const [first] = waiting;
  if (first === undefined) throw new Error("nothing waits");
  return free ?? first;
}

/** Whether what a bundle waits for is not there yet. */
export function isStuck(
  { configMaps, sources }: ExplorationState,
  { kustomization, release }: FoundBundle,
): boolean {
  if (release !== undefined) {
    return (
      findSource(sources, release.chart.source).kind === "waits" ||
      releaseValues(release, configMaps).isWaiting
    );
  }
  return (
    kustomization === undefined ||
    findSource(sources, kustomization.sourceRef).kind === "waits" ||
    variablesOf(kustomization, configMaps).unknown.length > 0
  );
}

/**
 * A bootstrap may give its source any name, and need not commit it. Where no
 * bundle is of the fleet repo by the usual name, and everything that waits for
 * a source waits for one and the same, that is it: then true.
 */
export function takeBootstrap(
  { sources, bundles }: ExplorationState,
  waiting: readonly FoundBundle[],
): boolean {
  const isNamed = [...bundles.values()].some((bundle) => {
    const ref = sourceOf(bundle);
    return (
      bundle.name !== rootBundleName &&
      ref !== undefined &&
      sources.fleet.has(sourceKey(ref))
    );
  });
  if (isNamed) return false;
  const wanted = waiting.flatMap((bundle): FluxSourceRef[] => {
    const ref = sourceOf(bundle);
    const isWanted =
      ref !== undefined &&
      ["GitRepository", "OCIRepository"].includes(ref.kind) &&
      findSource(sources, ref).kind === "waits";
    return isWanted ? [ref] : [];
  });
  const keys = new Set(wanted.map(sourceKey));
  const [only] = keys;
  if (keys.size !== 1 || only === undefined) return false;
  sources.fleet.add(only);
  return true;
}

function sourceOf({
  kustomization,
  release,
}: FoundBundle): FluxSourceRef | undefined {
  return kustomization?.sourceRef ?? release?.chart.source;
}
