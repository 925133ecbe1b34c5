import { type ArtifactReference, type Digest } from "@wheelhouse/assignment";
import { protocolLimits } from "@wheelhouse/protocol";
import {
  type FetchLink,
  type FetchProgress,
  fetchArtifact,
} from "./assignment-fetch.ts";
import { spokeLimits } from "./limits.ts";
import { type FetchedArtifact } from "./ports.ts";

/** Fetched bytes that are made durable together. */
const batchBytes = 4 * protocolLimits.messageBytes;

/** An artifact that the hub does not have, or not as it should be: asking again gives the same. */
export interface RefusedArtifact {
  readonly digest: Digest;
  readonly problem: "NotFound" | "TooLarge" | "Malformed" | "WrongDigest";
}

/** Groups references so that each group's bytes fit into memory together. */
export function batchesOf(
  references: readonly ArtifactReference[],
): ArtifactReference[][] {
  const batches: ArtifactReference[][] = [];
  let room = 0;
  for (const reference of references) {
    const batch = batches.at(-1);
    if (batch === undefined || reference.bytes > room) {
      batches.push([reference]);
      room = batchBytes - reference.bytes;
    } else {
      batch.push(reference);
      room -= reference.bytes;
    }
  }
  return batches;
}

/** What became of a batch. */
export interface FetchedBatch {
  /** What came whole; no progress keeps it. */
  readonly fetched: readonly FetchedArtifact[];
  readonly refused: readonly RefusedArtifact[];
  /** The first error of a fetch that broke, in the connection or in the hub; undefined where none did. */
  readonly broken: Error | undefined;
}

/** Fetches a batch, several artifacts at once; where one is refused, the rest is fetched only if `goesOn`. Where a fetch breaks, the progress keeps what came of it, and the others go on while the connection is there. */
export async function fetchBatch(
  link: FetchLink,
  batch: readonly ArtifactReference[],
  {
    progress,
    goesOn,
  }: { readonly progress: FetchProgress; readonly goesOn: boolean },
): Promise<FetchedBatch> {
  const fetched: FetchedArtifact[] = [];
  const refused: RefusedArtifact[] = [];
  let broken: Error | undefined;
  const queue = [...batch];
  const fetchOne = async (reference: ArtifactReference): Promise<void> => {
    const { digest } = reference;
    try {
      const result = await fetchArtifact(link, reference, progress);
      if (result.ok) {
        fetched.push({ digest, bytes: result.bytes });
        return;
      }
      refused.push({ digest, problem: result.problem });
      if (!goesOn) queue.length = 0;
    } catch (error) {
      broken ??= error instanceof Error ? error : new Error(String(error));
      if (link.signal.aborted) queue.length = 0;
    }
  };
  const fetchNext = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      await fetchOne(next);
    }
  };
  // All have to end before any is tried again: two must not write into one partial.
  await Promise.all(
    Array.from({ length: spokeLimits.parallelFetches }, fetchNext),
  );
  return { fetched, refused, broken };
}
