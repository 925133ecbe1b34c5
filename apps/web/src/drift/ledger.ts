import { type DriftView } from "@wheelhouse/rest-api";
import { selectDrift } from "../fleet/fleet-filter.ts";
import { formatObject } from "../verdict/names.ts";

/** One line of the ledger: one field of one object in one cluster. */
export interface LedgerLine {
  readonly key: string;
  readonly record: DriftView;
  readonly object: string;
  readonly field: string;
  /** Null where the field is absent. */
  readonly wanted: string | null;
  readonly found: string | null;
  /** On how many clusters the same field of the same object was found with the same value, this one included. */
  readonly sameOn: number;
}

/** The ledger: open and blocked drift first, then the newest; one line a field. */
export function writeLedger(
  drift: readonly DriftView[],
): readonly LedgerLine[] {
  const lines = drift.flatMap(linesOf);
  const clusters = new Map<string, Set<string>>();
  for (const line of lines) {
    const same = sameness(line);
    clusters.set(
      same,
      (clusters.get(same) ?? new Set()).add(line.record.cluster),
    );
  }
  return lines
    .map((line) => ({
      ...line,
      sameOn: clusters.get(sameness(line))?.size ?? 1,
    }))
    .sort(compareLines);
}

type BareLine = Omit<LedgerLine, "sameOn">;

const sameness = ({ object, field, wanted, found }: BareLine) =>
  JSON.stringify([object, field, wanted, found]);

function linesOf(record: DriftView): readonly BareLine[] {
  const object = formatObject(record.object);
  const line = (
    field: string,
    wanted: string | null,
    found: string | null,
  ) => ({
    key: [
      record.cluster,
      record.bundle,
      record.object.group,
      object,
      field,
    ].join("\n"),
    record,
    object,
    field,
    wanted,
    found,
  });
  if (record.missing) return [line("the object", "present", "deleted")];
  if (record.fields.length === 0) return [line("the object", null, null)];
  return record.fields.map(({ path, wanted, found }) =>
    line(path, wanted, found),
  );
}

const weight: Readonly<Record<DriftView["state"], number>> = {
  blocked: 0,
  open: 0,
  reported: 1,
  healed: 1,
};

function compareLines(a: LedgerLine, b: LedgerLine): number {
  return (
    weight[a.record.state] - weight[b.record.state] ||
    Date.parse(b.record.lastSeen) - Date.parse(a.record.lastSeen) ||
    (a.key < b.key ? -1 : 1)
  );
}

/** What each state of a drift means, in a sentence. */
export const driftStateMeanings: Readonly<Record<DriftView["state"], string>> =
  {
    open: "seen, and not healed yet",
    healed: "set back to what was applied",
    reported: "reported only, as the bundle's drift mode says",
    blocked: "cannot be healed without a person",
  };

/** The ledger of what fits the filter; how many clusters have the same is counted over all. */
export function selectDriftLines(
  drift: readonly DriftView[],
  filter: string,
): readonly LedgerLine[] {
  const chosen = new Set(selectDrift(drift, filter));
  return writeLedger(drift).filter(({ record }) => chosen.has(record));
}
