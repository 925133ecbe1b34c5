import { type StatusReport, protocolLimits } from "@wheelhouse/protocol";
import { type ReportedState } from "./ports.ts";
import { boundBundles, lengthOf } from "./report-bound.ts";

/** What a session has reported, and up to which report. */
export interface ReportLedger {
  /** The newest report that is merged; 0 before the first. */
  readonly counter: number;
  readonly state: ReportedState;
  /** Characters of `state`'s bundles, as JSON. */
  readonly bundleLength: number;
}

/** A session that has reported nothing. */
export const emptyLedger: ReportLedger = {
  counter: 0,
  state: { assignment: null, bundles: new Map(), drift: [], pruneHolds: [] },
  bundleLength: 0,
};

/** What merging yields: `repeated` changes nothing, `gap` wants a full report, `tooMany` is over the bound of bundles, `tooLong` over that of their length even without notes. */
export type MergeResult =
  | { readonly kind: "merged"; readonly ledger: ReportLedger }
  | { readonly kind: "repeated" | "gap" | "tooMany" | "tooLong" };

/** Merges a report. A full one stands for itself whatever was before; a difference only right after the report before it. Where a cluster reports more than a hub keeps, notes are left out. */
export function mergeReport(
  ledger: ReportLedger,
  report: StatusReport,
): MergeResult {
  if (report.counter <= ledger.counter) return { kind: "repeated" };
  if (!report.full && report.counter !== ledger.counter + 1) {
    return { kind: "gap" };
  }
  const { state, ...before } = report.full ? emptyLedger : ledger;
  const bundles = new Map(state.bundles);
  let { bundleLength } = before;
  const release = (name: string) => {
    const known = bundles.get(name);
    if (known !== undefined) bundleLength -= lengthOf(known);
  };
  for (const name of report.dropped) {
    release(name);
    bundles.delete(name);
  }
  for (const bundle of report.bundles) {
    release(bundle.bundle);
    bundles.set(bundle.bundle, bundle);
    bundleLength += lengthOf(bundle);
  }
  if (bundles.size > protocolLimits.bundles) return { kind: "tooMany" };
  const bound = boundBundles(bundles, bundleLength);
  if (bound === undefined) return { kind: "tooLong" };
  return {
    kind: "merged",
    ledger: {
      counter: report.counter,
      bundleLength: bound.length,
      state: {
        assignment: report.assignment,
        bundles: bound.bundles,
        drift: report.drift ?? state.drift,
        pruneHolds: report.pruneHolds ?? state.pruneHolds,
      },
    },
  };
}
