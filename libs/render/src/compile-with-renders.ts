import { type Digest } from "@wheelhouse/assignment";
import {
  type CompileInput,
  type CompiledCluster,
  type RenderPort,
  type RenderRequest,
  type RenderResult,
  type ResolvedCluster,
  compileCluster,
  resolveCluster,
} from "@wheelhouse/compile";

/** Renders by key, kept between the clusters of one revision. */
export type KnownRenders = Map<Digest, RenderResult>;

/** How renders are run and kept. */
export interface RenderOptions {
  /** Pass the same for every cluster of a revision, and each input is rendered once. */
  readonly renders?: KnownRenders;
  readonly signal?: AbortSignal;
}

/** Compiles one cluster to its end: renders what the compiler asks for, and calls it again. */
export async function compileWithRenders(
  input: Omit<CompileInput, "renders">,
  port: RenderPort,
  options: RenderOptions = {},
): Promise<CompiledCluster> {
  const step = await toTheEnd(
    (renders) => compileCluster({ ...input, renders }),
    port,
    options,
  );
  return step.compiled;
}

/** Resolves one cluster to its end, to look at it: see `resolveCluster`. */
export async function resolveWithRenders(
  input: Omit<CompileInput, "renders">,
  port: RenderPort,
  options: RenderOptions = {},
): Promise<ResolvedCluster> {
  const step = await toTheEnd(
    (renders) => resolveCluster({ ...input, renders }),
    port,
    options,
  );
  return step.resolved;
}

interface NeedsRenders {
  readonly kind: "needsRenders";
  readonly requests: readonly RenderRequest[];
}

async function toTheEnd<Done extends { readonly kind: "done" }>(
  next: (renders: KnownRenders) => NeedsRenders | Done,
  port: RenderPort,
  { renders = new Map(), signal }: RenderOptions,
): Promise<Done> {
  for (;;) {
    signal?.throwIfAborted();
    const step = next(renders);
    if (step.kind === "done") return step;
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
