import { type HeldReason } from "@wheelhouse/assignment";
import { type Problem, adviseProblem } from "@wheelhouse/fleet-model";
import { type KubeObject } from "@wheelhouse/kube-object";
import { type CompileInput } from "./compile-cluster.ts";
import { exploreCluster } from "./explored-cluster.ts";
import { type RenderRequest } from "./render-request.ts";

/** A bundle with everything that it builds to. */
export interface ResolvedBundle {
  /** `<kind>/<namespace>/<name>`. */
  readonly name: string;
  /** Also Flux's own objects, and also where the bundle is held; empty where it cannot be built. */
  readonly objects: readonly KubeObject[];
  readonly held: HeldReason | undefined;
}

/** What a cluster's root resolves to, before anything is left out. */
export interface ResolvedCluster {
  readonly bundles: readonly ResolvedBundle[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Either the renders that are still wanted, or the outcome. */
export type ResolveStep =
  | {
      readonly kind: "needsRenders";
      readonly requests: readonly RenderRequest[];
    }
  | { readonly kind: "done"; readonly resolved: ResolvedCluster };

/**
 * Resolves a cluster's root to look at it, by the same code that compiles it:
 * what Git does not hold counts as empty, and a bundle that would be held shows
 * what it builds to.
 */
export function resolveCluster(input: CompileInput): ResolveStep {
  const explored = exploreCluster({ ...input, absent: "empty" });
  switch (explored.kind) {
    case "needsRenders":
      return explored;
    case "noRoot":
      return {
        kind: "done",
        resolved: {
          bundles: [],
          problems: [adviseProblem(explored.problem)],
          warnings: [],
        },
      };
    case "explored": {
      const { bundles, problems, warnings } = explored.exploration;
      return {
        kind: "done",
        resolved: {
          bundles: [...bundles.values()].map(({ name, rendered, held }) => ({
            name,
            objects: rendered,
            held,
          })),
          problems: problems.map(adviseProblem),
          warnings: warnings.map(adviseProblem),
        },
      };
    }
  }
}
