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

/** Fetches a batch, several artifacts at once; where one is refused, the rest is fetched only if `goesOn`. Throws where the connection breaks: the progress keeps what came. */
export async function fetchBatch(
  link: FetchLink,
  batch: readonly ArtifactReference[],
  {
    progress,
    goesOn,
  }: { readonly progress: FetchProgress; readonly goesOn: boolean },
): Promise<{
  readonly fetched: readonly FetchedArtifact[];
  readonly refused: readonly RefusedArtifact[];
}> {
  const fetched: FetchedArtifact[] = [];
  const refused: RefusedArtifact[] = [];
  const queue = [...batch];
  const fetchNext = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { digest } = next;
      const result = await fetchArtifact(link, next, progress);
      if (result.ok) fetched.push({ digest, bytes: result.bytes });
      else {
        refused.push({ digest, problem: result.problem });
        if (!goesOn) queue.length = 0;
      }
    }
  };
  // All have to end before any is tried again: two must not write into one partial.
  const ends = await Promise.allSettled(
    Array.from({ length: spokeLimits.parallelFetches }, fetchNext),
  );
  const broken = ends.find((end) => end.status === "rejected");
  if (broken !== undefined) throw broken.reason;
  return { fetched, refused };
}
