import { type BundleName } from "@wheelhouse/assignment";
import {
  KubeError,
  type ObjectResult,
  requestOf,
} from "@wheelhouse/kube-apply";
import { gvkOf, objectKey, parseApiVersion } from "@wheelhouse/kube-object";
import { type PlannedBundle } from "./assignment-plan.ts";
import { judgeByExpressions } from "./bundle-expressions.ts";
import { type JudgedObject, computeBundleHealth } from "./bundle-health.ts";
import { type BundleHealth } from "./bundle-state.ts";
import { type DependencyState, bundleAsObject } from "./dependency-state.ts";
import { type LiveOverlay } from "./live-overlay.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** What health is read with. */
export interface HealthReaderOptions {
  readonly options: Pick<ReconcilerOptions, "clock" | "port">;
  readonly overlay: LiveOverlay;
}

/** Whose health is asked for, and what was just answered about its objects. */
export interface HealthQuestion {
  readonly planned: PlannedBundle;
  readonly results: readonly ObjectResult[];
  /** Other bundles of the same assignment, as their dependants see them. */
  readonly bundleState: (name: BundleName) => DependencyState | undefined;
  readonly signal: AbortSignal;
}

/** Reads a bundle's health off what is in view, what the server just answered, and what has to be asked for. */
export class HealthReader {
  readonly #with: HealthReaderOptions;

  constructor(options: HealthReaderOptions) {
    this.#with = options;
  }

  async read(question: HealthQuestion): Promise<BundleHealth> {
    const { planned, results } = question;
    const outcomes = new Map(
      results.map(({ desired, outcome }) => [desired.key, outcome]),
    );
    const objects = (planned.desired ?? []).map((desired) => {
      const outcome = outcomes.get(desired.key);
      const viewed = this.#with.overlay.get(gvkOf(desired.object), desired.key);
      const inView = viewed.kind === "known" ? viewed.object : undefined;
      const answered = outcome?.kind === "refused" ? undefined : outcome?.live;
      return {
        id: desired.id,
        live: inView ?? answered,
        refusal: outcome?.kind === "refused" ? outcome.message : undefined,
      };
    });
    const checks = await this.#checked(question);
    const seen = [...objects, ...checks].flatMap(({ live }) =>
      live === undefined ? [] : [live],
    );
    return computeBundleHealth(
      objects,
      checks,
      this.#with.options.clock.nowMs(),
      judgeByExpressions(planned.assigned.spec, seen),
    );
  }

  /** Objects of health checks: bundles are judged by their state, since no Flux object is there for them; those of the bundle itself are in view, others are read live. */
  #checked({
    planned,
    bundleState,
    signal,
  }: HealthQuestion): Promise<readonly JudgedObject[]> {
    const { options, overlay } = this.#with;
    return Promise.all(
      planned.assigned.spec.healthChecks.map(async (check) => {
        const kind = { ...parseApiVersion(check.apiVersion), kind: check.kind };
        const id = {
          group: kind.group,
          kind: check.kind,
          namespace: check.namespace,
          name: check.name,
        };
        const bundle = bundleAsObject(check, bundleState);
        if (bundle !== undefined) {
          return { id, live: bundle, refusal: undefined };
        }
        const viewed = overlay.get(kind, objectKey(id));
        if (viewed.kind === "known" && viewed.object !== undefined) {
          return { id, live: viewed.object, refusal: undefined };
        }
        try {
          const request = requestOf({ spec: planned.assigned.spec, signal });
          const live = await options.port.get(kind, id, request);
          return { id, live, refusal: undefined };
        } catch (error) {
          if (!(error instanceof KubeError)) throw error;
          const { message } = error;
          return {
            id,
            live: undefined,
            refusal: undefined,
            unreadable: message,
          };
        }
      }),
    );
  }
}
