import { facts } from "../facts/facts.ts";
import { type JsonObject } from "../json.ts";
import { type Resource, type ResourceTable } from "../resource.ts";

/** What `/version` says: the version of the server that the facts come from. */
export function versionObject(): JsonObject {
  const [, major = "", minor = ""] = /^v(\d+)\.(\d+)/.exec(facts.version) ?? [];
  return {
    major,
    minor,
    gitVersion: facts.version,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "",
    compiler: "gc",
    platform: "linux/amd64",
  };
}

interface Group {
  readonly name: string;
  readonly versions: readonly string[];
}

/** Groups in the order in which they are served, "" first. */
function groupsOf(table: ResourceTable): Group[] {
  const groups = new Map<string, string[]>();
  for (const { group, version } of table.all()) {
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) versions.push(version);
    groups.set(group, versions);
  }
  return [...groups].map(([name, versions]) => ({
    name,
    versions: versions.sort(compareVersions),
  }));
}

/** v2 before v1, released before beta before alpha. */
function compareVersions(a: string, b: string): number {
  const rank = (version: string) => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (match === null) return [0, 0, 0];
    const stage = match[2] === undefined ? 3 : match[2] === "beta" ? 2 : 1;
    return [stage, Number(match[1]), Number(match[3] ?? 0)];
  };
  const left = rank(a);
  const right = rank(b);
  const index = left.findIndex((each, at) => each !== right[at]);
  return index < 0 ? 0 : (right[index] ?? 0) - (left[index] ?? 0);
}

const nameVersion = (group: string, version: string) =>
  group === "" ? version : `${group}/${version}`;

function groupObject({ name, versions }: Group): JsonObject {
  const listed = versions.map((version) => ({
    groupVersion: nameVersion(name, version),
    version,
  }));
  return { name, versions: listed, preferredVersion: listed[0] ?? {} };
}

/** `/apis`. */
export function groupList(table: ResourceTable): JsonObject {
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groupsOf(table)
      .filter(({ name }) => name !== "")
      .map(groupObject),
  };
}

/** `/apis/<group>`, or undefined where nothing serves it. */
export function groupNamed(
  table: ResourceTable,
  name: string,
): JsonObject | undefined {
  const group = groupsOf(table).find((each) => each.name === name);
  if (group === undefined) return undefined;
  return { kind: "APIGroup", apiVersion: "v1", ...groupObject(group) };
}

/** `/api`. */
export function coreVersions(): JsonObject {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [],
  };
}

/** `/apis/<group>/<version>`, or undefined where nothing serves it. */
export function resourceList(
  table: ResourceTable,
  group: string,
  version: string,
): JsonObject | undefined {
  const resources = table
    .all()
    .filter((each) => each.group === group && each.version === version);
  if (resources.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: nameVersion(group, version),
    resources: resources.flatMap(listedResources),
  };
}

function listedResources(resource: Resource): JsonObject[] {
  const own: JsonObject = {
    name: resource.plural,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: [...resource.verbs],
    ...(resource.shortNames.length > 0
      ? { shortNames: [...resource.shortNames] }
      : {}),
    ...(resource.categories.length > 0
      ? { categories: [...resource.categories] }
      : {}),
  };
  const subresources = resource.subresources.map((sub) => ({
    name: `${resource.plural}/${sub.name}`,
    singularName: "",
    namespaced: resource.namespaced,
    ...(sub.group === undefined ? {} : { group: sub.group }),
    ...(sub.version === undefined ? {} : { version: sub.version }),
    kind: sub.kind,
    verbs: [...sub.verbs],
  }));
  return [own, ...subresources];
}

/** Aggregated discovery: everything of `/api` or of `/apis` in one answer. */
export function aggregated(table: ResourceTable, core: boolean): JsonObject {
  const groups = groupsOf(table).filter(({ name }) => (name === "") === core);
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: { ...(name === "" ? {} : { name }), creationTimestamp: null },
      versions: versions.map((version) => ({
        version,
        resources: table
          .all()
          .filter((each) => each.group === name && each.version === version)
          .map(aggregatedResource),
        freshness: "Current",
      })),
    })),
  };
}

const kindObject = (group: string, version: string, kind: string) => ({
  group,
  version,
  kind,
});

function aggregatedResource(resource: Resource): JsonObject {
  const { group, version, kind } = resource;
  return {
    resource: resource.plural,
    responseKind: kindObject(group, version, kind),
    scope: resource.namespaced ? "Namespaced" : "Cluster",
    singularResource: resource.singular,
    verbs: [...resource.verbs],
    ...(resource.shortNames.length > 0
      ? { shortNames: [...resource.shortNames] }
      : {}),
    ...(resource.categories.length > 0
      ? { categories: [...resource.categories] }
      : {}),
    ...(resource.subresources.length === 0
      ? {}
      : {
          subresources: resource.subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: kindObject(
              sub.group ?? group,
              sub.version ?? version,
              sub.kind,
            ),
            verbs: [...sub.verbs],
          })),
        }),
  };
}
