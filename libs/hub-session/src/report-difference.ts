import { isEqualJson, type Json } from "@wheelhouse/kube-object";
import {
  type BundleReport,
  type StatusReport,
  protocolLimits,
} from "@wheelhouse/protocol";
import { type ReportSnapshot } from "./ports.ts";

/** A report without its number. */
export type ReportPart = Omit<StatusReport, "kind" | "counter">;

/**
 * What a hub that knows `before` has to hear to know `now`; all of it, as a
 * full report, where it knows nothing. Empty where nothing changed. What does
 * not fit into one message follows in further ones: until the last has
 * arrived the hub lacks bundles, and what it lacks it never counts as Ready.
 */
export function diffReports(
  before: ReportSnapshot | null,
  now: ReportSnapshot,
): readonly ReportPart[] {
  const changed = [...now.bundles.values()].filter(
    (bundle) => !isSame(before?.bundles.get(bundle.bundle), bundle),
  );
  const dropped = [...(before?.bundles.keys() ?? [])].filter(
    (name) => !now.bundles.has(name),
  );
  const ledgers = {
    ...(isSame(before?.drift, now.drift)
      ? {}
      : { drift: now.drift.slice(0, protocolLimits.driftRecords) }),
    ...(isSame(before?.pruneHolds, now.pruneHolds)
      ? {}
      : { pruneHolds: now.pruneHolds.slice(0, protocolLimits.pruneHolds) }),
  };
  const isQuiet =
    before !== null &&
    changed.length + dropped.length === 0 &&
    Object.keys(ledgers).length === 0 &&
    isSame(before.assignment, now.assignment);
  if (isQuiet) return [];
  const [first = [], ...others] = packBundles(changed);
  const { assignment } = now;
  return [
    { full: before === null, assignment, bundles: first, dropped, ...ledgers },
    ...others.map((bundles) => ({
      full: false,
      assignment,
      bundles,
      dropped: [],
    })),
  ];
}

/** Groups bundles so that each group fits into a message. JSON is longer than the wire form, so its length is a safe measure. */
function packBundles(bundles: readonly BundleReport[]): BundleReport[][] {
  const groups: BundleReport[][] = [];
  let room = 0;
  for (const bundle of bundles) {
    const bytes = Buffer.byteLength(JSON.stringify(bundle));
    const group = groups.at(-1);
    if (group === undefined || bytes > room) {
      groups.push([bundle]);
      room = protocolLimits.reportBytes - bytes;
    } else {
      group.push(bundle);
      room -= bytes;
    }
  }
  return groups;
}

function isSame(a: unknown, b: unknown): boolean {
  return (
    a === b ||
    (a !== undefined && b !== undefined && isEqualJson(a as Json, b as Json))
  );
}
