import { type Envelope, decodeEnvelope } from "@wheelhouse/assignment";
import { type Selectable } from "kysely";
import { type UnreadableAssignment } from "../assignment-store.ts";
import { type Schema } from "./schema.ts";

/** Of each kind the newest so many are kept. */
const maxKept = 1_000;

/** Envelopes as they were read: an assignment never changes, so each is read and checked once. */
export class DecodedEnvelopes {
  readonly #read = new Map<string, Envelope>();
  readonly #unreadable = new Map<string, UnreadableAssignment>();

  /** Those that could not be read. */
  get unreadable(): readonly UnreadableAssignment[] {
    return [...this.#unreadable.values()];
  }

  /** A row's envelope; null where it cannot be read. */
  read(
    row: Pick<
      Selectable<Schema["assignment"]>,
      "uid" | "cluster" | "epoch" | "seq"
    >,
    bytes: Uint8Array,
  ): Envelope | null {
    const { uid, cluster, epoch, seq } = row;
    const key = `${uid} ${epoch} ${seq}`;
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const result = decodeEnvelope(bytes);
    if (!result.ok) {
      const { problem } = result;
      keep(this.#unreadable, key, { cluster, epoch, seq, problem });
      return null;
    }
    keep(this.#read, key, result.envelope);
    return result.envelope;
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  const [oldest] = map.keys();
  if (map.size >= maxKept && oldest !== undefined && !map.has(key)) {
    map.delete(oldest);
  }
  map.set(key, value);
}
