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
  /** A bundle of its own, made of a chart. */
  | "release"
  /** Would be a bundle of its own, of a kind that is not built yet. */
  | "unbuiltBundle"
  /** A source of files or charts; nothing by itself. */
  | "source"
  /** Part of Flux, or of ours: beside us it would fight over the same objects. */
  | "machinery";

/** What becomes of a kind, and a sentence about it for docs/compatibility.md. */
export interface KindTreatment {
  readonly role: Exclude<ObjectRole, "ordinary">;
  readonly note: string;
}

const kind = (role: KindTreatment["role"], note: string): KindTreatment => ({
  role,
  note,
});

const source = "Its files are used where they are at hand; else held by name.";

/** Kinds that are more to the compiler than an object that goes to the cluster, by group; `*` is every kind of a group. */
export const fluxKinds: Readonly<
  Record<string, Readonly<Record<string, KindTreatment>>>
> = {
  "kustomize.toolkit.fluxcd.io": {
    Kustomization: kind("kustomization", "A bundle; see its fields above."),
  },
  "helm.toolkit.fluxcd.io": {
    HelmRelease: kind("release", "A bundle; see its fields above."),
  },
  "source.toolkit.fluxcd.io": {
    GitRepository: kind("source", source),
    OCIRepository: kind("source", source),
    HelmRepository: kind(
      "source",
      "Its charts are not fetched yet: a release of one is held.",
    ),
    HelmChart: kind("source", "A release that names one is held."),
    ExternalArtifact: kind("source", "As its ArtifactGenerator makes it."),
    Bucket: kind("source", source),
  },
  "source.extensions.fluxcd.io": {
    ArtifactGenerator: kind(
      "source",
      "`copy` with the strategy Overwrite; Merge and Extract are held.",
    ),
  },
  "fluxcd.controlplane.io": {
    ResourceSet: kind(
      "unbuiltBundle",
      "A bundle that is held: its templates are not filled in yet.",
    ),
    ResourceSetInputProvider: kind("machinery", "For ResourceSets."),
    FluxInstance: kind("machinery", "Flux beside us would fight over objects."),
    FluxReport: kind("machinery", "A report of Flux about itself."),
  },
  "notification.toolkit.fluxcd.io": {
    "*": kind("machinery", "Notifications are the hub's."),
  },
  "image.toolkit.fluxcd.io": {
    "*": kind("machinery", "Nothing writes to the fleet repo here."),
  },
  "infra.contrib.fluxcd.io": {
    Terraform: kind("machinery", "Needs its own controller and Flux."),
  },
  [wheelhouseGroup]: {
    "*": kind("machinery", "The fleet's own objects; they belong to no root."),
  },
};

/** Tells what an object is to the compiler, by its kind and, for Flux's own components, by its labels. */
export function roleOf(object: KubeObject): ObjectRole {
  const { group, kind } = gvkOf(object);
  const kinds = fluxKinds[group];
  const treatment = kinds?.[kind] ?? kinds?.["*"];
  if (treatment !== undefined) return treatment.role;
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
