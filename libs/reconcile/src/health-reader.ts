import { type BundleName } from "@wheelhouse/assignment";
import {
  KubeError,
  type Limiter,
  type ObjectOutcome,
  type ObjectResult,
  requestOf,
} from "@wheelhouse/kube-apply";
import {
  type GroupVersionKind,
  type ObjectId,
  gvkOf,
  objectKey,
  parseApiVersion,
} from "@wheelhouse/kube-object";
import { type ObjectNote } from "@wheelhouse/protocol";
import { type PlannedBundle } from "./assignment-plan.ts";
import { judgeByExpressions } from "./bundle-expressions.ts";
import {
  type JudgedObject,
  computeBundleHealth,
  noteObjects,
} from "./bundle-health.ts";
import { type HealthVerdict } from "./bundle-state.ts";
import { type DependencyState, bundleAsObject } from "./dependency-state.ts";
import { type HealthBasis } from "./health-basis.ts";
import { type LiveOverlay } from "./live-overlay.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** What health is read with. */
export interface HealthReaderOptions {
  readonly options: Pick<ReconcilerOptions, "clock" | "port">;
  readonly overlay: LiveOverlay;
  /** Bounds the requests at once. */
  readonly limiter: Limiter;
}

/** One object whose health is asked for. */
interface Asked {
  readonly id: ObjectId;
  readonly key: string;
  readonly kind: GroupVersionKind;
}

/** Whose health is asked for, and what was just answered about its objects. */
export interface HealthQuestion {
  readonly planned: PlannedBundle;
  readonly results: readonly ObjectResult[];
  /** What the bundle was when the look began. */
  readonly basis: HealthBasis;
  /** Other bundles of the same assignment, as their dependants see them. */
  readonly bundleState: (name: BundleName) => DependencyState | undefined;
  readonly signal: AbortSignal;
}

/** What a look at a bundle's objects came to. */
export interface HealthLook {
  readonly health: HealthVerdict;
  readonly objects: readonly ObjectNote[];
}

/** Reads a bundle's health off what is in view, what the server just answered, and what has to be asked for. */
export class HealthReader {
  readonly #with: HealthReaderOptions;

  constructor(options: HealthReaderOptions) {
    this.#with = options;
  }

  async read(question: HealthQuestion): Promise<HealthVerdict> {
    const { objects, checks, now, expressions } = await this.#seen(question);
    const health = computeBundleHealth(objects, checks, now, expressions);
    return { ...health, basis: question.basis };
  }

  /** The bundle's health, and that of each object it should have. */
  async look(question: HealthQuestion): Promise<HealthLook> {
    const { objects, checks, now, expressions } = await this.#seen(question);
    const health = computeBundleHealth(objects, checks, now, expressions);
    return {
      health: { ...health, basis: question.basis },
      objects: noteObjects(objects, now, expressions),
    };
  }

  async #seen(question: HealthQuestion) {
    const { planned, results, signal } = question;
    const outcomes = new Map(
      results.map(({ desired, outcome }) => [desired.key, outcome]),
    );
    const objects = await Promise.all(
      (planned.desired ?? []).map(({ id, key, object }) =>
        this.#judged({ id, key, kind: gvkOf(object) }, outcomes.get(key), {
          planned,
          signal,
        }),
      ),
    );
    const checks = await this.#checked(question);
    const seen = [...objects, ...checks].flatMap(({ live }) =>
      live === undefined ? [] : [live],
    );
    const now = this.#with.options.clock.nowMs();
    const expressions = judgeByExpressions(planned.assigned.spec, seen);
    return { objects, checks, now, expressions };
  }

  /** An object of the bundle itself: as it is in view, as it was answered, or, where neither tells, as it is live. */
  async #judged(
    { id, key, kind }: Asked,
    outcome: ObjectOutcome | undefined,
    asker: Pick<HealthQuestion, "planned" | "signal">,
  ): Promise<JudgedObject> {
    const viewed = this.#with.overlay.get(kind, key);
    const inView = viewed.kind === "known" ? viewed.object : undefined;
    if (outcome?.kind === "refused") {
      return { id, live: inView, refusal: outcome.message };
    }
    const live = inView ?? outcome?.live;
    return live === undefined && viewed.kind === "unknown"
      ? this.#readLive({ id, key, kind }, asker)
      : { id, live, refusal: undefined };
  }

  /** Objects of health checks: bundles are judged by their state, since no Flux object is there for them; those of the bundle itself are in view, others are read live. */
  #checked({
    planned,
    bundleState,
    signal,
  }: HealthQuestion): Promise<readonly JudgedObject[]> {
    const { overlay } = this.#with;
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
        const key = objectKey(id);
        const viewed = overlay.get(kind, key);
        return viewed.kind === "known" && viewed.object !== undefined
          ? { id, live: viewed.object, refusal: undefined }
          : this.#readLive({ id, key, kind }, { planned, signal });
      }),
    );
  }

  async #readLive(
    { id, kind }: Asked,
    { planned, signal }: Pick<HealthQuestion, "planned" | "signal">,
  ): Promise<JudgedObject> {
    const { options, limiter } = this.#with;
    const request = requestOf({ spec: planned.assigned.spec, signal });
    try {
      const live = await limiter.run(() => options.port.get(kind, id, request));
      return { id, live, refusal: undefined };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      const { message } = error;
      return { id, live: undefined, refusal: undefined, unreadable: message };
    }
  }
}
