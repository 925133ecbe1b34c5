import {
  type KubeObject,
  gvkOf,
  isJsonObject,
  wheelhouseGroup,
} from "@wheelhouse/kube-object";

/** What a rendered object is to the compiler. */
export type ObjectRole =
  /** Goes to the cluster. */
  | "ordinary"
  /** A bundle of its own. */
  | "kustomization"
  /** Would be a bundle of its own, of a kind that is not built yet. */
  | "unbuiltBundle"
  /** A source of files or charts; nothing by itself. */
  | "source"
  /** Part of Flux, or of ours: beside us it would fight over the same objects. */
  | "machinery";

const groups: Readonly<Record<string, Readonly<Record<string, ObjectRole>>>> = {
  "kustomize.toolkit.fluxcd.io": { Kustomization: "kustomization" },
  "helm.toolkit.fluxcd.io": { HelmRelease: "unbuiltBundle" },
  "source.toolkit.fluxcd.io": {
    Bucket: "source",
    ExternalArtifact: "source",
    GitRepository: "source",
    HelmChart: "source",
    HelmRepository: "source",
    OCIRepository: "source",
  },
  "source.extensions.fluxcd.io": { ArtifactGenerator: "source" },
  "fluxcd.controlplane.io": {
    FluxInstance: "machinery",
    FluxReport: "machinery",
    ResourceSet: "unbuiltBundle",
    ResourceSetInputProvider: "machinery",
  },
  "infra.contrib.fluxcd.io": { Terraform: "machinery" },
};

const machineryGroups = new Set([
  "notification.toolkit.fluxcd.io",
  "image.toolkit.fluxcd.io",
  wheelhouseGroup,
]);

/** Tells what an object is to the compiler, by its kind and, for Flux's own components, by its labels. */
export function roleOf(object: KubeObject): ObjectRole {
  const { group, kind } = gvkOf(object);
  if (machineryGroups.has(group)) return "machinery";
  const role = groups[group]?.[kind];
  if (role !== undefined) return role;
  return isFluxComponent(object) ? "machinery" : "ordinary";
}

/** The labels that Flux's installer puts on its own Deployments, CRDs, roles and namespace. */
function isFluxComponent({ metadata }: KubeObject): boolean {
  const labels = metadata["labels"];
  return (
    isJsonObject(labels) &&
    ((labels["app.kubernetes.io/part-of"] === "flux" &&
      labels["app.kubernetes.io/instance"] === "flux-system") ||
      labels["app.kubernetes.io/name"] === "flux-operator")
  );
}
