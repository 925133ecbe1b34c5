import { availableParallelism } from "node:os";
import { type RenderRequest, type RenderResult } from "@wheelhouse/compile";
import { runBounded } from "./bounded-process.ts";
import { checkPath, createClosedDirectory } from "./closed-directory.ts";
import { type RenderLimits, defaultRenderLimits } from "./render-limits.ts";
import { type InPlace, createPlaces } from "./run-places.ts";

/** How a program that renders is run. */
export interface ProgramOptions {
  /** The absolute path of the official program. */
  readonly program: string;
  readonly limits?: Partial<RenderLimits>;
  /** Runs at the same time; default: one a core. */
  readonly concurrency?: number;
  /** Where fresh directories are made; default: the system's temporary directory. */
  readonly temporaryDirectory?: string;
}

/** Where a request's files lie while the program runs; absolute paths. */
export interface Layout {
  /** The program's home, empty but for `source`. */
  readonly home: string;
  /** The root of the request's files. */
  readonly source: string;
  /** The directory to build. */
  readonly target: string;
}

/** What a program is run with, in its layout. */
export interface ProgramCall {
  readonly args: readonly string[];
  /** Beside HOME and TMPDIR; there is nothing else, and no PATH. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program on closed input: a fresh directory with nothing but the request's files, an empty environment, and no shell. */
export class ClosedProgram {
  readonly #name: string;
  readonly #program: string;
  readonly #limits: RenderLimits;
  readonly #temporaryDirectory: string | undefined;
  readonly #inPlace: InPlace;

  constructor(name: string, options: ProgramOptions) {
    this.#name = name;
    this.#program = options.program;
    this.#limits = { ...defaultRenderLimits, ...options.limits };
    this.#temporaryDirectory = options.temporaryDirectory;
    this.#inPlace = createPlaces(options.concurrency ?? availableParallelism());
  }

  /** Runs once. What the input does wrong is a result, in paths of the request; only a broken machine throws. */
  run(
    request: RenderRequest,
    call: (layout: Layout) => ProgramCall,
    signal?: AbortSignal,
  ): Promise<RenderResult> {
    return this.#inPlace(async () => {
      const closed = await createClosedDirectory(
        request.files,
        this.#temporaryDirectory,
      );
      try {
        const source = `${closed.path}/source`;
        const { directory } = request;
        const target =
          directory === "" ? source : `${source}/${checkPath(directory)}`;
        const layout = { home: closed.path, source, target };
        return await this.#start(layout, call(layout), signal);
      } finally {
        await closed.remove();
      }
    }, signal);
  }

  async #start(
    { home, source }: Layout,
    { args, env }: ProgramCall,
    signal: AbortSignal | undefined,
  ): Promise<RenderResult> {
    const outcome = await runBounded(
      {
        program: this.#program,
        args,
        directory: home,
        // No PATH, so that nothing can be found to run; Go keeps below the limit by itself.
        env: {
          HOME: home,
          TMPDIR: home,
          GOMEMLIMIT: String(Math.floor(this.#limits.maxMemoryBytes * 0.8)),
          ...env,
        },
      },
      this.#limits,
      signal,
    );
    switch (outcome.kind) {
      case "succeeded":
        return { ok: true, output: outcome.output };
      case "failed":
        return { ok: false, message: inRequestPaths(outcome.error, source) };
      case "killed":
        return { ok: false, message: `${this.#name} ${outcome.why}` };
      case "notStarted":
        throw new Error(`${this.#program}: ${outcome.error}`);
    }
  }
}

/** A message with the layout's own paths taken out, so that what remains is of the repository. */
function inRequestPaths(message: string, source: string): string {
  return message
    .replaceAll(`${source}/`, "")
    .replaceAll(source, ".")
    .replace(/^Error: /, "");
}
