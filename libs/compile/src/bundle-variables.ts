import {
  type LateReference,
  type TemplateSource,
} from "@wheelhouse/assignment";
import { type Cluster, type FluxKustomization } from "@wheelhouse/fleet-model";
import {
  type Json,
  type KubeObject,
  isJsonObject,
  objectIdOf,
} from "@wheelhouse/kube-object";
import { type Variables, mergeVariables } from "@wheelhouse/substitute";

/** The ConfigMaps and Secrets that substitution may draw from, by `Kind/namespace/name`. */
export type KnownValues = Map<
  string,
  {
    readonly variables: Variables;
    /** The data as it stands, for a release's values: variables have no line ends. */
    readonly texts: Readonly<Record<string, string>>;
    readonly isEncrypted: boolean;
  }
>;

/** A bundle's variables, and the references that nothing in Git answers. */
export interface BundleVariables {
  readonly variables: Variables;
  /** Encrypted in Git, or not there. */
  readonly late: readonly LateReference[];
  /** Not there, so far. */
  readonly unknown: readonly LateReference[];
  /** Where values come from, in order, late ones in their places; the inline ones are last. */
  readonly sources: readonly TemplateSource[];
}

/** The ConfigMaps that show a cluster's variables to its bundles. */
export function exposedConfigMaps(cluster: Cluster): KnownValues {
  const { variables } = cluster;
  const value = { variables, texts: variables, isEncrypted: false };
  return new Map(
    cluster.exposeVariablesAs.map(({ namespace, name }) => [
      `ConfigMap/${namespace}/${name}`,
      value,
    ]),
  );
}

/** What stands for a value that is encrypted in Git, where one goes on without it. */
export const encryptedValue = "SOPS-REDACTED";

/** Notes a rendered ConfigMap or Secret; where it has an exposed one's name, its own keys win. */
export function noteValues(
  known: KnownValues,
  object: KubeObject,
  defaultNamespace: string,
): void {
  const { apiVersion, kind } = object;
  if (apiVersion !== "v1" || (kind !== "ConfigMap" && kind !== "Secret")) {
    return;
  }
  const { namespace, name } = objectIdOf(object);
  const key = `${kind}/${namespace || defaultNamespace}/${name}`;
  const plain = textsOf(object[kind === "Secret" ? "stringData" : "data"]);
  const encoded = kind === "Secret" ? decoded(textsOf(object["data"])) : {};
  const texts = { ...encoded, ...plain };
  const isEncrypted =
    object["sops"] !== undefined || Object.values(texts).some(isSops);
  const before = known.get(key);
  known.set(key, {
    variables: mergeVariables(before?.variables ?? {}, hideEncrypted(texts)),
    texts: { ...before?.texts, ...texts },
    isEncrypted,
  });
}

/** Notes a ConfigMap or Secret whose values only the cluster has, though Git names it. */
export function noteLateValues(
  known: KnownValues,
  object: KubeObject,
  defaultNamespace: string,
): void {
  const { kind, namespace, name } = objectIdOf(object);
  const key = `${kind}/${namespace || defaultNamespace}/${name}`;
  known.set(key, { variables: {}, texts: {}, isEncrypted: true });
}

function textsOf(data: Json | undefined): Variables {
  const entries = isJsonObject(data) ? Object.entries(data) : [];
  return Object.fromEntries(
    entries.flatMap(([key, value]) =>
      typeof value === "string" ? [[key, value]] : [],
    ),
  );
}

function decoded(texts: Variables): Variables {
  const entries = Object.entries(texts).map(([key, text]) => [
    key,
    isSops(text) ? text : Buffer.from(text, "base64").toString("utf8"),
  ]);
  return Object.fromEntries(entries) as Variables;
}

function isSops(text: string): boolean {
  return text.startsWith("ENC[");
}

function hideEncrypted(texts: Variables): Variables {
  const entries = Object.entries(texts).map(([key, text]) => [
    key,
    isSops(text) ? encryptedValue : text,
  ]);
  return Object.fromEntries(entries) as Variables;
}

/** Merges a Kustomization's variables: later references over earlier, inline ones over all. Encrypted values stand in them only where absent ones count as empty. */
export function variablesOf(
  kustomization: FluxKustomization,
  known: KnownValues,
  absent: "held" | "empty" = "held",
): BundleVariables {
  const { namespace, substitute, substituteFrom } = kustomization;
  const shown: Variables[] = [];
  const sources: TemplateSource[] = [];
  const late: LateReference[] = [];
  const unknown: LateReference[] = [];
  for (const reference of substituteFrom) {
    const { kind, name } = reference;
    const found = known.get(`${kind}/${namespace}/${name}`);
    const one: LateReference = { ...reference, namespace };
    if (found === undefined) unknown.push(one);
    if (found === undefined || found.isEncrypted) {
      late.push(one);
      sources.push({ kind: "late", reference: one });
    } else {
      sources.push({ kind: "values", values: found.variables });
    }
    const isShown = absent === "empty" || found?.isEncrypted !== true;
    if (found !== undefined && isShown) shown.push(found.variables);
  }
  if (Object.keys(substitute).length > 0) {
    sources.push({ kind: "values", values: mergeVariables(substitute) });
  }
  return {
    variables: mergeVariables(...shown, substitute),
    late,
    unknown,
    sources,
  };
}
