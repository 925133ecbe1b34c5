import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Release } from "./pinned-tools.ts";
import { runProgram } from "./program-run.ts";
import { type Environment } from "./search-path.ts";

/** Bounds of a download, and where its progress goes. */
export interface DownloadOptions {
  readonly env: Environment;
  readonly scratch: string;
  readonly signal?: AbortSignal | undefined;
  /** Megabytes so far and, where the server says, in all. */
  readonly onDetail?: (detail: string) => void;
  /** From the request to the first byte of the answer, default 5 s. */
  readonly connectTimeoutMs?: number;
  /** Between two chunks, default 20 s. */
  readonly idleTimeoutMs?: number;
}

/** A checked program in the scratch folder, or why there is none. */
export type Download =
  | { readonly ok: true; readonly program: string }
  | {
      readonly ok: false;
      readonly problem: string;
      /** No connection came about, which another file of the same place would not change. */
      readonly isUnreachable: boolean;
    };

const maxProgramBytes = 400 * 1024 * 1024;
const maxChecksumBytes = 256 * 1024;
const megabyte = 1_000_000;

const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
};

const noAnswer = "no answer in time";

/** `fetch` wraps whatever the network did in a TypeError with a cause. */
const isNetworkFailure = (error: unknown): boolean =>
  error instanceof Error &&
  (error.message === noAnswer || error.cause instanceof Error);

/** Aborts when no sign of life comes in time; `touch` grants the idle time anew. */
const watchdog = (options: DownloadOptions) => {
  const controller = new AbortController();
  const abort = (why: string) => () => controller.abort(new Error(why));
  let timer = setTimeout(abort(noAnswer), options.connectTimeoutMs ?? 5_000);
  const signals = [controller.signal];
  if (options.signal !== undefined) signals.push(options.signal);
  return {
    signal: AbortSignal.any(signals),
    touch: () => {
      clearTimeout(timer);
      timer = setTimeout(
        abort("the transfer stalled"),
        options.idleTimeoutMs ?? 20_000,
      );
    },
    stop: () => clearTimeout(timer),
  };
};

const request = async (url: string, signal: AbortSignal) => {
  const response = await fetch(url, { signal });
  if (url.startsWith("https:") && !response.url.startsWith("https:")) {
    throw new Error(`redirected to ${response.url}, which is not https`);
  }
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  if (response.body === null) throw new Error("empty answer");
  return { response, body: Readable.fromWeb(response.body) };
};

const fetchToFile = async (
  url: string,
  path: string,
  options: DownloadOptions,
): Promise<void> => {
  const dog = watchdog(options);
  try {
    const { response, body } = await request(url, dog.signal);
    const total = Number(response.headers.get("content-length") ?? 0);
    let bytes = 0;
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        dog.touch();
        bytes += chunk.length;
        const whole = total > 0 ? ` of ${Math.ceil(total / megabyte)}` : "";
        options.onDetail?.(`${Math.floor(bytes / megabyte)}${whole} MB`);
        if (bytes <= maxProgramBytes) done(null, chunk);
        else done(new Error(`larger than ${maxProgramBytes} bytes`));
      },
    });
    await pipeline(body, meter, createWriteStream(path), {
      signal: dog.signal,
    });
  } finally {
    dog.stop();
  }
};

const fetchText = async (
  url: string,
  options: DownloadOptions,
): Promise<string> => {
  const dog = watchdog(options);
  try {
    const { body } = await request(url, dog.signal);
    let text = "";
    for await (const chunk of body) {
      dog.touch();
      text += String(chunk);
      if (text.length > maxChecksumBytes) throw new Error("too long");
    }
    return text;
  } finally {
    dog.stop();
  }
};

/** The sha256 of a file name in a list of hashes, or of a file that is nothing but one hash. */
export const findChecksum = (
  text: string,
  file: string,
): string | undefined => {
  const bare = /^\s*([0-9a-f]{64})\s*$/i.exec(text)?.[1];
  if (bare !== undefined) return bare.toLowerCase();
  for (const line of text.split("\n")) {
    const match = /^([0-9a-f]{64})\s+\*?(\S+)\s*$/i.exec(line);
    if (match?.[2] === file) return match[1]?.toLowerCase();
  }
  return undefined;
};

const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
};

const expectedHash = async (
  release: Release,
  options: DownloadOptions,
): Promise<string> => {
  if (release.sha256 !== undefined) return release.sha256;
  if (release.checksumUrl === undefined) throw new Error("no known checksum");
  const file = decodeURIComponent(basename(new URL(release.url).pathname));
  const hash = findChecksum(
    await fetchText(release.checksumUrl, options),
    file,
  );
  if (hash === undefined) {
    throw new Error(`${release.checksumUrl} does not name ${file}`);
  }
  return hash;
};

const unpack = async (
  archive: string,
  member: string,
  options: DownloadOptions,
): Promise<string> => {
  const run = await runProgram(
    "tar",
    ["-xzf", archive, "-C", options.scratch, "--", member],
    { env: options.env, timeoutMs: 120_000, signal: options.signal },
  );
  if (!run.ok) throw new Error(`tar ${run.problem}: ${run.output.trim()}`);
  return join(options.scratch, member);
};

/**
 * Downloads one file of an official release into the scratch folder and checks its sha256, always.
 *
 * A hash pinned in the source protects against a changed release as well as a changed transfer. A hash from the
 * release's own list, fetched over https, protects against broken and mixed-up transfers and a bad mirror of the file,
 * not against whoever can publish to the release itself. Proxies named by environment variables are not used.
 */
export const downloadRelease = async (
  release: Release,
  options: DownloadOptions,
): Promise<Download> => {
  try {
    const wanted = await expectedHash(release, options);
    const file = join(options.scratch, "download");
    await fetchToFile(release.url, file, options);
    const found = await sha256Of(file);
    if (found !== wanted) {
      const problem = `${release.url}: sha256 is ${found}, wanted is ${wanted}; not used`;
      return { ok: false, problem, isUnreachable: false };
    }
    if (release.member === undefined) return { ok: true, program: file };
    return { ok: true, program: await unpack(file, release.member, options) };
  } catch (error) {
    return {
      ok: false,
      problem: `${release.url}: ${describe(error)}`,
      isUnreachable: isNetworkFailure(error),
    };
  }
};
