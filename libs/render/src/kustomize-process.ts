import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  type RenderPort,
  type RenderRequest,
  type RenderResult,
} from "@wheelhouse/compile";
import { runBounded } from "./bounded-process.ts";
import {
  type ClosedDirectory,
  checkPath,
  createClosedDirectory,
} from "./closed-directory.ts";
import { type RenderLimits, defaultRenderLimits } from "./render-limits.ts";
import { createPlaces } from "./run-places.ts";

/** How kustomize is run. */
export interface KustomizeOptions {
  /** The absolute path of the official program. */
  readonly program: string;
  readonly limits?: Partial<RenderLimits>;
  /** Runs at the same time; default: one a core. */
  readonly concurrency?: number;
  /** Where fresh directories are made; default: the system's temporary directory. */
  readonly temporaryDirectory?: string;
}

/**
 * Runs the official kustomize on closed input: a fresh directory with nothing
 * but the request's files, an empty environment, no shell, no plugins, and
 * nothing left to fetch. Paths in its messages are the repository's.
 */
export class KustomizeProcess implements RenderPort {
  readonly #program: string;
  readonly #limits: RenderLimits;
  readonly #temporaryDirectory: string | undefined;
  readonly #inPlace: <Value>(
    run: () => Promise<Value>,
    signal?: AbortSignal,
  ) => Promise<Value>;

  constructor(options: KustomizeOptions) {
    this.#program = options.program;
    this.#limits = { ...defaultRenderLimits, ...options.limits };
    this.#temporaryDirectory = options.temporaryDirectory;
    this.#inPlace = createPlaces(options.concurrency ?? availableParallelism());
  }

  /** Renders one request. What the input does wrong is a result; only a broken machine throws. */
  render(
    request: RenderRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<RenderResult> {
    return this.#inPlace(async () => {
      const closed = await createClosedDirectory(
        request.files,
        this.#temporaryDirectory,
      );
      try {
        return await this.#run(closed, request.directory, signal);
      } finally {
        await closed.remove();
      }
    }, signal);
  }

  async #run(
    { path }: ClosedDirectory,
    directory: string,
    signal: AbortSignal | undefined,
  ): Promise<RenderResult> {
    const source = join(path, "source");
    const target =
      directory === "" ? source : join(source, checkPath(directory));
    const outcome = await runBounded(
      {
        program: this.#program,
        args: [
          "build",
          "--load-restrictor",
          "LoadRestrictionsNone",
          "--",
          target,
        ],
        directory: path,
        // No PATH, so that nothing can be found to run; Go keeps below the limit by itself.
        env: {
          HOME: path,
          TMPDIR: path,
          GOMEMLIMIT: String(Math.floor(this.#limits.maxMemoryBytes * 0.8)),
        },
      },
      this.#limits,
      signal,
    );
    switch (outcome.kind) {
      case "succeeded":
        return { ok: true, output: outcome.output };
      case "failed":
        return { ok: false, message: inRepoPaths(outcome.error, source) };
      case "killed":
        return { ok: false, message: `kustomize ${outcome.why}` };
      case "notStarted":
        throw new Error(`${this.#program}: ${outcome.error}`);
    }
  }
}

/** A message with the layout's own paths taken out, so that what remains is of the repository. */
function inRepoPaths(message: string, source: string): string {
  return message
    .replaceAll(`${source}/`, "")
    .replaceAll(source, ".")
    .replace(/^Error: /, "");
}
