import { type JsonObject } from "./json.ts";
import { type Resource } from "./resource.ts";

/** Names of one event's fields in the core version, and in events.k8s.io. */
const renamed = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["reportingComponent", "reportingController"],
] as const;

/** An object as a version of its resource shows it; stored objects are never changed. */
export function toServedVersion(
  resource: Resource,
  object: JsonObject,
): JsonObject {
  const apiVersion =
    resource.group === ""
      ? resource.version
      : `${resource.group}/${resource.version}`;
  if (object["apiVersion"] === apiVersion) return object;
  const made: JsonObject = { ...object, apiVersion };
  if (resource.group === "events.k8s.io") rename(made, 0, 1);
  return made;
}

/** An object as the store keeps it. */
export function toStoredVersion(
  resource: Resource,
  stored: Resource,
  object: JsonObject,
): JsonObject {
  if (resource === stored) return object;
  const apiVersion =
    stored.group === "" ? stored.version : `${stored.group}/${stored.version}`;
  const made: JsonObject = { ...object, apiVersion };
  if (resource.group === "events.k8s.io") rename(made, 1, 0);
  return made;
}

function rename(object: JsonObject, from: 0 | 1, to: 0 | 1): void {
  for (const names of renamed) {
    const value = object[names[from]];
    if (value === undefined) continue;
    delete object[names[from]];
    object[names[to]] = value;
  }
}
