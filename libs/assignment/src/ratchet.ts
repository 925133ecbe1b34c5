import {
  type AssignmentVersion,
  compareVersions,
  maxSeqJump,
} from "./envelope.ts";
import { type Digest } from "./digest.ts";

/** An assignment as the ratchet sees it. */
export interface RatchetPosition extends AssignmentVersion {
  /** The digest of the envelope's exact bytes. */
  readonly bytesDigest: Digest;
  /** The digest of the public key that signed it. */
  readonly signingKey: Digest;
}

/**
 * Why an assignment may not follow another. `OlderThanAcknowledged`: its
 * version is behind. `Equivocation`: the same version with other bytes.
 * `SeqJump`: further ahead than any honest hub. `EpochNotGrown`: another
 * signing key without a new epoch.
 */
export type RatchetProblem =
  "OlderThanAcknowledged" | "Equivocation" | "SeqJump" | "EpochNotGrown";

/** What the ratchet says: forward, the very same again, or a problem. */
export type RatchetVerdict =
  | { readonly ok: true; readonly step: "forward" | "same" }
  | { readonly ok: false; readonly problem: RatchetProblem };

/**
 * Whether an assignment may follow what is acknowledged. Versions only grow;
 * seq is counted anew in each epoch, from 0, and may not leap by more than
 * `maxSeqJump`, so that a stolen key cannot use it up.
 */
export function judgeRatchet(
  acknowledged: RatchetPosition | null,
  offered: RatchetPosition,
): RatchetVerdict {
  const order =
    acknowledged === null ? 1 : compareVersions(offered, acknowledged);
  if (order < 0) return refuse("OlderThanAcknowledged");
  const sameEpoch = acknowledged?.epoch === offered.epoch;
  if (sameEpoch && acknowledged.signingKey !== offered.signingKey) {
    return refuse("EpochNotGrown");
  }
  if (order === 0) {
    return acknowledged?.bytesDigest === offered.bytesDigest
      ? { ok: true, step: "same" }
      : refuse("Equivocation");
  }
  const from = sameEpoch ? acknowledged.seq : 0;
  return offered.seq - from > maxSeqJump
    ? refuse("SeqJump")
    : { ok: true, step: "forward" };
}

function refuse(problem: RatchetProblem): RatchetVerdict {
  return { ok: false, problem };
}
