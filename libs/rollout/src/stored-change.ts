import { type ClusterProgress, type RolloutState } from "./rollout-state.ts";

/**
 * So much may a tally of time be ahead of what is stored. A restart loses it,
 * which makes every wait longer and none shorter.
 */
export const tallyGrainMs = 10_000;

/** Whether a state says something that the stored one does not: anything but the clock, and tallies of time by a whole `tallyGrainMs`. */
export function isWorthStoring(
  stored: RolloutState | null,
  next: RolloutState | null,
): boolean {
  if (next === null || stored === next) return false;
  if (stored === null) return true;
  const { clusters: before, waves: wavesBefore, ...rest } = stored;
  const { clusters, waves, ...nextRest } = next;
  const plain = (state: Omit<RolloutState, "clusters" | "waves">) =>
    JSON.stringify({ ...state, steppedAtMs: null });
  return (
    plain(rest) !== plain(nextRest) ||
    wavesText(wavesBefore) !== wavesText(waves) ||
    haveClustersChanged(before, clusters)
  );
}

/** Whether what a step came to has to be stored: every issue, confirmation and note, and a state that says something new. */
export function isEntryNews(
  stored: RolloutState | null,
  entry: {
    readonly state: RolloutState | null;
    readonly issued: readonly unknown[];
    readonly confirmed: readonly unknown[];
    readonly journal: readonly unknown[];
  },
): boolean {
  const { state, issued, confirmed, journal } = entry;
  return (
    issued.length > 0 ||
    confirmed.length > 0 ||
    journal.length > 0 ||
    isWorthStoring(stored, state)
  );
}

/** A stored state as a hub that has just read it steps on: a restart adds nothing to any time. */
export function afterRestart(state: RolloutState): RolloutState {
  return { ...state, steppedAtMs: null };
}

/** Within a generation names only join a wave: their number tells whether they are the same. */
function wavesText(waves: RolloutState["waves"]): string {
  return JSON.stringify(
    waves.map((wave) => ({
      ...wave,
      clusters: wave.clusters.length,
      soakedMs: grains(wave.soakedMs),
    })),
  );
}

function haveClustersChanged(
  before: RolloutState["clusters"],
  after: RolloutState["clusters"],
): boolean {
  const names = Object.keys(after);
  if (names.length !== Object.keys(before).length) return true;
  return names.some((name) => {
    const [a, b] = [before[name], after[name]];
    if (a === b) return false;
    if (a === undefined || b === undefined) return true;
    return progressText(a) !== progressText(b);
  });
}

function progressText(progress: ClusterProgress): string {
  const { unreadyMs, heardMs, awayMs, readyMs } = progress;
  return JSON.stringify({
    ...progress,
    heardMs: grains(heardMs),
    awayMs: grains(awayMs),
    readyMs: grains(readyMs),
    unreadyMs: Object.entries(unreadyMs).map(([name, ms]) => [
      name,
      grains(ms),
    ]),
  });
}

function grains(ms: number): number {
  return Math.floor(ms / tallyGrainMs);
}
