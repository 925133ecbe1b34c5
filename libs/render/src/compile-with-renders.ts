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
import { type Cluster } from "@wheelhouse/fleet-model";

/** Renders by key, kept between the clusters of one revision. */
export type KnownRenders = Map<Digest, RenderResult>;

/** Renders every request, each key of which is there once; never rejects for what the input does. */
export type RenderAll = (
  requests: readonly RenderRequest[],
) => Promise<ReadonlyMap<Digest, RenderResult>>;

/** The clusters of one revision that are taken to their end together. */
export interface ClustersInput extends Omit<
  CompileInput,
  "renders" | "cluster"
> {
  readonly clusters: readonly Cluster[];
  readonly render: RenderAll;
  /** Pass the same for every call of a revision, and each input is rendered once; absent: a new one. */
  readonly renders?: KnownRenders;
}

/** Compiles clusters to their end, in their order. */
export async function compileClusters(
  input: ClustersInput,
): Promise<readonly CompiledCluster[]> {
  const steps = await toTheEnd(input, compileCluster);
  return steps.map(({ compiled }) => compiled);
}

/** Resolves clusters to their end, in their order, to look at them: see `resolveCluster`. */
export async function resolveClusters(
  input: ClustersInput,
): Promise<readonly ResolvedCluster[]> {
  const steps = await toTheEnd(input, resolveCluster);
  return steps.map(({ resolved }) => resolved);
}

/** Renders through a port, all at once: the port has the bounds. */
export function renderThrough(port: RenderPort): RenderAll {
  return async (requests) =>
    new Map(
      await Promise.all(
        requests.map(
          async (request) => [request.key, await port.render(request)] as const,
        ),
      ),
    );
}

interface NeedsRenders {
  readonly kind: "needsRenders";
  readonly requests: readonly RenderRequest[];
}

/**
 * All clusters go forward together, round by round, so that each render is
 * asked for once. It ends: each round answers what the compiler asks for, and
 * that has bounds on bundles and on their depth, of one cluster whatever the
 * others hold.
 */
async function toTheEnd<Done extends { readonly kind: "done" }>(
  { clusters, render, renders = new Map(), ...input }: ClustersInput,
  next: (input: CompileInput) => NeedsRenders | Done,
): Promise<readonly Done[]> {
  const done = new Map<Cluster, Done>();
  for (;;) {
    const wanted = new Map<Digest, RenderRequest>();
    for (const cluster of clusters) {
      if (done.has(cluster)) continue;
      const step = next({ ...input, cluster, renders });
      if (step.kind === "done") done.set(cluster, step);
      else step.requests.forEach((one) => wanted.set(one.key, one));
    }
    if (wanted.size === 0) break;
    await renderWanted(wanted, render, renders);
  }
  return clusters.flatMap((cluster) => done.get(cluster) ?? []);
}

/** Throws where a render is not answered: the round would be the same again, without end. */
async function renderWanted(
  wanted: ReadonlyMap<Digest, RenderRequest>,
  render: RenderAll,
  renders: KnownRenders,
): Promise<void> {
  const results = await render([...wanted.values()]);
  for (const key of wanted.keys()) {
    const result = results.get(key);
    if (result === undefined) throw new Error(`${key}: was not rendered`);
    renders.set(key, result);
  }
}
