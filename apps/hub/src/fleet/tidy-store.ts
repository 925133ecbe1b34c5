import { type HubStore } from "@wheelhouse/hub-store";
import { neededRevisions } from "@wheelhouse/rollout";
import { maxKeptRenders } from "./render-pool.ts";

/** Assignments of one incarnation that are kept beside the newest confirmed one: for whoever is slow to fetch, and for people. */
const keptAssignments = 10;

/** Lines of the audit journal that are kept: some 20 MB. */
const keptJournalLines = 100_000;

/**
 * Drops what nothing needs any more: revisions but the head, the one that is
 * rolled out and those that it may return to; old assignments; artifacts that neither
 * names; the oldest lines of the journal. Never while a revision is being compiled: its artifacts are stored
 * before its targets name them.
 */
export async function tidyStore(store: HubStore): Promise<void> {
  const rollouts = await store.rollouts.list();
  const needed = rollouts.flatMap(({ state }) =>
    neededRevisions(state).map(({ commit }) => commit),
  );
  await store.revisions.retain(needed);
  await store.assignments.retain(keptAssignments);
  await store.artifacts.collectGarbage();
  await store.renders.retain(maxKeptRenders);
  await store.journal.retain(keptJournalLines);
}
