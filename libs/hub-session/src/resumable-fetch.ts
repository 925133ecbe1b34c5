import {
  type Decoded,
  type FetchChunk,
  readLinkFailure,
} from "@wheelhouse/protocol";

/** What arrived of something so far. It outlives a connection, so that the next one goes on where this one broke. */
export interface PartialBytes<Header> {
  header: Header | null;
  readonly chunks: Uint8Array[];
  length: number;
}

/** Nothing yet. */
export function emptyPartial<Header>(): PartialBytes<Header> {
  return { header: null, chunks: [], length: 0 };
}

/** What to fetch and how far to go for it. */
export interface ResumableFetchOptions<Header> {
  readonly partial: PartialBytes<Header>;
  /** Opens the stream of frames from a byte on. */
  readonly open: (
    offset: number,
  ) => AsyncIterable<Decoded<Header | FetchChunk>>;
  /** How many bytes there are in all, as the header says. */
  readonly totalOf: (header: Header) => number;
  /** Whether a resumed stream is of the very same thing. */
  readonly isSame: (a: Header, b: Header) => boolean;
  readonly maxBytes: number;
  /** Something arrived. */
  readonly onBytes: () => void;
  readonly signal: AbortSignal;
}

/** What a fetch yields. `refused`: asking again gives the same. A broken connection throws, and the partial keeps what came. */
export type FetchResult<Header> =
  | { readonly ok: true; readonly header: Header; readonly bytes: Uint8Array }
  | {
      readonly ok: false;
      readonly problem: "NotFound" | "TooLarge" | "Malformed";
    };

/** Attempts in a row that bring nothing before a fetch is given up; the offer is taken up again after a while, over the same connection. */
export const fruitlessAttempts = 3;

/** Fetches something whole, going on at the byte where a stream broke. */
export async function fetchResumable<Header extends { readonly kind: string }>(
  options: ResumableFetchOptions<Header>,
): Promise<FetchResult<Header>> {
  const { partial, signal } = options;
  for (let fruitless = 0; ;) {
    const before = partial.length;
    try {
      const result = await fetchOnce(options);
      if (result !== undefined) return result;
      fruitless = partial.length > before ? 0 : fruitless + 1;
      if (fruitless >= fruitlessAttempts) {
        throw new Error("fetch: the stream ended early, again and again");
      }
    } catch (error) {
      const { reason } = readLinkFailure(error);
      if (reason === "NotFound") return { ok: false, problem: reason };
      fruitless = partial.length > before ? 0 : fruitless + 1;
      if (signal.aborted || fruitless >= fruitlessAttempts) throw error;
    }
  }
}

/** Reads one stream to its end. Undefined where it ended early. */
async function fetchOnce<Header extends { readonly kind: string }>(
  options: ResumableFetchOptions<Header>,
): Promise<FetchResult<Header> | undefined> {
  const { partial, open, onBytes, maxBytes, totalOf } = options;
  for await (const frame of open(partial.length)) {
    onBytes();
    if (frame.kind === "malformed") return { ok: false, problem: "Malformed" };
    if (frame.kind === "unknown") continue;
    if (isChunk(frame)) {
      partial.chunks.push(frame.bytes);
      partial.length += frame.bytes.length;
    } else if (!takeHeader(options, frame as Header)) {
      return undefined;
    }
    if (partial.header === null) return { ok: false, problem: "Malformed" };
    const total = totalOf(partial.header);
    if (total > maxBytes || partial.length > total) {
      return { ok: false, problem: "TooLarge" };
    }
  }
  const { header } = partial;
  return header !== null && partial.length === totalOf(header)
    ? { ok: true, header, bytes: Buffer.concat(partial.chunks) }
    : undefined;
}

/** Takes a stream's header. False where it is of something else than what came before: then that is forgotten. */
function takeHeader<Header extends { readonly kind: string }>(
  { partial, isSame }: ResumableFetchOptions<Header>,
  header: Header,
): boolean {
  const isOther = partial.header !== null && !isSame(partial.header, header);
  partial.header = header;
  if (!isOther) return true;
  partial.chunks.length = 0;
  partial.length = 0;
  return false;
}

function isChunk(frame: { readonly kind: string }): frame is FetchChunk {
  return frame.kind === "chunk";
}
