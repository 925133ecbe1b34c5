import {
  type BundleReport,
  type StatusReport,
  protocolLimits,
} from "@wheelhouse/protocol";
import { type ReportedState } from "./ports.ts";

/** What a session has reported, and up to which report. */
export interface ReportLedger {
  /** The newest report that is merged; 0 before the first. */
  readonly counter: number;
  readonly state: ReportedState;
  /** Characters of `state`'s bundles, as JSON. */
  readonly bundleLength: number;
}

/** The most that a session's bundles come to, in characters as JSON: some 3,300 for each of as many as may be. Notes of every one at their bounds would be over twenty times that, in the hub's memory. */
export const maxBundleLength = 16 * 2 ** 20;

/** A session that has reported nothing. */
export const emptyLedger: ReportLedger = {
  counter: 0,
  state: { assignment: null, bundles: new Map(), drift: [], pruneHolds: [] },
  bundleLength: 0,
};

/** What merging yields: `repeated` changes nothing, `gap` wants a full report, `tooMany` is over a bound of bundles. */
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
  const { state, ...before } = report.full ? emptyLedger : ledger;
  const bundles = new Map(state.bundles);
  let { bundleLength } = before;
  for (const name of report.dropped) {
    bundleLength -= lengthOf(bundles.get(name));
    bundles.delete(name);
  }
  for (const bundle of report.bundles) {
    bundleLength += lengthOf(bundle) - lengthOf(bundles.get(bundle.bundle));
    bundles.set(bundle.bundle, bundle);
  }
  if (bundles.size > protocolLimits.bundles) return { kind: "tooMany" };
  if (bundleLength > maxBundleLength) return { kind: "tooMany" };
  return {
    kind: "merged",
    ledger: {
      counter: report.counter,
      bundleLength,
      state: {
        assignment: report.assignment,
        bundles,
        drift: report.drift ?? state.drift,
        pruneHolds: report.pruneHolds ?? state.pruneHolds,
      },
    },
  };
}

function lengthOf(bundle: BundleReport | undefined): number {
  return bundle === undefined ? 0 : JSON.stringify(bundle).length;
}
