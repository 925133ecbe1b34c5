import { type Digest } from "@wheelhouse/assignment";

/**
 * A render that the compiler wants: exactly these files, laid out in a fresh
 * directory, and the directory in it to build. Equal `key`s have equal output,
 * so each is rendered once for the whole fleet.
 */
export interface RenderRequest {
  readonly key: Digest;
  readonly program: "kustomize";
  /** Relative to the layout's root; regular files only, at most 5,000 and 64 MiB. */
  readonly files: readonly {
    readonly path: string;
    readonly bytes: Uint8Array;
  }[];
  /** The directory to build, relative to the layout's root; empty for the root. */
  readonly directory: string;
}

/** What a render came to: the program's output as text, or why not, in its own words. */
export type RenderResult =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly message: string };

/** Renders by key, as far as they are known. */
export type RenderResults = ReadonlyMap<Digest, RenderResult>;

/** Runs renders: bounded in time, memory and output, and with nothing to fetch. Never throws for what the input does. */
export interface RenderPort {
  render(
    request: RenderRequest,
    options?: { readonly signal?: AbortSignal },
  ): Promise<RenderResult>;
}
