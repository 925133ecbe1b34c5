import { type Revision } from "@wheelhouse/assignment";

/** Whether two revisions are one: same commit, same lock. */
export function isSameRevision(
  a: Revision | null,
  b: Revision | null,
): boolean {
  if (a === null || b === null) return a === b;
  return a.commit === b.commit && a.lock === b.lock;
}

/** Whether a revision's commit was rejected, with whatever lock: only another commit is a new decision. */
export function isRejected(
  rejected: readonly Revision[],
  revision: Revision,
): boolean {
  return rejected.some(({ commit }) => commit === revision.commit);
}

/** How a person sees a revision: the first eight digits of its commit. */
export function shortRevision(revision: Revision): string {
  return revision.commit.slice(0, 8);
}
