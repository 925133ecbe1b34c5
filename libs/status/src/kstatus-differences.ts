import { type ObjectStatus } from "./object-status.ts";

/** A status that we give on purpose where the Go implementation gives another. */
export interface KstatusDifference {
  /** The recorded objects that it is about, by name. */
  readonly names: RegExp;
  /** What the Go packages say; Unknown where they end with an error. */
  readonly theirs: ObjectStatus;
  readonly ours: readonly ObjectStatus[];
  /** One sentence, printed in the documentation. */
  readonly reason: string;
}

/**
 * Every difference between our statuses and the recorded ones of kstatus. Most
 * are stricter, since a gate of a rollout must not open on what nobody has
 * looked at yet; where Go ends with an error, ours reads on, since a gate looks
 * at every object, and not only at those of a bundle with `wait`.
 */
export const kstatusDifferences: readonly KstatusDifference[] = [
  {
    names: /^(StatefulSet|ReplicaSet): complete, (never observed|without any)/,
    theirs: "Current",
    ours: ["InProgress"],
    reason:
      "A StatefulSet or ReplicaSet without `observedGeneration` was seen by no controller yet.",
  },
  {
    names: /^APIService: /,
    theirs: "Current",
    ours: ["InProgress"],
    reason:
      "An APIService that is not Available breaks discovery for everything that comes after it.",
  },
  {
    names: /Ready about an older generation$|changed since it was issued$/,
    theirs: "Current",
    ours: ["InProgress"],
    reason:
      "A Ready condition whose own `observedGeneration` is older speaks of what was there before.",
  },
  {
    names: /Ready (in lower case|with an empty status|without a status)$/,
    theirs: "Current",
    ours: ["InProgress"],
    reason:
      "A Ready condition that says neither True, False nor Unknown is not taken for True.",
  },
  {
    names: /^Job: complete, being deleted$/,
    theirs: "Current",
    ours: ["Terminating"],
    reason:
      "A Job that is being deleted is Terminating like every other object; Flux's reader of Jobs does not look.",
  },
  {
    names:
      /^(Rollout|VirtualService): |observedGeneration is |Timestamp is null/,
    theirs: "Unknown",
    ours: ["Current", "InProgress"],
    reason:
      "A generation that is written as text counts as its number, and a null as absent.",
  },
  {
    names:
      /^Widget: (status is a text|conditions are a map|a condition.* is a )/,
    theirs: "Unknown",
    ours: ["Current", "InProgress"],
    reason:
      "A status in a shape of its own says what of it can be read, and the rest counts as absent.",
  },
];
