import {
  type AssignmentVersion,
  compareVersions,
  maxSeqJump,
} from "@wheelhouse/assignment";

/** The highest number issued under a cluster's name, by any incarnation, and how the name came to it. */
export interface IssuedNumber extends AssignmentVersion {
  /** How often in this epoch numbers were passed over, to get above what a spoke says that it acknowledged. */
  readonly leaps: number;
}

/** What counts for the number of a cluster's next assignment. */
export interface IssueLedger {
  /** The hub's, by its delegation. */
  readonly epoch: number;
  /** Null where nothing was issued under the name. */
  readonly issuedNumber: IssuedNumber | null;
  /** The highest version that its spoke says it acknowledged, whoever issued it: a claim, since nothing proves it. */
  readonly acknowledgedFloor: AssignmentVersion | null;
}

/** The most numbers that one leap passes over: more than any hub issued to one cluster since the backup that it was restored from. */
export const maxLeap = 2 ** 15;

/** The most leaps of a name in one epoch. With `maxLeap` it leaves half of what a new incarnation's ratchet takes (`maxSeqJump`) to what a hub issues by itself. */
export const maxLeaps = 16;

/**
 * Why nothing can be issued to a cluster under this hub's epoch.
 * `LaterEpoch`: its spoke says that it acknowledged a later one.
 * `TooFarAhead`: or a number that no hub before this one can have issued.
 * `NumbersUsedUp`: the next would be one that a new incarnation, which begins
 * at 0, could not take.
 */
export type NumberProblem = "LaterEpoch" | "TooFarAhead" | "NumbersUsedUp";

/** The outcome of asking for the next number. */
export type NextVersion =
  | { readonly ok: true; readonly version: AssignmentVersion }
  | { readonly ok: false; readonly problem: NumberProblem };

/**
 * The number of a cluster's next assignment: above all that this hub issued
 * to the name, and above what its spoke acknowledged, of which a hub restored
 * from an old state knows nothing. A spoke may say what it likes: what it can
 * move is bounded, and it is its own cluster alone that waits beyond.
 */
export function nextVersion(ledger: IssueLedger): NextVersion {
  const { epoch, acknowledgedFloor: floor } = ledger;
  if (floor !== null && floor.epoch > epoch) return refuse("LaterEpoch");
  const { seq: highest, leaps } = issuedAt(ledger);
  const claimed = floor?.epoch === epoch ? floor.seq : 0;
  const isLeap = claimed > highest;
  if (isLeap && (claimed - highest > maxLeap || leaps >= maxLeaps)) {
    return refuse("TooFarAhead");
  }
  const seq = Math.max(highest, claimed) + 1;
  return seq > maxSeqJump
    ? refuse("NumbersUsedUp")
    : { ok: true, version: { epoch, seq } };
}

/** Whether a later assignment than this was issued under the name, or acknowledged by its spoke: this hub was restored to an older state, or lost a row. */
export function isOvertaken(
  version: AssignmentVersion,
  {
    acknowledgedFloor: floor,
    issuedNumber: issued,
  }: Pick<IssueLedger, "acknowledgedFloor" | "issuedNumber">,
): boolean {
  return [floor, issued].some(
    (other) => other !== null && compareVersions(other, version) > 0,
  );
}

/** In another epoch numbers begin anew. */
function issuedAt({ epoch, issuedNumber }: IssueLedger): IssuedNumber {
  return issuedNumber?.epoch === epoch
    ? issuedNumber
    : { epoch, seq: 0, leaps: 0 };
}

/** The highest number of a name once `version` is issued under it, for whoever stores that. */
export function afterIssue(
  before: IssuedNumber | null,
  { epoch, seq }: AssignmentVersion,
): IssuedNumber {
  const at = issuedAt({ epoch, issuedNumber: before, acknowledgedFloor: null });
  const isLeap = seq > at.seq + 1;
  return { epoch, seq, leaps: at.leaps + (isLeap ? 1 : 0) };
}

function refuse(problem: NumberProblem): NextVersion {
  return { ok: false, problem };
}

const delegate = "wheelhouse hub delegate --data DIR --root-key FILE";

const distrust = (cluster: string) =>
  `if its spoke cannot be trusted, wheelhouse cluster repoint ${cluster}`;

/** Why nothing is issued to a cluster, and what a person can do, in words that follow its name. */
export function numberAdvice(
  problem: NumberProblem,
  cluster: string,
  { epoch, acknowledgedFloor: floor }: IssueLedger,
): string {
  switch (problem) {
    case "LaterEpoch":
      return `acknowledged epoch ${floor?.epoch}, and this hub is at ${epoch}: run ${delegate}; or, ${distrust(cluster)}`;
    case "TooFarAhead":
      return `says that it acknowledged assignment ${floor?.epoch}/${floor?.seq}, far above all that was issued to it; nothing is issued to it: ${distrust(cluster)}; if this hub was restored from an old backup, run ${delegate}`;
    case "NumbersUsedUp":
      return `has used up the numbers of epoch ${epoch}; nothing is issued to it: run ${delegate}`;
  }
}
