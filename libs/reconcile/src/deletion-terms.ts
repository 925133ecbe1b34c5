import { type Clock } from "@wheelhouse/clock";
import { type PruneEvidence } from "@wheelhouse/kube-apply";
import { type AcknowledgedAssignment } from "./reconciler-options.ts";

/** Until when, and from when on, an assignment permits deletions; counted, so that a wall that is set changes little. */
export class DeletionTerms {
  readonly #clock: Clock;
  readonly #confirmAfterMs: number;
  /** Deletions that are first seen before this need a second look; monotonic. */
  #quarantineUntilMs = 0;
  /** By the wall, as the delegation says. */
  #notAfterMs = 0;
  /** When the delegation ends as it looked when it was taken up; monotonic. */
  #endsMs = 0;

  constructor(clock: Clock, confirmAfterMs: number) {
    this.#clock = clock;
    this.#confirmAfterMs = confirmAfterMs;
  }

  /** An assignment comes into force. Under the first of a process or of an epoch, a second look comes before each deletion. */
  takeUp(
    { delegationNotAfterMs }: AcknowledgedAssignment,
    { isNewEpoch }: { readonly isNewEpoch: boolean },
  ): void {
    const monotonicMs = this.#clock.monotonicMs();
    if (isNewEpoch) {
      this.#quarantineUntilMs = monotonicMs + this.#confirmAfterMs;
    }
    this.#notAfterMs = delegationNotAfterMs;
    this.#endsMs = monotonicMs + delegationNotAfterMs - this.#clock.nowMs();
  }

  /** A wall that is set back after the assignment was taken up does not make its delegation last longer. */
  get isDelegationValid(): boolean {
    return (
      this.#clock.nowMs() < this.#notAfterMs &&
      this.#clock.monotonicMs() < this.#endsMs
    );
  }

  /** Which deletions need a second look, and how much later. */
  get confirmation(): PruneEvidence["confirmation"] {
    return { untilMs: this.#quarantineUntilMs, afterMs: this.#confirmAfterMs };
  }
}
