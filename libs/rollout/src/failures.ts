import { failuresAllowed } from "./budget.ts";
import { type WaveMembers, countsAsFailed } from "./membership.ts";

/** A wave in which more clusters fail than it bears. */
export interface FailedWave {
  readonly wave: WaveMembers;
  /** For a person: how many, how many are borne, and the first of them with its reason. */
  readonly message: string;
}

/** The first wave that bears no more failures; null where all are within bounds. */
export function findFailedWave(
  waves: readonly WaveMembers[],
): FailedWave | null {
  for (const wave of waves) {
    const failed = wave.members.filter(countsAsFailed);
    const allowed = failuresAllowed(wave.spec.maxFailures, wave.size);
    const [first] = failed;
    if (first === undefined || failed.length <= allowed) continue;
    const message =
      `wave ${wave.spec.name}: ${failed.length} of ${wave.size} failed, ` +
      `more than maxFailures ${allowed}: ` +
      `${first.name}: ${first.progress.failed ?? ""}`;
    return { wave, message };
  }
  return null;
}
