import { cloneJson, type JsonObject, objectAt, stringAt } from "../json.ts";
import { type Change } from "../store.ts";
import { objectKey } from "../store.ts";
import { ownersOf } from "./owner-index.ts";

/** The reference by which a controller's object is its. */
export function controllerReference(owner: JsonObject): JsonObject {
  const metadata = objectAt(owner, "metadata");
  return {
    apiVersion: stringAt(owner, "apiVersion"),
    kind: stringAt(owner, "kind"),
    name: stringAt(metadata, "name"),
    uid: stringAt(metadata, "uid"),
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Keys of the owners of a kind, for controllers that look again when a dependent changes. */
export function ownersOfKind(
  kind: string,
): (change: Change) => readonly string[] {
  return ({ object }) => {
    const namespace = stringAt(objectAt(object, "metadata"), "namespace");
    return ownersOf(object)
      .filter((owner) => owner["kind"] === kind)
      .map((owner) => objectKey(namespace, stringAt(owner, "name")));
  };
}

/** A pod from a template, controlled by an owner. */
export function podFrom(
  owner: JsonObject,
  template: JsonObject,
  identity: { readonly name?: string; readonly labels?: JsonObject },
): JsonObject {
  const metadata = objectAt(template, "metadata");
  const ownerName = stringAt(objectAt(owner, "metadata"), "name");
  return cloneJson({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...(identity.name === undefined
        ? { generateName: `${ownerName}-` }
        : { name: identity.name }),
      labels: { ...objectAt(metadata, "labels"), ...identity.labels },
      ...(metadata["annotations"] === undefined
        ? {}
        : { annotations: metadata["annotations"] }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: objectAt(template, "spec"),
  });
}

/** Whether an object is on its way out. */
export function isDeleting(object: JsonObject): boolean {
  return objectAt(object, "metadata")["deletionTimestamp"] !== undefined;
}

/** The namespace of an object. */
export function namespaceOf(object: JsonObject): string {
  return stringAt(objectAt(object, "metadata"), "namespace");
}
