import { type BundleSpec } from "@wheelhouse/assignment";

/** What a new cluster brings itself, for nothing of it travels: each a line such as `Secret web/keys, for Kustomization/web/app`, sorted. */
export interface ReplacementNeeds {
  /** Without it the bundles named are held. */
  readonly required: readonly string[];
  /** Without it the bundles named go on as if it were empty; none that is required besides. */
  readonly optional: readonly string[];
}

/** Late values and decryption keys that bundles look for in the cluster that takes a dead one's place (8.10). */
export function replacementNeeds(
  bundles: readonly BundleSpec[],
): ReplacementNeeds {
  const required = new Map<string, readonly string[]>();
  const optional = new Map<string, readonly string[]>();
  for (const { name: bundle, lateReferences, decryption } of bundles) {
    for (const reference of lateReferences) {
      const { kind, namespace, name } = reference;
      const needs = reference.optional ? optional : required;
      add(needs, `${kind} ${namespace}/${name}`, bundle);
    }
    if (decryption !== null) {
      const [, namespace = ""] = bundle.split("/");
      add(required, `Secret ${namespace}/${decryption.secretName}`, bundle);
    }
  }
  for (const what of required.keys()) optional.delete(what);
  return { required: linesOf(required), optional: linesOf(optional) };
}

function add(
  needs: Map<string, readonly string[]>,
  what: string,
  bundle: string,
): void {
  needs.set(what, [...(needs.get(what) ?? []), bundle]);
}

function linesOf(needs: ReadonlyMap<string, readonly string[]>) {
  return [...needs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, bundles]) => `${what}, for ${bundles.join(", ")}`);
}
