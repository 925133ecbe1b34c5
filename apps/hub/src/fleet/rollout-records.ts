import { type JournalEntry } from "@wheelhouse/hub-store";
import { type RolloutStep } from "@wheelhouse/rollout";
import { type NewAssignment } from "./assignment-issuer.ts";

/** The lines that a step leaves in the journal. */
export function journalOf(
  { effects, state }: RolloutStep,
  issued: readonly NewAssignment[],
  at: string,
): readonly JournalEntry[] {
  const subject = `Rollout/${state?.name ?? "default"}`;
  const notes = effects.flatMap((effect): JournalEntry[] =>
    effect.kind === "note"
      ? [
          {
            at,
            actor: effect.actor ?? "wheelhouse",
            action: effect.reason,
            subject:
              effect.cluster === undefined
                ? subject
                : `Cluster/${effect.cluster}`,
            message: effect.message,
          },
        ]
      : [],
  );
  const lines = issued.map((one) => issuedLine(one, at, subject));
  return [...notes, ...lines];
}

/** The line of one issued assignment. */
export function issuedLine(
  { envelope }: NewAssignment,
  at: string,
  why: string,
): JournalEntry {
  const { cluster, epoch, seq, root, revision } = envelope;
  return {
    at,
    actor: "wheelhouse",
    action: "AssignmentIssued",
    subject: `Cluster/${cluster}`,
    message: `${epoch}/${seq} at ${revision.commit.slice(0, 8)}, root ${root.slice(7, 15)}: ${why}`,
  };
}
