import { type ArtifactReference, type Digest } from "@wheelhouse/assignment";
import { type Clock } from "@wheelhouse/clock";
import { batchesOf, fetchBatch } from "./artifact-batches.ts";
import { type FetchLink, FetchProgress } from "./assignment-fetch.ts";
import { spokeLimits } from "./limits.ts";
import {
  type DurableAssignments,
  type FetchedArtifact,
  type LinkLog,
} from "./ports.ts";

/** What artifacts are mended with. */
export interface ArtifactMendingOptions {
  readonly store: Pick<DurableAssignments, "lackingArtifacts" | "putArtifacts">;
  readonly clock: Clock;
  readonly log: LinkLog;
}

/**
 * Fetches what the cluster lacks of the assignment that it has acknowledged:
 * somebody deleted or damaged what was durable. Each artifact is tried once in
 * ten minutes over one connection, whether it could be had or not: neither a
 * hub that has it no more, nor somebody who deletes it again and again, makes
 * this a loop. One whose fetch broke is tried again with the next run.
 */
export class ArtifactMending {
  readonly #options: ArtifactMendingOptions;
  readonly #progress = new FetchProgress();
  readonly #triedMs = new Map<Digest, number>();
  #mustLook = true;

  constructor(options: ArtifactMendingOptions) {
    this.#options = options;
  }

  /** The next time asks the cluster what it lacks, and passes nothing over that was tried before. */
  begin(): void {
    this.#mustLook = true;
    this.#triedMs.clear();
  }

  /** Fetches what is lacking. Where nothing is known to be, nobody is asked but for the look that was begun. Throws where the connection or the cluster fails, after all else is made durable. */
  async run(link: FetchLink): Promise<void> {
    const broken = await this.#mend(link, await this.#lacking());
    // The store knows what it still lacks: the next time needs no look for it.
    if (broken !== undefined) throw broken;
    this.#progress.clear();
  }

  async #lacking(): Promise<readonly ArtifactReference[]> {
    const isLooking = this.#mustLook;
    this.#mustLook = false;
    try {
      return await this.#options.store.lackingArtifacts({ isLooking });
    } catch (error) {
      this.#mustLook ||= isLooking;
      throw error;
    }
  }

  /** Gives the first error of the connection or the hub; one artifact's does not keep the others. */
  async #mend(
    link: FetchLink,
    lacking: readonly ArtifactReference[],
  ): Promise<Error | undefined> {
    let firstBroken: Error | undefined;
    for (const batch of batchesOf(lacking.filter((one) => this.#isDue(one)))) {
      const { fetched, refused, broken } = await fetchBatch(link, batch, {
        progress: this.#progress,
        goesOn: true,
      });
      await this.#put(fetched);
      for (const { digest } of [...fetched, ...refused]) {
        this.#triedMs.set(digest, this.#options.clock.monotonicMs());
      }
      this.#tell(fetched.length, refused);
      firstBroken ??= broken;
      if (link.signal.aborted) break;
    }
    return firstBroken;
  }

  /** A cluster that was not written to is looked at again. */
  async #put(fetched: readonly FetchedArtifact[]): Promise<void> {
    if (fetched.length === 0) return;
    try {
      await this.#options.store.putArtifacts(fetched);
    } catch (error) {
      this.#mustLook = true;
      throw error;
    }
  }

  #isDue({ digest }: { readonly digest: Digest }): boolean {
    const triedMs = this.#triedMs.get(digest);
    const nowMs = this.#options.clock.monotonicMs();
    return triedMs === undefined || nowMs - triedMs >= spokeLimits.mendAgainMs;
  }

  #tell(
    mended: number,
    [first, ...others]: Awaited<ReturnType<typeof fetchBatch>>["refused"],
  ): void {
    const { log } = this.#options;
    if (mended > 0) {
      const what = `${mended} ${mended === 1 ? "artifact" : "artifacts"}`;
      const message = `${what} of the acknowledged assignment: were missing or damaged in the cluster, and are there again`;
      log({ level: "info", message });
    }
    if (first === undefined) return;
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    log({
      level: "warn",
      message: `artifact ${first.digest}${more}: missing or damaged in the cluster, and not to be had from this hub`,
      reason: `Artifact${first.problem}`,
    });
  }
}
