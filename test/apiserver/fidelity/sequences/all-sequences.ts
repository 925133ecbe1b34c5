import { type Sequence } from "../sequence.ts";
import { applySequences } from "./apply-sequences.ts";
import { definitionSequences } from "./definition-sequences.ts";
import { deleteSequences } from "./delete-sequences.ts";
import { kubectlSequences } from "./kubectl-sequences.ts";
import { readSequences } from "./read-sequences.ts";
import { writeSequences } from "./write-sequences.ts";

/** Every sequence, by what it is about. */
export const allSequences: Readonly<Record<string, readonly Sequence[]>> = {
  apply: applySequences,
  write: writeSequences,
  delete: deleteSequences,
  read: readSequences,
  definition: definitionSequences,
  kubectl: kubectlSequences,
};
