import {
  type ObjectId,
  compareBytewise,
  objectKey,
} from "@wheelhouse/kube-object";
import { type DriftRecord, type DriftState } from "./drift-record.ts";
import { type DriftFinding, isSameFinding } from "./find-drift.ts";

/** Drifts by object, newest first, at most 500. */
export type DriftLedger = readonly DriftRecord[];

/** A ledger holds at most this many objects; beyond it the oldest healed ones go first, then the oldest. */
export const maxLedgerRecords = 500;

/** A drift that stays as it is renews `lastSeen` no more often than this, so that standing drift is not news all the time. */
const renewAfterMs = 60_000;

/** What was found, and what became of it. */
export interface DriftObservation extends DriftFinding {
  readonly bundle: string;
  readonly state: DriftState;
  /** Why it is blocked, or empty. */
  readonly message: string;
}

/**
 * The ledger with one more observation. An object that had healed before
 * drifts anew: `times` grows, `firstSeen` starts again. The same ledger comes
 * back where nothing changed but the time, for up to a minute.
 */
export function recordDrift(
  ledger: DriftLedger,
  observation: DriftObservation,
  now: string,
): DriftLedger {
  const key = objectKey(observation.object);
  const before = ledger.find((record) => objectKey(record.object) === key);
  if (before !== undefined && isNoNews(before, observation, now)) return ledger;
  const isAnew = before === undefined || isNewEpisode(before, observation);
  const record: DriftRecord = {
    ...observation,
    firstSeen: isAnew ? now : before.firstSeen,
    lastSeen: now,
    times: (before?.times ?? 0) + (isAnew ? 1 : 0),
  };
  return bound([record, ...ledger.filter((other) => other !== before)]);
}

/** The ledger after an object was seen to be as we applied it: its open drift is healed. */
export function settleDrift(
  ledger: DriftLedger,
  object: ObjectId,
  now: string,
): DriftLedger {
  const key = objectKey(object);
  const before = ledger.find((record) => objectKey(record.object) === key);
  if (before === undefined || before.state === "healed") return ledger;
  const settled: DriftRecord = {
    ...before,
    state: "healed",
    message: "",
    lastSeen: now,
  };
  return [settled, ...ledger.filter((record) => record !== before)];
}

/** The ledger without the objects of a bundle that is no longer there. */
export function forgetBundle(ledger: DriftLedger, bundle: string): DriftLedger {
  const kept = ledger.filter((record) => record.bundle !== bundle);
  return kept.length === ledger.length ? ledger : kept;
}

/** Whether a bundle has drift that is not healed. */
export function hasOpenDrift(ledger: DriftLedger, bundle: string): boolean {
  return ledger.some(
    (record) => record.bundle === bundle && record.state !== "healed",
  );
}

/** An object that healed, and is found in drift or healed once more, has drifted again. */
function isNewEpisode(
  before: DriftRecord,
  observation: DriftObservation,
): boolean {
  return before.state === "healed" || before.bundle !== observation.bundle;
}

function isNoNews(
  before: DriftRecord,
  observation: DriftObservation,
  now: string,
): boolean {
  return (
    before.state !== "healed" &&
    before.state === observation.state &&
    before.bundle === observation.bundle &&
    before.message === observation.message &&
    isSameFinding(before, observation) &&
    Date.parse(now) - Date.parse(before.lastSeen) < renewAfterMs
  );
}

function bound(ledger: DriftLedger): DriftLedger {
  if (ledger.length <= maxLedgerRecords) return ledger;
  const oldestFirst = ledger
    .slice(1)
    .toSorted(
      (a, b) =>
        Number(b.state === "healed") - Number(a.state === "healed") ||
        compareBytewise(a.lastSeen, b.lastSeen),
    );
  const dropped = new Set(
    oldestFirst.slice(0, ledger.length - maxLedgerRecords),
  );
  return ledger.filter((record) => !dropped.has(record));
}
