import { type LateReference } from "@wheelhouse/assignment";
import {
  type Cluster,
  type FluxKustomization,
  type SubstituteReference,
} from "@wheelhouse/fleet-model";
import {
  type KubeObject,
  isJsonObject,
  objectIdOf,
} from "@wheelhouse/kube-object";
import { type Variables, mergeVariables } from "@wheelhouse/substitute";

/** The ConfigMaps that substitution may draw from, by `namespace/name`. */
export type KnownConfigMaps = Map<string, Variables>;

/** A bundle's variables, and the references that nothing in Git answers. */
export interface BundleVariables {
  readonly variables: Variables;
  readonly late: readonly LateReference[];
}

/** The ConfigMaps that show a cluster's variables to its bundles. */
export function exposedConfigMaps(cluster: Cluster): KnownConfigMaps {
  return new Map(
    cluster.exposeVariablesAs.map(({ namespace, name }) => [
      `${namespace}/${name}`,
      cluster.variables,
    ]),
  );
}

/** Notes a rendered ConfigMap; where it has an exposed one's name, its own keys win. */
export function noteConfigMap(
  known: KnownConfigMaps,
  object: KubeObject,
): void {
  if (object.apiVersion !== "v1" || object.kind !== "ConfigMap") return;
  const { namespace, name } = objectIdOf(object);
  const data = object["data"];
  const texts = isJsonObject(data)
    ? Object.entries(data).flatMap(([key, value]) =>
        typeof value === "string" ? [[key, value] as const] : [],
      )
    : [];
  const key = `${namespace}/${name}`;
  known.set(
    key,
    mergeVariables(known.get(key) ?? {}, Object.fromEntries(texts)),
  );
}

/** Merges a Kustomization's variables: later references over earlier, inline ones over all. */
export function variablesOf(
  kustomization: FluxKustomization,
  known: KnownConfigMaps,
): BundleVariables {
  const { namespace, substitute, substituteFrom } = kustomization;
  const sources: Variables[] = [];
  const late: LateReference[] = [];
  for (const reference of substituteFrom) {
    const found = lookUp(known, namespace, reference);
    if (found === undefined) late.push({ ...reference, namespace });
    else sources.push(found);
  }
  return { variables: mergeVariables(...sources, substitute), late };
}

function lookUp(
  known: KnownConfigMaps,
  namespace: string,
  { kind, name }: SubstituteReference,
): Variables | undefined {
  return kind === "ConfigMap" ? known.get(`${namespace}/${name}`) : undefined;
}
