import { type Digest } from "@wheelhouse/assignment";

/** Bytes by their digest. */
export interface ArtifactStore {
  put(artifacts: ReadonlyMap<Digest, Uint8Array>): Promise<void>;
  get(digest: Digest): Promise<Uint8Array | null>;
  /** Which of these are not there. */
  missing(digests: readonly Digest[]): Promise<readonly Digest[]>;
  /** Drops what no stored target and no stored assignment names; returns how many. */
  collectGarbage(): Promise<number>;
}

/** Outputs of renders by the key of their input; losing them costs time only. */
export interface RenderCache {
  get(key: Digest): Promise<string | null>;
  put(key: Digest, output: string): Promise<void>;
  /** Keeps the `max` that were used last. */
  retain(max: number): Promise<void>;
}
