import { type Digest } from "@wheelhouse/assignment";
import {
  type CompileInput,
  type CompiledCluster,
  type RenderPort,
  type RenderResult,
  compileCluster,
} from "@wheelhouse/compile";

/** Renders by key, kept between the clusters of one revision. */
export type KnownRenders = Map<Digest, RenderResult>;

/**
 * Compiles one cluster to its end: renders what the compiler asks for, and
 * calls it again. Pass the same `renders` for every cluster of a revision, and
 * each input is rendered once.
 */
export async function compileWithRenders(
  input: Omit<CompileInput, "renders">,
  port: RenderPort,
  options: {
    readonly renders?: KnownRenders;
    readonly signal?: AbortSignal;
  } = {},
): Promise<CompiledCluster> {
  const renders: KnownRenders = options.renders ?? new Map();
  const { signal } = options;
  for (;;) {
    signal?.throwIfAborted();
    const step = compileCluster({ ...input, renders });
    if (step.kind === "done") return step.compiled;
    await Promise.all(
      step.requests.map(async (request) => {
        const result = await port.render(
          request,
          signal === undefined ? {} : { signal },
        );
        renders.set(request.key, result);
      }),
    );
  }
}
