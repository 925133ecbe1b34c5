import { type Digest } from "@wheelhouse/assignment";
import { type Clock } from "@wheelhouse/clock";
import { batchesOf, fetchBatch } from "./artifact-batches.ts";
import { type FetchLink, FetchProgress } from "./assignment-fetch.ts";
import { spokeLimits } from "./limits.ts";
import { type DurableAssignments, type LinkLog } from "./ports.ts";

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
 * this a loop.
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

  /** Fetches what is lacking. Where nothing is known to be, nobody is asked but for the look that was begun. Throws where the connection or the cluster fails. */
  async run(link: FetchLink): Promise<void> {
    const isLooking = this.#mustLook;
    this.#mustLook = false;
    try {
      await this.#mend(link, isLooking);
    } catch (error) {
      this.#mustLook ||= isLooking;
      throw error;
    }
    this.#progress.clear();
  }

  async #mend(link: FetchLink, isLooking: boolean): Promise<void> {
    const { store } = this.#options;
    const lacking = await store.lackingArtifacts({ isLooking });
    for (const batch of batchesOf(lacking.filter((one) => this.#isDue(one)))) {
      const { fetched, refused } = await fetchBatch(link, batch, {
        progress: this.#progress,
        goesOn: true,
      });
      if (fetched.length > 0) await store.putArtifacts(fetched);
      for (const { digest } of batch) {
        this.#triedMs.set(digest, this.#options.clock.monotonicMs());
      }
      this.#tell(fetched.length, refused);
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
