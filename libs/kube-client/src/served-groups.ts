import { type ServedKind } from "@wheelhouse/kube-apply";
import {
  type Json,
  type JsonObject,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";

/** One version of a group. */
export interface ServedVersion {
  readonly version: string;
  /** Where this is false the server could not ask who serves the version: what is missing may still be there. */
  readonly isFresh: boolean;
  readonly kinds: ReadonlyMap<string, ServedKind>;
}

/** Everything that a server serves: versions by group, the preferred first. */
export type ServedGroups = ReadonlyMap<string, readonly ServedVersion[]>;

/** Reads aggregated discovery: the answers of `/api` and `/apis` as an APIGroupDiscoveryList. */
export function readAggregated(lists: readonly Json[]): ServedGroups {
  const groups = new Map<string, readonly ServedVersion[]>();
  for (const item of lists.flatMap((list) => objectsIn(list, "items"))) {
    const { metadata } = item;
    const group = isJsonObject(metadata) ? textIn(metadata, "name") : "";
    const versions = objectsIn(item, "versions").map((version) =>
      readVersion(group, version),
    );
    groups.set(group, versions);
  }
  return groups;
}

function readVersion(group: string, item: JsonObject): ServedVersion {
  const version = textIn(item, "version");
  const kinds = new Map<string, ServedKind>();
  for (const resource of objectsIn(item, "resources")) {
    const { responseKind } = resource;
    if (!isJsonObject(responseKind)) continue;
    const kind = textIn(responseKind, "kind");
    kinds.set(kind, {
      gvk: {
        group: textIn(responseKind, "group") || group,
        version: textIn(responseKind, "version") || version,
        kind,
      },
      resource: textIn(resource, "resource"),
      namespaced: textIn(resource, "scope") === "Namespaced",
    });
  }
  return { version, isFresh: item["freshness"] !== "Stale", kinds };
}

/** Reads the older form: one APIResourceList for a group and version. */
export function readResourceList(
  group: string,
  version: string,
  list: Json,
): ServedVersion {
  const kinds = new Map<string, ServedKind>();
  for (const resource of objectsIn(list, "resources")) {
    const name = textIn(resource, "name");
    // `deployments/scale` and its like are no objects of their own.
    if (name.includes("/")) continue;
    const kind = textIn(resource, "kind");
    const namespaced = resource["namespaced"] === true;
    kinds.set(kind, {
      gvk: { group, version, kind },
      resource: name,
      namespaced,
    });
  }
  return { version, isFresh: true, kinds };
}

/** The group and its versions, the preferred first, of every entry of an APIGroupList. */
export function readGroupList(
  list: Json,
): readonly { readonly group: string; readonly versions: readonly string[] }[] {
  return objectsIn(list, "groups").map((item) => {
    const preferred = item["preferredVersion"];
    const first = isJsonObject(preferred) ? textIn(preferred, "version") : "";
    const versions = objectsIn(item, "versions")
      .map((version) => textIn(version, "version"))
      .filter((version) => version !== first);
    return {
      group: textIn(item, "name"),
      versions: first === "" ? versions : [first, ...versions],
    };
  });
}

function objectsIn(value: Json, name: string): readonly JsonObject[] {
  const list = isJsonObject(value) ? value[name] : undefined;
  return isJsonList(list) ? list.filter(isJsonObject) : [];
}

function textIn(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === "string" ? value : "";
}
