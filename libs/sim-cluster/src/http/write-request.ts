import { type WriteRequest } from "../cluster-state.ts";
import { type JsonObject, objectAt, stringAt } from "../json.ts";
import { type DeleteRequest, type Propagation } from "../objects/delete.ts";
import { badRequest, invalid } from "../status-failure.ts";
import { type ApiRequest, flag } from "./api-request.ts";
import { parseObject } from "./request-body.ts";

/** How the query says that a write is meant. */
export function writeRequestOf(request: ApiRequest): WriteRequest {
  const { query, headers } = request;
  const userAgent = headers["user-agent"] ?? "";
  const validation = query.get("fieldValidation") ?? "Warn";
  if (!["Strict", "Warn", "Ignore"].includes(validation))
    throw badRequest(`invalid fieldValidation: ${validation}`);
  return {
    user: request.user,
    userAgent,
    fieldManager: query.get("fieldManager") ?? defaultManager(userAgent),
    dryRun: isDryRun(query.getAll("dryRun")),
    fieldValidation: validation as WriteRequest["fieldValidation"],
    warnings: [],
  };
}

/** A client that names no manager is named after its program. */
function defaultManager(userAgent: string): string {
  return (userAgent.split("/")[0] ?? "").slice(0, 128) || "unknown";
}

function isDryRun(values: readonly string[]): boolean {
  const wrong = values.find((value) => value !== "All");
  if (wrong !== undefined)
    throw invalid(
      { group: "meta.k8s.io", plural: "", kind: "PatchOptions" },
      "",
      [
        {
          kind: "unsupported",
          field: "dryRun",
          value: [wrong],
          detail: 'supported values: "All"',
        },
      ],
    );
  return values.length > 0;
}

const propagations = new Set(["Background", "Foreground", "Orphan"]);

/** How a delete is meant, by its body and its query. */
export function deleteRequestOf(request: ApiRequest): DeleteRequest {
  const options: JsonObject =
    request.body.trim() === "" ? {} : parseObject(request.body);
  const preconditions = objectAt(options, "preconditions");
  const policy =
    stringAt(options, "propagationPolicy") ||
    (request.query.get("propagationPolicy") ?? "");
  if (policy !== "" && !propagations.has(policy))
    throw badRequest(`invalid propagationPolicy: ${policy}`);
  const orphan =
    options["orphanDependents"] ?? request.query.get("orphanDependents");
  const base = writeRequestOf(request);
  const dryRun = options["dryRun"];
  return {
    ...base,
    dryRun: base.dryRun || (Array.isArray(dryRun) && dryRun.includes("All")),
    propagation:
      policy !== ""
        ? (policy as Propagation)
        : orphan === true || orphan === "true"
          ? "Orphan"
          : undefined,
    uid: stringAt(preconditions, "uid"),
    resourceVersion: stringAt(preconditions, "resourceVersion"),
  };
}

/** Whether an apply takes fields over from other managers. */
export function isForced(request: ApiRequest): boolean {
  return flag(request.query, "force");
}
