import {
  type GitHttpRequest,
  type GitHttpResponse,
  type HttpClient,
} from "isomorphic-git";
import { GitBoundError } from "./git-problem.ts";

/** An HTTP client for isomorphic-git that ends with `signal` and counts what it receives against `maxBytes`, over all its requests. */
export function createGitHttp(options: {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly onTooLarge: (error: GitBoundError) => void;
}): HttpClient {
  let received = 0;
  const count = (bytes: number) => {
    received += bytes;
    if (received > options.maxBytes) {
      const error = new GitBoundError(
        "tooLarge",
        `sends more than ${options.maxBytes} bytes`,
      );
      options.onTooLarge(error);
      throw error;
    }
  };
  return {
    request: async (request: GitHttpRequest): Promise<GitHttpResponse> => {
      const body = await collect(request.body);
      const response = await fetch(request.url, {
        method: request.method ?? "GET",
        headers: request.headers ?? {},
        signal: options.signal,
        ...(body === null ? {} : { body }),
      });
      return {
        url: response.url,
        method: request.method ?? "GET",
        statusCode: response.status,
        statusMessage: response.statusText,
        headers: Object.fromEntries(response.headers),
        body: countBytes(response.body, count),
      };
    },
  };
}

async function collect(
  body: GitHttpRequest["body"],
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (body === undefined) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

async function* countBytes(
  body: ReadableStream<Uint8Array> | null,
  count: (bytes: number) => void,
): AsyncIterableIterator<Uint8Array> {
  if (body === null) return;
  for await (const chunk of body) {
    count(chunk.length);
    yield chunk;
  }
}
