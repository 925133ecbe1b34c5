import {
  cloneJson,
  ensureObject,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { type Resource } from "../resource.ts";

const metadataKeys = [
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "creationTimestamp",
];

/** The scale of a workload, as its subresource shows it. */
export function toScale(resource: Resource, object: JsonObject): JsonObject {
  const metadata = objectAt(object, "metadata");
  const paths = scalePaths(resource);
  const selector = printSelector(resource, object);
  const replicas = readPath(object, paths.spec);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: Object.fromEntries(
      metadataKeys.flatMap((key) => {
        const value = metadata[key];
        return value === undefined ? [] : [[key, value] as const];
      }),
    ),
    spec: typeof replicas === "number" && replicas !== 0 ? { replicas } : {},
    status: {
      replicas: asNumber(readPath(object, paths.status)),
      ...(selector === "" ? {} : { selector }),
    },
  };
}

const asNumber = (value: Json | undefined) =>
  typeof value === "number" ? value : 0;

function scalePaths(resource: Resource) {
  return (
    resource.custom?.scale ?? {
      spec: ".spec.replicas",
      status: ".status.replicas",
      selector: "",
    }
  );
}

function printSelector(resource: Resource, object: JsonObject): string {
  const path = resource.custom?.scale?.selector ?? "";
  if (path !== "") return String(readPath(object, path) ?? "");
  const selector = objectAt(objectAt(object, "spec"), "selector");
  const exact = Object.entries(objectAt(selector, "matchLabels"))
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort();
  const expressions = listAt(selector, "matchExpressions")
    .filter(isObject)
    .map(printExpression);
  return [...exact, ...expressions].join(",");
}

function printExpression(expression: JsonObject): string {
  const key = stringAt(expression, "key");
  const values = listAt(expression, "values").map(String).sort().join(",");
  switch (stringAt(expression, "operator")) {
    case "In":
      return `${key} in (${values})`;
    case "NotIn":
      return `${key} notin (${values})`;
    case "Exists":
      return key;
    default:
      return `!${key}`;
  }
}

function readPath(object: JsonObject, path: string): Json | undefined {
  let at: Json | undefined = object;
  for (const part of path.split(".").filter((each) => each !== ""))
    at = isObject(at) ? at[part] : undefined;
  return at;
}

/** The workload with the replicas of a scale. */
export function withScale(
  resource: Resource,
  object: JsonObject,
  scale: JsonObject,
): JsonObject {
  const made = cloneJson(object);
  const parts = scalePaths(resource)
    .spec.split(".")
    .filter((each) => each !== "");
  let at = made;
  for (const part of parts.slice(0, -1)) at = ensureObject(at, part);
  at[parts.at(-1) ?? "replicas"] = numberAt(
    objectAt(scale, "spec"),
    "replicas",
    0,
  );
  const version = stringAt(objectAt(scale, "metadata"), "resourceVersion");
  if (version !== "")
    ensureObject(made, "metadata")["resourceVersion"] = version;
  return made;
}
