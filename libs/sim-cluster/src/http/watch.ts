import { type ClusterState } from "../cluster-state.ts";
import { toServedVersion } from "../events-version.ts";
import { type JsonObject, objectAt } from "../json.ts";
import { apiVersionOf, type Resource } from "../resource.ts";
import { type Selector } from "../selectors.ts";
import { StatusFailure } from "../status-failure.ts";
import { type Change } from "../store.ts";
import { eventLine, type WatchAnswer } from "./answer.ts";
import { flag } from "./api-request.ts";
import { selectorOf, tooLarge, unparsable } from "./list.ts";

/** A watch that asks for no end gets one after this time; clients start another. */
const defaultTimeoutMs = 45 * 60_000;

/** How an event's object is shown: as it is, as a table, or as metadata only. */
export type Shape = (object: JsonObject, isFirst: boolean) => JsonObject;

/** Answers a watch: what happened since its resourceVersion, then what happens. */
export function answerWatch(
  state: ClusterState,
  resource: Resource,
  namespace: string,
  name: string,
  query: URLSearchParams,
  shape: Shape,
): WatchAnswer {
  const stored = state.resources.ofStorage(resource.storage) ?? resource;
  const selector = selectorOf(stored, query);
  const wanted: Selector = (object) => {
    const metadata = objectAt(object, "metadata");
    if (namespace !== "" && metadata["namespace"] !== namespace) return false;
    if (name !== "" && metadata["name"] !== name) return false;
    return selector(object);
  };
  let first = true;
  const line = (type: string, object: JsonObject) => {
    const text = eventLine(
      type,
      shape(toServedVersion(resource, object), first),
    );
    first = false;
    return text;
  };
  const encode = (change: Change) => encodeChange(change, wanted, line);
  const start = startOf(state, resource, query, wanted, encode, line);
  const seconds = Number(query.get("timeoutSeconds") ?? 0);
  return {
    kind: "watch",
    resource: resource.storage,
    backlog: start.lines,
    closed: start.closed,
    encode,
    bookmark: flag(query, "allowWatchBookmarks")
      ? (revision) => bookmarkLine(resource, revision, {})
      : undefined,
    timeoutMs: seconds > 0 ? seconds * 1000 : defaultTimeoutMs,
  };
}

function bookmarkLine(
  resource: Resource,
  revision: number,
  annotations: JsonObject,
): string {
  const metadata: JsonObject = {
    resourceVersion: String(revision),
    creationTimestamp: null,
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
  return eventLine("BOOKMARK", {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata,
  });
}

/** An object that comes to fit a selector is added, one that no longer fits is deleted. */
function encodeChange(
  change: Change,
  wanted: Selector,
  line: (type: string, object: JsonObject) => string,
): string | undefined {
  const { type, object, previous } = change;
  const fits = type !== "DELETED" && wanted(object);
  const fitted = previous !== undefined && wanted(previous);
  if (fits) return line(fitted ? "MODIFIED" : "ADDED", object);
  if (!fitted) return undefined;
  if (type === "DELETED") return line("DELETED", object);
  // The last state that fitted, at the revision of the change that took it away.
  const metadata = objectAt(object, "metadata");
  const last: JsonObject = {
    ...previous,
    metadata: {
      ...objectAt(previous, "metadata"),
      resourceVersion: metadata["resourceVersion"] ?? "",
    },
  };
  return line("DELETED", last);
}

interface Start {
  readonly lines: readonly string[];
  readonly closed: boolean;
}

function startOf(
  state: ClusterState,
  resource: Resource,
  query: URLSearchParams,
  wanted: Selector,
  encode: (change: Change) => string | undefined,
  line: (type: string, object: JsonObject) => string,
): Start {
  const { store } = state;
  const asked = query.get("resourceVersion") ?? "";
  const initial = flag(query, "sendInitialEvents");
  if (initial || asked === "" || asked === "0") {
    if (query.get("sendInitialEvents") === "false")
      return { lines: [], closed: false };
    const lines = store
      .list(resource.storage)
      .filter(wanted)
      .map((object) => line("ADDED", object));
    return {
      lines: initial ? [...lines, endOfInitial(state, resource)] : lines,
      closed: false,
    };
  }
  const revision = Number(asked);
  if (Number.isNaN(revision))
    throw new StatusFailure(500, "", unparsable(asked));
  if (revision > store.revision) throw tooLarge(revision, store.revision);
  const changes = store.changesSince(resource.storage, revision);
  if (changes === undefined)
    return { lines: [expiredLine(revision, store.floor)], closed: true };
  return {
    lines: changes.flatMap((change) => encode(change) ?? []),
    closed: false,
  };
}

function endOfInitial(state: ClusterState, resource: Resource): string {
  return bookmarkLine(resource, state.store.revision, {
    "k8s.io/initial-events-end": "true",
  });
}

function expiredLine(revision: number, floor: number): string {
  const failure = new StatusFailure(
    410,
    "Expired",
    `too old resource version: ${revision} (${floor})`,
  );
  return eventLine("ERROR", failure.toStatus());
}
