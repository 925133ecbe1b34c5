import {
  type ArtifactReference,
  type AssignmentVersion,
  type Digest,
  type SignedEnvelope,
  digestOf,
} from "@wheelhouse/assignment";
import {
  type ArtifactHeader,
  type AssignmentHeader,
  type LinkClient,
  protocolLimits,
} from "@wheelhouse/protocol";
import {
  type FetchResult,
  type PartialBytes,
  emptyPartial,
  fetchResumable,
} from "./resumable-fetch.ts";

/** The connection that a fetch goes over. */
export interface FetchLink {
  readonly client: Pick<LinkClient, "fetchAssignment" | "fetchArtifact">;
  readonly signal: AbortSignal;
  /** Something arrived: the hub lives. */
  onBytes(): void;
}

/** What arrived so far of one assignment and its artifacts; kept from one connection to the next. */
export class FetchProgress {
  #version: AssignmentVersion | undefined;
  #envelope: PartialBytes<AssignmentHeader> = emptyPartial();
  #artifacts = new Map<Digest, PartialBytes<ArtifactHeader>>();

  /** Forgets what arrived of any other assignment. */
  begin(version: AssignmentVersion): void {
    const isSame =
      this.#version?.epoch === version.epoch &&
      this.#version.seq === version.seq;
    if (isSame) return;
    this.#version = version;
    this.#envelope = emptyPartial();
    this.#artifacts.clear();
  }

  /** What arrived of the envelope. */
  get envelope(): PartialBytes<AssignmentHeader> {
    return this.#envelope;
  }

  /** What arrived of an artifact. */
  artifact(digest: Digest): PartialBytes<ArtifactHeader> {
    const partial =
      this.#artifacts.get(digest) ?? emptyPartial<ArtifactHeader>();
    this.#artifacts.set(digest, partial);
    return partial;
  }

  /** Lets an artifact's bytes go: it is durable, or it is to be fetched anew. */
  forget(digest: Digest): void {
    this.#artifacts.delete(digest);
  }

  /** Lets everything go. */
  clear(): void {
    this.#version = undefined;
    this.#envelope = emptyPartial();
    this.#artifacts.clear();
  }
}

/** Fetches an assignment's envelope with its proofs; nothing of it is looked into. */
export async function fetchEnvelope(
  link: FetchLink,
  version: AssignmentVersion,
  progress: FetchProgress,
): Promise<
  | { readonly ok: true; readonly signed: SignedEnvelope }
  | Extract<FetchResult<never>, { ok: false }>
> {
  const { epoch, seq } = version;
  const result = await fetchResumable<AssignmentHeader>({
    partial: progress.envelope,
    open: (offset) =>
      link.client.fetchAssignment(
        { kind: "assignmentFetch", epoch, seq, offset },
        link.signal,
      ),
    totalOf: ({ totalBytes }) => totalBytes,
    isSame: (a, b) =>
      a.totalBytes === b.totalBytes &&
      Buffer.compare(a.signature, b.signature) === 0 &&
      Buffer.compare(a.delegation, b.delegation) === 0,
    maxBytes: protocolLimits.envelopeBytes,
    onBytes: () => link.onBytes(),
    signal: link.signal,
  });
  if (!result.ok) return result;
  const { signature, delegation } = result.header;
  return { ok: true, signed: { bytes: result.bytes, signature, delegation } };
}

/** Fetches an artifact and checks its length and digest. */
export async function fetchArtifact(
  link: FetchLink,
  { digest, bytes: expectedBytes }: ArtifactReference,
  progress: FetchProgress,
): Promise<
  | { readonly ok: true; readonly bytes: Uint8Array }
  | {
      readonly ok: false;
      readonly problem: "NotFound" | "TooLarge" | "Malformed" | "WrongDigest";
    }
> {
  const result = await fetchResumable<ArtifactHeader>({
    partial: progress.artifact(digest),
    open: (offset) =>
      link.client.fetchArtifact(
        { kind: "artifactFetch", digest, offset },
        link.signal,
      ),
    totalOf: ({ totalBytes }) => totalBytes,
    isSame: (a, b) => a.totalBytes === b.totalBytes,
    maxBytes: Math.min(expectedBytes, protocolLimits.artifactBytes),
    onBytes: () => link.onBytes(),
    signal: link.signal,
  });
  progress.forget(digest);
  if (!result.ok) return result;
  return digestOf(result.bytes) === digest
    ? { ok: true, bytes: result.bytes }
    : { ok: false, problem: "WrongDigest" };
}
