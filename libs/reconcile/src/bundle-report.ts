import {
  type DriftLedger,
  type DriftRecord,
  hasOpenDrift,
} from "@wheelhouse/drift";
import { type BundleRecord, formatTime } from "@wheelhouse/kube-apply";
import {
  type JsonObject,
  formatObjectId,
  isEqualJson,
} from "@wheelhouse/kube-object";
import { type BundleReport } from "@wheelhouse/protocol";
import { type PlannedBundle } from "./assignment-plan.ts";
import { type BundleState } from "./bundle-state.ts";
import { objectMessage } from "./object-message.ts";

/** What a bundle's report is made from. */
export interface ReportBasis {
  readonly planned: PlannedBundle;
  readonly record: BundleRecord | undefined;
  readonly state: BundleState;
  readonly ledger: DriftLedger;
  readonly before: BundleReport | undefined;
  /** By the wall: for people. */
  readonly nowMs: number;
  /** For durations. */
  readonly monotonicMs: number;
  /** Since when a drift stands, in monotonic milliseconds; undefined where it does not. */
  readonly driftSinceMs: (drift: DriftRecord) => number | undefined;
}

/** The report of one bundle. It is the same value as before where nothing changed. */
export function reportBundle(basis: ReportBasis): BundleReport {
  const { planned, record, state, ledger, before } = basis;
  const { spec, digest } = planned.assigned;
  const { late } = state;
  // With other values than the newest it is not applied, though its digest is.
  const isNewest = late === undefined || record?.late === late.fingerprint;
  const applied = isNewest ? (record?.applied ?? null) : null;
  const isApplied = applied === digest;
  const ready =
    isApplied &&
    state.obstacle === undefined &&
    state.health?.isReady === true &&
    standingDrift(basis) === undefined;
  const failed = hasFailed(basis);
  const facts = {
    bundle: spec.name,
    digest,
    applied,
    ready,
    failed,
    status: state.health?.status ?? ("Unknown" as const),
    objects: {
      total: state.health?.total ?? planned.desired?.length ?? 0,
      ready: state.health?.ready ?? 0,
    },
    message: messageOf(basis, ready),
    held: state.held,
    ...(late === undefined ? {} : { late }),
    notes: state.health?.notes ?? [],
    drifted: hasOpenDrift(ledger, spec.name),
  };
  const isSince =
    before?.ready === ready &&
    before.applied === applied &&
    before.failed === failed;
  const report: BundleReport = {
    ...facts,
    since: isSince ? before.since : formatTime(basis.nowMs),
  };
  return before !== undefined && isSameReport(report, before) ? before : report;
}

/** When a bundle that is not Ready counts as failed, in monotonic milliseconds; undefined where it is Ready, or waits for another. */
export function deadlineOf(
  planned: PlannedBundle,
  state: BundleState,
): number | undefined {
  return state.notReadySinceMs === undefined || state.waitsFor !== ""
    ? undefined
    : state.notReadySinceMs + planned.assigned.spec.timeoutMs;
}

/** Drift that was to be healed and was not within the bundle's timeout; undefined where there is none. */
function standingDrift({
  planned,
  ledger,
  monotonicMs,
  driftSinceMs,
}: ReportBasis): DriftRecord | undefined {
  const { name, drift, timeoutMs, suspend } = planned.assigned.spec;
  if (suspend || drift.mode !== "enabled") return undefined;
  return ledger.find((record) => {
    const sinceMs = driftSinceMs(record);
    return (
      record.bundle === name &&
      (record.state === "open" || record.state === "blocked") &&
      sinceMs !== undefined &&
      monotonicMs - sinceMs >= timeoutMs
    );
  });
}

function hasFailed({ planned, state, monotonicMs }: ReportBasis): boolean {
  if (planned.assigned.spec.suspend) return false;
  if (state.obstacle?.isFinal === true) return true;
  if (state.waitsFor !== "") return false;
  if (state.health?.status === "Failed") return true;
  const deadline = deadlineOf(planned, state);
  return deadline !== undefined && monotonicMs >= deadline;
}

function messageOf(basis: ReportBasis, ready: boolean): string {
  const { state, planned } = basis;
  if (state.held !== null) return state.held.message;
  if (state.waitsFor !== "") return state.waitsFor;
  if (state.obstacle !== undefined) return state.obstacle.message;
  const [note] = state.health?.notes ?? [];
  if (!ready && note !== undefined) {
    return objectMessage(note.object, note.message);
  }
  const drift = standingDrift(basis);
  if (drift !== undefined) {
    const object = formatObjectId(drift.object);
    return `${object}: drift is not healed: ${drift.message}`.slice(0, 1024);
  }
  const { suspend, removedIn } = planned.assigned.spec;
  if (!suspend) return "";
  return removedIn === undefined
    ? "suspended"
    : `suspended, and removed from Git at ${removedIn.slice(0, 8)}`;
}

function isSameReport(a: BundleReport, b: BundleReport): boolean {
  return isEqualJson(a as unknown as JsonObject, b as unknown as JsonObject);
}
