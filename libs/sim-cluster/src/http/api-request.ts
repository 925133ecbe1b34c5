import { type IncomingHttpHeaders } from "node:http";

/** What a path of the API names. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  /** "" for cluster-wide resources and for all namespaces. */
  readonly namespace: string;
  readonly plural: string;
  /** "" for the collection. */
  readonly name: string;
  /** "" for the object itself. */
  readonly subresource: string;
}

/** One HTTP request, read and authenticated. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly user: string;
  readonly impersonator: string | undefined;
}

/** The resource that a path names, or undefined for every other path. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const [root, ...rest] = parts;
  if (root === "api") return resourceParts("", rest);
  if (root === "apis" && rest.length > 1)
    return resourceParts(rest[0] ?? "", rest.slice(1));
  return undefined;
}

/** Below a namespace, these are the namespace's own. */
const namespaceSubresources = new Set(["status", "finalize"]);

function resourceParts(
  group: string,
  [version = "", ...rest]: readonly string[],
): ResourcePath | undefined {
  if (rest.length === 0) return undefined;
  const [first, second, third] = rest;
  const scoped =
    first === "namespaces" &&
    second !== undefined &&
    third !== undefined &&
    !(group === "" && rest.length === 3 && namespaceSubresources.has(third));
  const namespace = scoped ? second : "";
  const [plural = "", name = "", subresource = "", ...extra] = scoped
    ? rest.slice(2)
    : rest;
  if (extra.length > 0) return undefined;
  return { group, version, namespace, plural, name, subresource };
}

/** A flag of the query: `true` or `1`. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value === "true" || value === "1";
}
