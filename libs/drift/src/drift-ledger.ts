import {
  type ObjectId,
  compareBytewise,
  objectKey,
} from "@wheelhouse/kube-object";
import { maxDifferences } from "./diff-fields.ts";
import {
  type DriftRecord,
  type DriftState,
  type FoundField,
} from "./drift-record.ts";
import { type DriftFinding } from "./find-drift.ts";

/** Drifts by field, and by object where all of it was gone; newest first, at most 500. */
export type DriftLedger = readonly DriftRecord[];

/** A ledger holds at most this many fields; beyond it the oldest healed ones go first, then open ones of objects that have a newer open one, then the oldest. */
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
 * The ledger with one more observation of an object. Each field has its own
 * record: one that had healed before drifts anew (`times` grows, `firstSeen`
 * starts again), and one that does not differ any more is healed, and stays.
 * The same ledger comes back where nothing changed but the time, for up to a
 * minute.
 */
export function recordDrift(
  ledger: DriftLedger,
  observation: DriftObservation,
  now: string,
): DriftLedger {
  const key = objectKey(observation.object);
  const before = new Map(
    ledger
      .filter(({ object }) => objectKey(object) === key)
      .map((record) => [fieldOf(record), record]),
  );
  const found = recordsOf(observation, before, now);
  const names = new Set(found.map(fieldOf));
  // A finding that is full may leave out fields that still differ.
  const isWhole = observation.fields.length < maxDifferences;
  const ended = [...before.values()].filter(
    (record) => isWhole && isOpen(record) && !names.has(fieldOf(record)),
  );
  const isNoNews = found.every((record) => {
    const known = before.get(fieldOf(record));
    return known !== undefined && isSame(known, record);
  });
  if (isNoNews && ended.length === 0) return ledger;
  const settled = ended.map((record) => settle(record, now));
  const others = ledger.filter(
    (record) =>
      !ended.includes(record) &&
      !(names.has(fieldOf(record)) && before.get(fieldOf(record)) === record),
  );
  return bound([...found, ...settled, ...others]);
}

/** The ledger after an object was seen to be as we applied it: its open drift is healed. */
export function settleDrift(
  ledger: DriftLedger,
  object: ObjectId,
  now: string,
): DriftLedger {
  const key = objectKey(object);
  const open = ledger.filter(
    (record) => isOpen(record) && objectKey(record.object) === key,
  );
  if (open.length === 0) return ledger;
  const settled = open.map((record) => settle(record, now));
  return [...settled, ...ledger.filter((record) => !open.includes(record))];
}

/** The ledger without the objects of a bundle that is no longer there. */
export function forgetBundle(ledger: DriftLedger, bundle: string): DriftLedger {
  const kept = ledger.filter((record) => record.bundle !== bundle);
  return kept.length === ledger.length ? ledger : kept;
}

/** Whether a bundle has drift that is not healed. */
export function hasOpenDrift(ledger: DriftLedger, bundle: string): boolean {
  return ledger.some((record) => record.bundle === bundle && isOpen(record));
}

/** One record for each field that was found, or one for the object where it was gone. */
function recordsOf(
  observation: DriftObservation,
  before: ReadonlyMap<string, DriftRecord>,
  now: string,
): readonly DriftRecord[] {
  const { object, bundle, missing, state, message } = observation;
  const recordOf = (
    field: FoundField | null,
    writer: string | null,
  ): DriftRecord => {
    const fields = field === null ? [] : [bare(field)];
    const known = before.get(fieldOf({ missing, fields }));
    const isAnew = known === undefined || isNewEpisode(known, observation);
    return {
      ...{ object, bundle, fields, missing, writer, state, message },
      firstSeen: isAnew ? now : known.firstSeen,
      lastSeen: now,
      times: (known?.times ?? 0) + (isAnew ? 1 : 0),
    };
  };
  if (missing || observation.fields.length === 0) {
    return [recordOf(null, observation.writer)];
  }
  // A field that two managers own is found once for each; the first stands.
  const fields = new Map(
    observation.fields.toReversed().map((field) => [field.path, field]),
  );
  return [...fields.values()]
    .toReversed()
    .map((field) => recordOf(field, field.writer));
}

function bare({ path, wanted, found }: FoundField) {
  return { path, wanted, found };
}

/** What a record is about within its object: no path of a field is empty. */
function fieldOf({
  fields,
  missing,
}: Pick<DriftRecord, "fields" | "missing">): string {
  return missing ? "" : (fields[0]?.path ?? "");
}

function isOpen({ state }: DriftRecord): boolean {
  return state !== "healed";
}

function settle(record: DriftRecord, now: string): DriftRecord {
  return { ...record, state: "healed", message: "", lastSeen: now };
}

/** A field that healed, and is found in drift or healed once more, has drifted again. */
function isNewEpisode(
  before: DriftRecord,
  observation: DriftObservation,
): boolean {
  return !isOpen(before) || before.bundle !== observation.bundle;
}

/** Whether a record says nothing that was not known a minute ago. */
function isSame(before: DriftRecord, record: DriftRecord): boolean {
  return (
    isOpen(before) &&
    before.state === record.state &&
    before.bundle === record.bundle &&
    before.message === record.message &&
    before.writer === record.writer &&
    before.fields[0]?.wanted === record.fields[0]?.wanted &&
    before.fields[0]?.found === record.fields[0]?.found &&
    Date.parse(record.lastSeen) - Date.parse(before.lastSeen) < renewAfterMs
  );
}

function bound(ledger: DriftLedger): DriftLedger {
  if (ledger.length <= maxLedgerRecords) return ledger;
  const worth = worthOf(ledger);
  const leastFirst = ledger
    .slice(1)
    .toSorted(
      (a, b) =>
        (worth.get(a) ?? 0) - (worth.get(b) ?? 0) ||
        compareBytewise(a.lastSeen, b.lastSeen),
    );
  const dropped = new Set(
    leastFirst.slice(0, ledger.length - maxLedgerRecords),
  );
  return ledger.filter((record) => !dropped.has(record));
}

/** An object's newest open field says that its bundle has drift: it goes last. */
function worthOf(ledger: DriftLedger): ReadonlyMap<DriftRecord, number> {
  const told = new Set<string>();
  return new Map(
    ledger.map((record) => {
      const subject = `${record.bundle} ${objectKey(record.object)}`;
      if (!isOpen(record)) return [record, 0];
      if (told.has(subject)) return [record, 1];
      told.add(subject);
      return [record, 2];
    }),
  );
}
