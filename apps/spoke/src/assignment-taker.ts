import { systemClock } from "@wheelhouse/system-clock";
import {
  type ArtifactReference,
  type Envelope,
  type SignedEnvelope,
  compareVersions,
} from "@wheelhouse/assignment";
import {
  type ArtifactStore,
  type RatchetSecret,
  sleep,
} from "@wheelhouse/kube-apply";
import { errorText } from "@wheelhouse/kube-object";
import {
  type AcknowledgedAssignment,
  type ClusterReconciler,
  type Log,
} from "@wheelhouse/reconcile";
import {
  type RootPin,
  verifyAssignment,
  verifyDelegation,
} from "@wheelhouse/trust";

/** What an assignment is taken up with. */
export interface AssignmentTakerOptions {
  readonly reconciler: ClusterReconciler;
  readonly artifacts: ArtifactStore;
  readonly assignments: RatchetSecret;
  readonly pin: RootPin;
  /** The uid of this incarnation of the cluster. */
  readonly uid: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const retryMs = 2_000;

/** Hands acknowledged assignments to the reconciler, the newest one only, until it has it. */
export class AssignmentTaker {
  readonly #options: AssignmentTakerOptions;
  #wanted: AcknowledgedAssignment | undefined;
  #newest: Envelope | undefined;
  #mustRead = false;
  #isTaking = false;

  constructor(options: AssignmentTakerOptions) {
    this.#options = options;
  }

  /** Takes an assignment that was verified and is durable. */
  take(envelope: Envelope, signed: SignedEnvelope): void {
    if (compareVersions(envelope, this.#newest ?? envelope) >= 0) {
      this.#newest = envelope;
    }
    const { epoch, seq, root } = envelope;
    this.#wanted = {
      envelope,
      signed,
      mark: { epoch, seq, root },
      delegationNotAfterMs: this.#endOf(signed),
    };
    this.#options.reconciler.heed(this.#wanted);
    if (!this.#isTaking) void this.#work();
  }

  /** The artifacts of the newest assignment that was taken; none before the first. */
  artifacts(): readonly ArtifactReference[] {
    return (this.#newest?.bundles ?? []).flatMap(
      ({ spec }) => spec.artifact ?? [],
    );
  }

  /** Has the reconciler read what it lacked of its artifacts: some were made durable. */
  readArtifactsAnew(): void {
    this.#mustRead = true;
    if (!this.#isTaking) void this.#work();
  }

  /** Takes up what is durable in the cluster: at a start, and when another instance moved the ratchet. What does not verify is not acted on. */
  async resume(): Promise<void> {
    const { assignments, artifacts, pin, uid, log } = this.#options;
    const stored = await assignments.load();
    if (stored === null) return;
    const verdict = verifyAssignment({
      pin,
      signed: stored.signed,
      audience: uid,
      acknowledged: null,
      // It was taken in time: its delegation's end stops new assignments, never healing.
      nowMs: null,
    });
    if (!verdict.ok) {
      const { problem, message } = verdict;
      log("error", "stored assignment not acted on", {
        problem,
        reason: message,
      });
      return;
    }
    await artifacts.refresh();
    this.take(verdict.envelope, stored.signed);
  }

  #endOf(signed: SignedEnvelope): number {
    const delegation = verifyDelegation(signed.delegation, this.#options.pin);
    return delegation === undefined ? 0 : Date.parse(delegation.notAfter);
  }

  async #work(): Promise<void> {
    const { reconciler, log, signal } = this.#options;
    this.#isTaking = true;
    while (!signal.aborted) {
      const wanted = this.#wanted;
      if (wanted === undefined && !this.#mustRead) break;
      try {
        await (wanted === undefined
          ? this.#readArtifactsAnew()
          : reconciler.assign(wanted));
        if (this.#wanted === wanted) this.#wanted = undefined;
      } catch (error) {
        const message = errorText(error);
        log("warn", "assignment not taken up yet", { reason: message });
        await sleep(systemClock, retryMs, signal);
      }
    }
    this.#isTaking = false;
  }

  async #readArtifactsAnew(): Promise<void> {
    this.#mustRead = false;
    try {
      await this.#options.reconciler.readArtifactsAnew();
    } catch (error) {
      this.#mustRead = true;
      throw error;
    }
  }
}
