import { isJsonObject } from "./json.ts";
import { type KubeObject, type ObjectId } from "./object-id.ts";

/** The group of the annotations by which Flux is told how to treat an object, such as `…/prune`. */
export const fluxAnnotationGroup = "kustomize.toolkit.fluxcd.io";

/** The group of every name that Wheelhouse puts on an object. */
export const wheelhouseGroup = "fleet.wheelhouse.dev";

/** Label that selects what a fleet's spoke owns, for watches. Its value is the fleet's name. */
export const fleetLabel = "fleet.wheelhouse.dev/fleet";

/** Annotation that says whose an object is: `<fleet>/<kind>/<namespace>/<name>` of its bundle. */
export const ownerAnnotation = "fleet.wheelhouse.dev/owner";

/** Annotation on a bundle that permits taking fields over from Flux's and kubectl's managers. */
export const adoptAnnotation = "fleet.wheelhouse.dev/adopt";

/** The field manager of everything that a spoke applies. */
export const fieldManager = "wheelhouse";

/** The namespace that holds a spoke and all of its durable state. */
export const spokeNamespace = "wheelhouse-system";

/** The owner annotation's value for a bundle of a fleet. */
export function ownerOf(fleet: string, bundle: string): string {
  return `${fleet}/${bundle}`;
}

/** The owner annotation of an object, or undefined where it has none. */
export function readOwner(object: KubeObject): string | undefined {
  const { annotations } = object.metadata;
  const owner = isJsonObject(annotations)
    ? annotations[ownerAnnotation]
    : undefined;
  return typeof owner === "string" ? owner : undefined;
}

/** Whether an object is the spoke's own durable state, or the namespace that it lies in: no bundle may touch either. */
export function isSpokeState(id: ObjectId): boolean {
  if (id.group !== "") return false;
  if (id.kind === "Namespace") return id.name === spokeNamespace;
  return (
    id.namespace === spokeNamespace &&
    (id.kind === "Secret" || id.kind === "ConfigMap") &&
    id.name.startsWith("wheelhouse-")
  );
}
