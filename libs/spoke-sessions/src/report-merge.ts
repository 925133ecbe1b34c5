import { type StatusReport, protocolLimits } from "@wheelhouse/protocol";
import { type ReportedState } from "./ports.ts";

/** What a session has reported, and up to which report. */
export interface ReportLedger {
  /** The newest report that is merged; 0 before the first. */
  readonly counter: number;
  readonly state: ReportedState;
}

/** A session that has reported nothing. */
export const emptyLedger: ReportLedger = {
  counter: 0,
  state: { assignment: null, bundles: new Map(), drift: [], pruneHolds: [] },
};

/** What merging yields: `repeated` changes nothing, `gap` wants a full report, `tooMany` is over the bound of bundles. */
export type MergeResult =
  | { readonly kind: "merged"; readonly ledger: ReportLedger }
  | { readonly kind: "repeated" | "gap" | "tooMany" };

/** Merges a report. A full one stands for itself whatever was before; a difference only right after the report before it. */
export function mergeReport(
  ledger: ReportLedger,
  report: StatusReport,
): MergeResult {
  if (report.counter <= ledger.counter) return { kind: "repeated" };
  if (!report.full && report.counter !== ledger.counter + 1) {
    return { kind: "gap" };
  }
  const { state } = report.full ? emptyLedger : ledger;
  const bundles = new Map(state.bundles);
  for (const name of report.dropped) bundles.delete(name);
  for (const bundle of report.bundles) bundles.set(bundle.bundle, bundle);
  if (bundles.size > protocolLimits.bundles) return { kind: "tooMany" };
  return {
    kind: "merged",
    ledger: {
      counter: report.counter,
      state: {
        assignment: report.assignment,
        bundles,
        drift: report.drift ?? state.drift,
        pruneHolds: report.pruneHolds ?? state.pruneHolds,
      },
    },
  };
}
