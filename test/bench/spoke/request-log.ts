import { type AuditEvent } from "@wheelhouse/control-plane";

/** What a request of the spoke is for. */
export type RequestPurpose =
  "dry run" | "apply" | "inventory" | "assignment" | "read" | "event";

/** One request of the spoke; times in milliseconds by the wall clock. */
export interface SpokeRequest {
  readonly purpose: RequestPurpose;
  readonly beganMs: number;
  readonly endedMs: number;
}

/** The requests of the spoke in a time, watches left out: they are open all the time. */
export function requestsBetween(
  events: readonly AuditEvent[],
  fromMs: number,
  toMs: number,
): readonly SpokeRequest[] {
  return events
    .filter(({ user, verb }) => user.username === "spoke" && verb !== "watch")
    .map((event) => ({
      purpose: purposeOf(event),
      beganMs: timeOf(event.requestReceivedTimestamp),
      endedMs: timeOf(event.stageTimestamp),
    }))
    .filter(({ beganMs }) => beganMs >= fromMs && beganMs < toMs)
    .sort((a, b) => a.beganMs - b.beganMs);
}

function purposeOf({
  verb,
  requestURI,
  objectRef,
}: AuditEvent): RequestPurpose {
  const { resource, namespace } = objectRef ?? {};
  if (verb === "get" || verb === "list") return "read";
  if (requestURI.includes("dryRun=All")) return "dry run";
  if (resource === "events") return "event";
  if (namespace !== "wheelhouse-system") return "apply";
  return resource === "configmaps" ? "inventory" : "assignment";
}

/** RFC 3339 with microseconds, to milliseconds with a fraction. */
function timeOf(text: string): number {
  const [, micros = "0"] = /\.\d{3}(\d+)Z$/.exec(text) ?? [];
  return Date.parse(text) + Number(`0.${micros}`);
}

/** Where the time went, in milliseconds by what was under way. */
export type TimeShares = ReadonlyMap<string, number>;

/** In this order: what is under way together counts as the first of them. */
const weighed: readonly RequestPurpose[] = [
  "apply",
  "dry run",
  "inventory",
  "assignment",
  "read",
];

/**
 * Shares out the time from an assignment to Ready. With no request under way
 * it is the spoke's own: before the first request, fetching and verifying;
 * after the last one, waiting for health and for the report to arrive.
 */
export function shareTime(
  requests: readonly SpokeRequest[],
  beganMs: number,
  readyMs: number,
): TimeShares {
  const counted = requests.filter(({ purpose }) => purpose !== "event");
  const edges = [
    beganMs,
    readyMs,
    ...counted.flatMap((one) => [one.beganMs, one.endedMs]),
  ]
    .filter((time) => time >= beganMs && time <= readyMs)
    .sort((a, b) => a - b);
  const first = Math.min(...counted.map((one) => one.beganMs));
  const last = Math.max(...counted.map((one) => one.endedMs));
  const shares = new Map<string, number>(
    ["link and verification", ...weighed, "spoke's own work", "wait"].map(
      (name) => [name, 0],
    ),
  );
  edges.forEach((from, index) => {
    const to = edges[index + 1] ?? from;
    const active = new Set(
      counted
        .filter((one) => one.beganMs <= from && one.endedMs >= to)
        .map(({ purpose }) => purpose),
    );
    const name =
      weighed.find((purpose) => active.has(purpose)) ??
      (to <= first
        ? "link and verification"
        : from >= last
          ? "wait"
          : "spoke's own work");
    shares.set(name, (shares.get(name) ?? 0) + to - from);
  });
  return shares;
}

/** How many requests there are of each purpose. */
export function countPurposes(
  requests: readonly SpokeRequest[],
): ReadonlyMap<RequestPurpose, number> {
  const counts = new Map<RequestPurpose, number>();
  for (const { purpose } of requests) {
    counts.set(purpose, (counts.get(purpose) ?? 0) + 1);
  }
  return counts;
}
