/** What a request to an API server asks for, in the audit log's words. */
export type ApiVerb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection"
  /** A path that is no resource, such as `/apis`. */
  | "discovery";

/** One request to an API server, read from its method and address. */
export interface ApiCall {
  readonly verb: ApiVerb;
  readonly group: string;
  /** Plural; empty for a path that is no resource. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly isDryRun: boolean;
  readonly isForced: boolean;
  /** The path with its query. */
  readonly path: string;
}

/** Reads a request's method and address, query included. */
export function parseApiCall(method: string, path: string): ApiCall {
  const url = new URL(path, "http://localhost");
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const isCore = parts[0] === "api";
  const rest = parts.slice(isCore ? 2 : 3);
  const isResource = (isCore || parts[0] === "apis") && rest.length > 0;
  const isInNamespace = rest[0] === "namespaces" && rest.length > 2;
  const [resource = "", name = ""] = isInNamespace ? rest.slice(2) : rest;
  return {
    verb: isResource ? verbOf(method, name, url.searchParams) : "discovery",
    group: isResource && !isCore ? (parts[1] ?? "") : "",
    resource: isResource ? resource : "",
    namespace: isInNamespace ? (rest[1] ?? "") : "",
    name,
    isDryRun: url.searchParams.has("dryRun"),
    isForced: url.searchParams.get("force") === "true",
    path,
  };
}

function verbOf(method: string, name: string, query: URLSearchParams): ApiVerb {
  switch (method) {
    case "GET":
      if (query.get("watch") === "true") return "watch";
      return name === "" ? "list" : "get";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === "" ? "deletecollection" : "delete";
    default:
      return "discovery";
  }
}
