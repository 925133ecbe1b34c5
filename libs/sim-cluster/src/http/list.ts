import { type ClusterState } from "../cluster-state.ts";
import { toServedVersion } from "../events-version.ts";
import { type JsonObject } from "../json.ts";
import { apiVersionOf, type Resource } from "../resource.ts";
import {
  everything,
  parseFieldSelector,
  parseLabelSelector,
  type Selector,
} from "../selectors.ts";
import { badRequest, StatusFailure } from "../status-failure.ts";
import { keyOf } from "../store.ts";

/** A page of a collection. */
export interface Page {
  readonly items: readonly JsonObject[];
  readonly metadata: JsonObject;
}

/** The objects that a request's selectors select. */
export function selectorOf(stored: Resource, query: URLSearchParams): Selector {
  const labels = parseLabelSelector(query.get("labelSelector") ?? "");
  const fieldText = query.get("fieldSelector") ?? "";
  const fields =
    fieldText === "" ? everything : parseFieldSelector(stored, fieldText);
  return (object) => labels(object) && fields(object);
}

interface ContinueToken {
  readonly revision: number;
  readonly after: string;
}

/** One page of a list, from the revision that the first page was read at. */
export function listPage(
  state: ClusterState,
  resource: Resource,
  namespace: string,
  query: URLSearchParams,
): Page {
  const stored = state.resources.ofStorage(resource.storage) ?? resource;
  const selector = selectorOf(stored, query);
  const token = parseToken(query.get("continue") ?? "");
  const revision = token?.revision ?? wantedRevision(state, query);
  const all = objectsAt(state, resource, namespace, revision);
  const from = token === undefined ? 0 : firstAfter(all, token.after);
  const selected = all.slice(from).filter(selector);
  const limit = Number(query.get("limit") ?? 0);
  const items = limit > 0 ? selected.slice(0, limit) : selected;
  return {
    items: items.map((each) => toServedVersion(resource, each)),
    metadata: pageMetadata(revision, items, selected.length, query),
  };
}

function pageMetadata(
  revision: number,
  items: readonly JsonObject[],
  total: number,
  query: URLSearchParams,
): JsonObject {
  const rest = total - items.length;
  const last = items.at(-1);
  if (rest === 0 || last === undefined)
    return { resourceVersion: String(revision) };
  const isWhole = !query.get("labelSelector") && !query.get("fieldSelector");
  return {
    resourceVersion: String(revision),
    continue: encodeToken({ revision, after: keyOf(last) }),
    ...(isWhole ? { remainingItemCount: rest } : {}),
  };
}

function firstAfter(all: readonly JsonObject[], key: string): number {
  const index = all.findIndex((each) => keyOf(each) > key);
  return index < 0 ? all.length : index;
}

/** The collection as it was at a revision: now, with later changes taken back. */
function objectsAt(
  state: ClusterState,
  resource: Resource,
  namespace: string,
  revision: number,
): JsonObject[] {
  const now = state.store.list(resource.storage, namespace);
  if (revision === state.store.revision) return now;
  const changes = state.store.changesSince(resource.storage, revision);
  if (changes === undefined) throw expiredContinue();
  if (changes.length === 0) return now;
  const byKey = new Map(now.map((each) => [keyOf(each), each]));
  for (const change of changes.reverse()) {
    const key = keyOf(change.object);
    if (change.previous === undefined) byKey.delete(key);
    else byKey.set(key, change.previous);
  }
  return [...byKey]
    .filter(([key]) => namespace === "" || key.startsWith(`${namespace}/`))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, object]) => object);
}

function wantedRevision(state: ClusterState, query: URLSearchParams): number {
  const { revision } = state.store;
  const asked = Number(query.get("resourceVersion") ?? 0);
  if (Number.isNaN(asked))
    throw badRequest(
      `invalid resource version: ${unparsable(query.get("resourceVersion") ?? "")}`,
    );
  if (asked > revision) throw tooLarge(asked, revision);
  return query.get("resourceVersionMatch") === "Exact" ? asked : revision;
}

/** How the server refuses a resourceVersion that is no number. */
export function unparsable(text: string): string {
  const quoted = JSON.stringify(text);
  return `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`;
}

/** 504 for a revision that is not there yet. */
export function tooLarge(asked: number, revision: number): StatusFailure {
  return new StatusFailure(
    504,
    "Timeout",
    `Timeout: Too large resource version: ${asked}, current: ${revision}`,
    {
      causes: [
        {
          reason: "ResourceVersionTooLarge",
          message: "Too large resource version",
        },
      ],
      retryAfterSeconds: 1,
    },
  );
}

function expiredContinue(): StatusFailure {
  return new StatusFailure(
    410,
    "Expired",
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
  );
}

function encodeToken(token: ContinueToken): string {
  return Buffer.from(JSON.stringify(token)).toString("base64url");
}

function parseToken(text: string): ContinueToken | undefined {
  if (text === "") return undefined;
  try {
    const value = JSON.parse(
      Buffer.from(text, "base64url").toString(),
    ) as Partial<ContinueToken>;
    if (typeof value.revision === "number" && typeof value.after === "string")
      return { revision: value.revision, after: value.after };
  } catch {
    throw badRequest("continue key is not valid");
  }
  throw badRequest("continue key is not valid");
}

/** A list object; items of built-in kinds do not repeat their kind. */
export function listObject(resource: Resource, page: Page): JsonObject {
  const items =
    resource.custom === undefined
      ? page.items.map(
          ({ apiVersion: _a, kind: _k, ...rest }) => rest as JsonObject,
        )
      : [...page.items];
  return {
    kind: resource.listKind,
    apiVersion: apiVersionOf(resource),
    metadata: page.metadata,
    items,
  };
}
