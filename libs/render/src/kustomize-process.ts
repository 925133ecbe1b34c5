import {
  type RenderPort,
  type RenderRequest,
  type RenderResult,
} from "@wheelhouse/compile";
import { ClosedProgram, type ProgramOptions } from "./closed-program.ts";

/**
 * Runs the official kustomize on closed input, without plugins and with
 * nothing left to fetch. Paths in its messages are the repository's.
 */
export class KustomizeProcess implements RenderPort {
  readonly #program: ClosedProgram;

  constructor(options: ProgramOptions) {
    this.#program = new ClosedProgram("kustomize", options);
  }

  /** Renders one request. What the input does wrong is a result; only a broken machine throws. */
  render(
    request: RenderRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<RenderResult> {
    return this.#program.run(
      request,
      ({ target }) => ({
        args: [
          "build",
          "--load-restrictor",
          "LoadRestrictionsNone",
          "--",
          target,
        ],
      }),
      signal,
    );
  }
}
