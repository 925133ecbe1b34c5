import { listAt, objectAt, stringAt } from "../json.ts";
import { type Change, objectKey } from "../store.ts";
import { type Controller, type ControllerContext } from "./controller.ts";

/** Empties namespaces that are deleted, then lets them go; gives each namespace its root certificates. */
export const namespaceController: Controller = {
  name: "namespace",
  resource: "/namespaces",
  also: {
    "*": ({ type, object }: Change) => {
      const namespace = stringAt(objectAt(object, "metadata"), "namespace");
      return type === "DELETED" && namespace !== ""
        ? [objectKey("", namespace)]
        : [];
    },
  },
  reconcile(context, key) {
    const namespace = context.get("/namespaces", key);
    if (namespace === undefined) return undefined;
    const metadata = objectAt(namespace, "metadata");
    const name = stringAt(metadata, "name");
    if (metadata["deletionTimestamp"] === undefined) return undefined;
    if (!empty(context, name)) return undefined;
    if (listAt(objectAt(namespace, "spec"), "finalizers").length === 0)
      return undefined;
    context.update(
      "/namespaces",
      namespace,
      (copy) => {
        objectAt(copy, "spec")["finalizers"] = [];
      },
      "finalize",
    );
    return undefined;
  },
};

/** Deletes everything in a namespace; true when nothing is left. */
function empty(context: ControllerContext, name: string): boolean {
  const { state } = context;
  let left = 0;
  for (const resource of state.resources.all()) {
    if (!resource.namespaced) continue;
    if (state.resources.ofStorage(resource.storage) !== resource) continue;
    for (const object of state.store.list(resource.storage, name))
      if (objectAt(object, "metadata")["deletionTimestamp"] === undefined)
        context.delete(resource.storage, object);
    left += state.store.list(resource.storage, name).length;
  }
  return left === 0;
}
