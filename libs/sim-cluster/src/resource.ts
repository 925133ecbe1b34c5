import {
  facts,
  type ResourceFacts,
  type SubresourceFacts,
} from "./facts/facts.ts";
import { builtInSchema, type MapSchema } from "./facts/schema.ts";
import { type JsonObject } from "./json.ts";

/** A column of a custom resource's table. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority: number;
  readonly description: string;
}

/** What only a custom resource has. */
export interface CustomFacts {
  /** The structural schema as the definition gives it, for defaults and checks. */
  readonly openApi: JsonObject;
  readonly columns: readonly PrinterColumn[];
  /** JSON paths of the scale subresource, where there is one. */
  readonly scale:
    | {
        readonly spec: string;
        readonly status: string;
        readonly selector: string;
      }
    | undefined;
}

/** One served resource in one version. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly SubresourceFacts[];
  readonly schema: MapSchema;
  /** Name in the table of facts; undefined for a custom resource. */
  readonly type: string | undefined;
  readonly custom: CustomFacts | undefined;
  /** Where the store keeps it; two versions of one resource share it. */
  readonly storage: string;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(resource: Pick<Resource, "group" | "version">) {
  return resource.group === ""
    ? resource.version
    : `${resource.group}/${resource.version}`;
}

/** Whether a subresource is served. */
export function hasSubresource(resource: Resource, name: string): boolean {
  return resource.subresources.some((each) => each.name === name);
}

function fromFacts(each: ResourceFacts): Resource {
  const events = each.group === "events.k8s.io" && each.plural === "events";
  return {
    ...each,
    listKind: `${each.kind}List`,
    shortNames: each.shortNames ?? [],
    categories: each.categories ?? [],
    schema: builtInSchema(each.type),
    custom: undefined,
    storage: events ? "/events" : `${each.group}/${each.plural}`,
  };
}

/** Subresources that are not served: they need a kubelet, a token signer or an eviction budget. */
const unserved = new Set([
  "attach",
  "exec",
  "log",
  "portforward",
  "proxy",
  "ephemeralcontainers",
  "resize",
  "token",
  "binding",
  "approval",
  "eviction",
]);

const builtIns: readonly Resource[] = facts.resources.map((each) => {
  const resource = fromFacts(each);
  return {
    ...resource,
    subresources: resource.subresources.filter(
      (sub) => !unserved.has(sub.name),
    ),
  };
});

/** The resources that a cluster serves: the built-in ones, and those of its definitions. */
export class ResourceTable {
  readonly #byPath = new Map<string, Resource>();
  readonly #byStorage = new Map<string, Resource>();
  readonly #custom = new Map<string, readonly Resource[]>();
  /** Counts changes, so that what is derived from the table can be kept until the next one. */
  generation = 0;

  constructor() {
    for (const each of builtIns) this.#add(each);
  }

  /** The resource served under a group, version and plural. */
  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** Whether anything is served in a group and version. */
  serves(group: string, version: string): boolean {
    const prefix = `${group}/${version}/`;
    for (const path of this.#byPath.keys())
      if (path.startsWith(prefix)) return true;
    return false;
  }

  /** The resource that a storage key belongs to, in its storage version. */
  ofStorage(storage: string): Resource | undefined {
    return this.#byStorage.get(storage);
  }

  /** The resource of an apiVersion and kind, as owner references name it. */
  ofKind(apiVersion: string, kind: string): Resource | undefined {
    for (const each of this.#byPath.values())
      if (each.kind === kind && apiVersionOf(each) === apiVersion) return each;
    return undefined;
  }

  /** Every resource in every version, built-in ones first. */
  all(): Resource[] {
    return [...this.#byPath.values()];
  }

  /** Serves the versions of a definition, the storage version first, in place of what it served before. */
  define(definition: string, versions: readonly Resource[]): void {
    this.forget(definition);
    this.#custom.set(definition, versions);
    for (const each of versions) this.#add(each);
    this.generation += 1;
  }

  /** Stops serving what a definition served. */
  forget(definition: string): void {
    for (const each of this.#custom.get(definition) ?? []) {
      this.#byPath.delete(`${each.group}/${each.version}/${each.plural}`);
      this.#byStorage.delete(each.storage);
    }
    if (this.#custom.delete(definition)) this.generation += 1;
  }

  #add(resource: Resource): void {
    const { group, version, plural, storage } = resource;
    this.#byPath.set(`${group}/${version}/${plural}`, resource);
    if (!this.#byStorage.has(storage)) this.#byStorage.set(storage, resource);
  }
}
