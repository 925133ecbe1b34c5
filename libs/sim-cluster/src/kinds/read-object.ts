import { type WriteRequest } from "../cluster-state.ts";
import { defaultCustom } from "../custom/structural.ts";
import { pruneCustom } from "../custom/prune-custom.ts";
import { validateCustom } from "../custom/validate-custom.ts";
import { type JsonObject } from "../json.ts";
import { apiVersionOf, type Resource } from "../resource.ts";
import { badRequest, type FieldProblem } from "../status-failure.ts";
import { applyDefaults } from "./defaults.ts";
import { normalizeObject, type Normalized } from "./normalize.ts";
import { validateCreate, validateUpdate } from "./validation.ts";

/** Reads what a client sent into its kind: checked, undeclared fields dropped or refused, defaults filled in. */
export function readObject(
  resource: Resource,
  body: JsonObject,
  request: Pick<WriteRequest, "fieldValidation" | "warnings">,
): JsonObject {
  const { value, unknown, mismatch } = readShape(resource, body);
  if (mismatch !== undefined)
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${mismatch}`,
    );
  reportUnknown(resource, unknown, request);
  fillDefaults(resource, value);
  return value;
}

/** Reads a body into its kind, without defaults. */
export function readShape(resource: Resource, body: JsonObject): Normalized {
  return resource.custom === undefined
    ? normalizeObject(resource.schema, body)
    : pruneCustom(resource.schema, body);
}

function reportUnknown(
  resource: Resource,
  unknown: readonly string[],
  request: Pick<WriteRequest, "fieldValidation" | "warnings">,
): void {
  if (unknown.length === 0 || request.fieldValidation === "Ignore") return;
  const texts = unknown.map((path) => `unknown field "${path}"`);
  if (request.fieldValidation === "Strict")
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: strict decoding error: ${texts.join(", ")}`,
    );
  request.warnings.push(...texts);
}

/** Fills in place what the server fills in. */
export function fillDefaults(resource: Resource, value: JsonObject): void {
  if (resource.custom !== undefined)
    defaultCustom(resource.custom.openApi, value);
  else applyDefaults(resource.type ?? "", value);
}

/** The object that Go would start from: identity and zero structs only. */
export function emptyObject(resource: Resource): JsonObject {
  const bare = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  if (resource.custom !== undefined) return { ...bare, metadata: {} };
  return normalizeObject(resource.schema, bare).value;
}

/** What is wrong with an object, as new or as the next state of a live one. */
export function findProblems(
  resource: Resource,
  next: JsonObject,
  live: JsonObject | undefined,
): FieldProblem[] {
  const own =
    resource.custom === undefined
      ? []
      : validateCustom(resource.custom.openApi, next);
  const general =
    live === undefined
      ? validateCreate(resource, next)
      : validateUpdate(resource, next, live);
  return [...general, ...own];
}
