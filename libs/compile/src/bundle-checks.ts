import { type BundleName, type HealthCheck } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { fluxObjectOf } from "./bundle-object.ts";
import { dependenciesOf } from "./dependency-problems.ts";
import { type ExploredBundle } from "./explored-bundle.ts";

type Bundles = ReadonlyMap<BundleName, ExploredBundle>;

/**
 * What a bundle's readiness includes beside its own objects. As in Flux, `wait`
 * takes the place of `healthChecks`, and is about the Flux objects in it, too:
 * those are bundles of their own here, so that each becomes a check. Left out
 * are what is suspended, since it will not come, and what itself waits for the
 * bundle, since neither would.
 */
export function healthChecksOf(
  bundle: ExploredBundle,
  bundles: Bundles,
  selfName: string | undefined,
): readonly HealthCheck[] {
  const { kustomization, rendered } = bundle;
  if (fluxObjectOf(bundle)?.wait !== true) {
    return kustomization?.healthChecks ?? [];
  }
  return rendered.flatMap((object): HealthCheck[] => {
    const child = bundles.get(bundleNameOf(object));
    if (child === undefined || child.name === bundle.name) return [];
    if (fluxObjectOf(child)?.suspend === true) return [];
    if (waitsFor(child, bundle.name, { bundles, selfName })) return [];
    const [kind = "", namespace = "", name = ""] = child.name.split("/");
    return [{ apiVersion: object.apiVersion, kind, namespace, name }];
  });
}

function bundleNameOf({ kind, metadata }: KubeObject): BundleName {
  return `${kind}/${metadata.namespace ?? "default"}/${metadata.name}`;
}

/** Whether a bundle depends on another, by whatever way. */
function waitsFor(
  bundle: ExploredBundle,
  target: BundleName,
  {
    bundles,
    selfName,
  }: { readonly bundles: Bundles; readonly selfName: string | undefined },
): boolean {
  const seen = new Set<BundleName>();
  const todo: ExploredBundle[] = [bundle];
  for (;;) {
    const next = todo.pop();
    if (next === undefined) return false;
    for (const { bundle: name } of dependenciesOf(next, selfName)) {
      if (name === target) return true;
      const found = bundles.get(name);
      if (found === undefined || seen.has(name)) continue;
      seen.add(name);
      todo.push(found);
    }
  }
}
