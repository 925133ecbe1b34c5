import { type Envelope } from "@wheelhouse/assignment";
import { type ReportFact } from "./rollout-input.ts";

/** What is known of an assignment after it was issued: the facts of 8.3, each apart. */
export interface AssignmentFacts {
  readonly acknowledged: boolean;
  /** Every bundle was applied at its digest. */
  readonly applied: boolean;
  readonly ready: boolean;
  readonly confirmed: boolean;
}

/** An assignment as the hub stored it, with the moments (RFC 3339) that it has come to. */
interface StoredFacts {
  readonly envelope: Pick<Envelope, "epoch" | "seq" | "bundles">;
  readonly acknowledgedAt: string | null;
  readonly confirmedAt: string | null;
}

/** The facts about an assignment. A report counts for its own version alone: of any other the spoke has not said a word. */
export function computeAssignmentFacts(
  { envelope, acknowledgedAt, confirmedAt }: StoredFacts,
  report: ReportFact | null,
): AssignmentFacts {
  const { epoch, seq, bundles } = envelope;
  const isReported = report?.epoch === epoch && report.seq === seq;
  const facts = isReported ? report.bundles : [];
  const isWhole = isReported && facts.length >= bundles.length;
  const isApplied =
    isWhole && facts.every(({ applied, digest }) => applied === digest);
  return {
    acknowledged: acknowledgedAt !== null || isReported,
    applied: isApplied,
    ready: isApplied && facts.every(({ ready }) => ready),
    confirmed: confirmedAt !== null,
  };
}
