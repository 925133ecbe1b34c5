import { type AuditEvent } from "@wheelhouse/control-plane";
import { type AuditRecord } from "@wheelhouse/sim-cluster";

/** A request that changed something in a cluster, as its API server recorded it. */
export interface ClusterWrite {
  /** How the writer names itself: `wheelhouse-spoke/0.1.0`, `kubectl-edit`. */
  readonly userAgent: string;
  /** create, update, patch, delete, deletecollection. */
  readonly verb: string;
  /** Plural, such as `deployments`. */
  readonly resource: string;
  /** Empty for the object itself; else such as `status`. */
  readonly subresource: string;
  /** Empty for an object of the whole cluster. */
  readonly namespace: string;
  readonly name: string;
  /** Where the object is, without a query. */
  readonly path: string;
  /** When the answer was complete, ms since 1970. */
  readonly atMs: number;
}

/** How the spoke names itself to an API server. */
const spokeAgent = "wheelhouse-spoke";

/** Whether the spoke asked for it. */
export function isOfSpoke({ userAgent }: ClusterWrite): boolean {
  return userAgent.startsWith(spokeAgent);
}

/** The writes in a simulated cluster's record: no reads, no dry runs, nothing that was refused. */
export function writesOfRecords(
  records: readonly AuditRecord[],
): readonly ClusterWrite[] {
  return records
    .filter(
      ({ verb, dryRun, code }) => isWrite(verb) && !dryRun && isDone(code),
    )
    .map(({ at, ...write }) => ({ ...write, atMs: at }));
}

/** The writes in a real API server's audit log, by the same rule. */
export function writesOfEvents(
  events: readonly AuditEvent[],
): readonly ClusterWrite[] {
  return events
    .filter(
      ({ verb, requestURI, responseStatus }) =>
        isWrite(verb) &&
        !requestURI.includes("dryRun=All") &&
        isDone(responseStatus?.code ?? 500),
    )
    .map(({ userAgent, verb, requestURI, objectRef, stageTimestamp }) => ({
      userAgent: userAgent ?? "",
      verb,
      resource: objectRef?.resource ?? "",
      subresource: objectRef?.subresource ?? "",
      namespace: objectRef?.namespace ?? "",
      name: objectRef?.name ?? "",
      path: requestURI.split("?")[0] ?? "",
      atMs: Date.parse(stageTimestamp),
    }));
}

function isWrite(verb: string): boolean {
  return !["get", "list", "watch"].includes(verb);
}

function isDone(code: number): boolean {
  return code < 300;
}
