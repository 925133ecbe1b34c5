import {
  type GroupVersionKind,
  type KubeObject,
  isJsonObject,
} from "@wheelhouse/kube-object";

/** The Flux object that an object's labels name as the one that applies it. */
export interface FluxOwner {
  readonly kind: "Kustomization" | "HelmRelease";
  readonly namespace: string;
  readonly name: string;
  /** The kinds under which it may be read, newest version first. */
  readonly readAs: readonly GroupVersionKind[];
  /** The labels that name it. */
  readonly labels: readonly string[];
}

const groups = {
  Kustomization: {
    group: "kustomize.toolkit.fluxcd.io",
    versions: ["v1", "v1beta2", "v1beta1"],
  },
  HelmRelease: {
    group: "helm.toolkit.fluxcd.io",
    versions: ["v2", "v2beta2", "v2beta1"],
  },
} as const;

/** Whom of Flux an object's labels name: a Kustomization, a HelmRelease, or both. */
export function fluxOwnersOf(object: KubeObject): readonly FluxOwner[] {
  const { labels } = object.metadata;
  if (!isJsonObject(labels)) return [];
  return (["Kustomization", "HelmRelease"] as const).flatMap((kind) => {
    const { group, versions } = groups[kind];
    const names = [`${group}/name`, `${group}/namespace`] as const;
    const [name, namespace] = names.map((label) => labels[label]);
    if (typeof name !== "string" || typeof namespace !== "string") return [];
    const readAs = versions.map((version) => ({ group, version, kind }));
    return [{ kind, namespace, name, readAs, labels: names }];
  });
}

/** Why a live Flux object forbids taking over what it applies; undefined where it is suspended. */
export function fluxObjection(
  { kind, namespace, name }: FluxOwner,
  live: KubeObject,
): string | undefined {
  const spec = live["spec"];
  if (isJsonObject(spec) && spec["suspend"] === true) return undefined;
  const command = `flux suspend ${kind.toLowerCase()} ${name} -n ${namespace}`;
  return `Flux's ${kind}/${namespace}/${name} applies it and is not suspended: ${command}`;
}

/** What is left of Helm where it had installed an object, in words; undefined where it had not. */
export function helmRemains(object: KubeObject): string | undefined {
  const { annotations } = object.metadata;
  if (!isJsonObject(annotations)) return undefined;
  const name = annotations["meta.helm.sh/release-name"];
  const namespace = annotations["meta.helm.sh/release-namespace"];
  if (typeof name !== "string" || typeof namespace !== "string") {
    return undefined;
  }
  return `Helm's Secrets of release ${namespace}/${name} are left as they are: kubectl -n ${namespace} get secret -l owner=helm,name=${name}`;
}
