import { printTime } from "../print-time.ts";
import { customSchema } from "../custom/structural.ts";
import {
  isObject,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { type PrinterColumn, type Resource } from "../resource.ts";
import { type Change, objectKey } from "../store.ts";
import { type Controller, type ControllerContext } from "./controller.ts";

const storage = "apiextensions.k8s.io/customresourcedefinitions";
const cleanup = "customresourcecleanup.apiextensions.k8s.io";
/** A definition is served this long after its names were accepted. */
const establishMs = 20;
const customVerbs = [
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "create",
  "update",
  "watch",
];

/** Serves what definitions define, and takes their objects away with them. */
export function createDefinitionController(): Controller {
  /** When each new definition may be established. */
  const due = new Map<string, number>();
  return {
    name: "crd",
    resource: storage,
    // The last of its objects to go lets a deleted definition go too.
    also: { "*": definitionOf },
    reconcile(context, key) {
      const definition = context.get(storage, key);
      const name = key.slice(1);
      if (definition === undefined) {
        context.state.resources.forget(name);
        due.delete(key);
        return undefined;
      }
      if (objectAt(definition, "metadata")["deletionTimestamp"] !== undefined)
        return finalize(context, name, definition);
      if (isEstablished(definition)) {
        due.delete(key);
        serve(context, name, definition);
        return undefined;
      }
      const now = context.state.clock.nowMs();
      const at = due.get(key) ?? now + establishMs;
      due.set(key, at);
      if (at > now) return at - now;
      return establish(context, definition);
    },
  };
}

function definitionOf({ resource, type }: Change): readonly string[] {
  const [group, plural] = resource.split("/");
  return type === "DELETED" && group?.includes(".") === true
    ? [objectKey("", `${plural}.${group}`)]
    : [];
}

function finalize(
  context: ControllerContext,
  name: string,
  definition: JsonObject,
): undefined {
  const { state } = context;
  const spec = objectAt(definition, "spec");
  const collection = `${stringAt(spec, "group")}/${stringAt(objectAt(spec, "names"), "plural")}`;
  const left = state.store.list(collection);
  for (const object of left)
    if (objectAt(object, "metadata")["deletionTimestamp"] === undefined)
      context.delete(collection, object);
  if (state.store.list(collection).length > 0) return;
  state.resources.forget(name);
  context.update(storage, definition, (copy) => {
    const metadata = objectAt(copy, "metadata");
    metadata["finalizers"] = listAt(metadata, "finalizers").filter(
      (each) => each !== cleanup,
    );
  });
}

function serve(
  context: ControllerContext,
  name: string,
  definition: JsonObject,
): void {
  const spec = objectAt(definition, "spec");
  const versions = listAt(spec, "versions")
    .filter(isObject)
    .filter((each) => each["served"] === true)
    // The storage version first: the store keeps objects in it.
    .sort(
      (a, b) => Number(b["storage"] === true) - Number(a["storage"] === true),
    );
  const served = versions.map((version) => resourceOf(spec, version));
  const before = context.state.resources
    .all()
    .filter((each) => each.storage === served[0]?.storage);
  const same =
    before.length === served.length &&
    before.every(
      (each, index) =>
        JSON.stringify(each.custom?.openApi) ===
          JSON.stringify(served[index]?.custom?.openApi) &&
        each.version === served[index]?.version,
    );
  if (!same) context.state.resources.define(name, served);
}

function resourceOf(spec: JsonObject, version: JsonObject): Resource {
  const names = objectAt(spec, "names");
  const openApi = objectAt(objectAt(version, "schema"), "openAPIV3Schema");
  const kind = stringAt(names, "kind");
  const group = stringAt(spec, "group");
  const plural = stringAt(names, "plural");
  const subresources = objectAt(version, "subresources");
  return {
    group,
    version: stringAt(version, "name"),
    kind,
    listKind: stringAt(names, "listKind") || `${kind}List`,
    plural,
    singular: stringAt(names, "singular") || kind.toLowerCase(),
    namespaced: spec["scope"] === "Namespaced",
    shortNames: listAt(names, "shortNames").map(String),
    categories: listAt(names, "categories").map(String),
    verbs: customVerbs,
    subresources: [
      ...(isObject(subresources["status"])
        ? [{ name: "status", kind, verbs: ["get", "patch", "update"] }]
        : []),
      ...(isObject(subresources["scale"])
        ? [
            {
              name: "scale",
              kind: "Scale",
              group: "autoscaling",
              version: "v1",
              verbs: ["get", "patch", "update"],
            },
          ]
        : []),
    ],
    schema: customSchema(openApi, `${group}.${kind}`),
    type: undefined,
    custom: {
      openApi,
      columns: listAt(version, "additionalPrinterColumns")
        .filter(isObject)
        .map(columnOf),
      scale: scaleOf(subresources),
    },
    storage: `${group}/${plural}`,
  };
}

function columnOf(column: JsonObject): PrinterColumn {
  return {
    name: stringAt(column, "name"),
    type: stringAt(column, "type"),
    jsonPath: stringAt(column, "jsonPath"),
    priority: numberAt(column, "priority", 0),
    description: stringAt(column, "description"),
  };
}

function scaleOf(subresources: JsonObject) {
  const scale = subresources["scale"];
  if (!isObject(scale)) return undefined;
  return {
    spec: stringAt(scale, "specReplicasPath"),
    status: stringAt(scale, "statusReplicasPath"),
    selector: stringAt(scale, "labelSelectorPath"),
  };
}

function establish(
  context: ControllerContext,
  definition: JsonObject,
): undefined {
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: "True",
    lastTransitionTime: printTime(context.state.clock.nowMs()),
    reason,
    message,
  });
  context.setStatus(storage, definition, {
    ...objectAt(definition, "status"),
    acceptedNames: objectAt(objectAt(definition, "spec"), "names"),
    conditions: [
      condition("NamesAccepted", "NoConflicts", "no conflicts found"),
      condition(
        "Established",
        "InitialNamesAccepted",
        "the initial names have been accepted",
      ),
    ],
  });
}

/** Whether a definition is established and served. */
function isEstablished(definition: JsonObject): boolean {
  return listAt(objectAt(definition, "status"), "conditions")
    .filter(isObject)
    .some(
      (each) => each["type"] === "Established" && each["status"] === "True",
    );
}
