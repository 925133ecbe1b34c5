import { type BundleName } from "@wheelhouse/assignment";
import {
  type DriftLedger,
  type DriftRecord,
  forgetBundle,
  recordDrift,
  settleDrift,
} from "@wheelhouse/drift";
import { type ObservedDrift, formatTime } from "@wheelhouse/kube-apply";
import { formatObjectId, objectKey } from "@wheelhouse/kube-object";
import { type BundleState } from "./bundle-state.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** The ledger of drift, and who is told of what is new in it. */
export class DriftJournal {
  readonly #options: Pick<
    ReconcilerOptions,
    "clock" | "log" | "emit" | "reportChanged"
  >;
  #ledger: DriftLedger = [];
  /** Since when each open drift stands, in monotonic milliseconds. */
  #since = new Map<string, number>();

  constructor(
    options: Pick<
      ReconcilerOptions,
      "clock" | "log" | "emit" | "reportChanged"
    >,
  ) {
    this.#options = options;
  }

  /** Drifts by field, newest first. */
  get ledger(): DriftLedger {
    return this.#ledger;
  }

  /** Since when a drift stands, in monotonic milliseconds; undefined for one that is not in the ledger. */
  sinceMs(drift: DriftRecord): number | undefined {
    return this.#since.get(nameOf(drift));
  }

  /** Forgets a bundle that is no longer there. */
  forget(name: BundleName): void {
    this.#ledger = forgetBundle(this.#ledger, name);
  }

  /** Takes note of what a pass found and healed. */
  record(name: BundleName, { results }: BundleState): void {
    const now = formatTime(this.#options.clock.nowMs());
    const before = this.#ledger;
    for (const { desired, outcome } of results) {
      const drift = outcome.kind === "skipped" ? undefined : outcome.drift;
      if (drift === undefined) {
        if (outcome.kind === "applied" && this.#ledger.length > 0) {
          this.#ledger = settleDrift(this.#ledger, desired.id, now);
        }
        continue;
      }
      const observation = { ...drift, object: desired.id, bundle: name };
      const ledger = recordDrift(this.#ledger, observation, now);
      if (ledger === this.#ledger) continue;
      this.#ledger = ledger;
      this.#tell(name, formatObjectId(desired.id), drift);
    }
    if (this.#ledger === before) return;
    const monotonicMs = this.#options.clock.monotonicMs();
    this.#since = new Map(
      this.#ledger.map((drift) => {
        const key = nameOf(drift);
        return [key, this.#since.get(key) ?? monotonicMs];
      }),
    );
    this.#options.reportChanged();
  }

  #tell(bundle: BundleName, object: string, drift: ObservedDrift): void {
    const { state, writer, message, missing } = drift;
    this.#options.log("info", "drift", {
      bundle,
      object,
      state,
      writer,
      missing,
      why: message,
    });
    const what = missing ? "was deleted" : `was changed by ${writer ?? "?"}`;
    this.#options.emit({
      bundle,
      kind: state === "healed" ? "Normal" : "Warning",
      reason: state === "healed" ? "DriftHealed" : "DriftFound",
      message: `${object} ${what}${message === "" ? "" : `: ${message}`}`,
    });
  }
}

/** A drift that was healed and comes back is another: it has another time of being first seen. */
function nameOf({ bundle, object, fields, firstSeen }: DriftRecord): string {
  const field = fields[0]?.path ?? "";
  return `${bundle} ${objectKey(object)} ${firstSeen} ${field}`;
}
