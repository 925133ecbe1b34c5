import { type DryRunAnswer, stripIgnored } from "@wheelhouse/drift";
import { type KubeObject, gvkOf } from "@wheelhouse/kube-object";
import { type ApplyContext, requestOf } from "./apply-context.ts";
import { type Clock } from "@wheelhouse/clock";
import { sleep } from "./clock.ts";
import { type DesiredObject } from "./desired-object.ts";
import { type Failpoint } from "./failpoints.ts";
import { KubeError, isVerdict } from "./kube-error.ts";
import { type ApplyPort } from "./kube-port.ts";
import { resourceVersionOf, uidOf } from "./live-content.ts";
import { type Adoption, ObjectAdoption } from "./object-adoption.ts";
import {
  type ObjectAction,
  type ObjectOutcome,
  moving,
  refusalOf,
  refuse,
  terminating,
} from "./object-outcome.ts";
import { liveOwnerOf } from "./ownership-marks.ts";
import { type PreparedObject } from "./prepared-object.ts";
import { isProtectedKind } from "./protected-kinds.ts";
import { decideTakeover } from "./takeover.ts";

/** Judging again after the object moved under our eyes. */
export const maxRejudgements = 4;

/** An object that is deleted to be created anew must be gone within this time. */
const recreateTimeoutMs = 30_000;

/** What a dry run at one version came to; `moved` where the object is another version by now. */
export type DryRunOutcome =
  | Exclude<DryRunAnswer, { readonly kind: "refused" }>
  | { readonly kind: "refused"; readonly error: KubeError }
  | "moved";

/** Writes single objects: without force, or with it where that is permitted, at the version that was judged. */
export class ObjectWriter {
  readonly #port: ApplyPort;
  readonly #clock: Clock;
  readonly #failpoint: Failpoint;
  readonly #adoption: ObjectAdoption;

  constructor(options: {
    readonly port: ApplyPort;
    readonly clock: Clock;
    readonly failpoint: Failpoint;
  }) {
    this.#port = options.port;
    this.#clock = options.clock;
    this.#failpoint = options.failpoint;
    this.#adoption = new ObjectAdoption(options.port);
  }

  /** Applies without force; where that conflicts, decides whether the fields may be taken. */
  async write(
    prepared: PreparedObject,
    live: KubeObject | undefined,
    context: ApplyContext,
  ): Promise<ObjectOutcome> {
    const hasIgnores = context.spec.drift.ignore.length > 0;
    try {
      // Who owns an ignored field is not in view, and must be known at the version that is written.
      const known =
        hasIgnores && live !== undefined
          ? await this.get(prepared.desired, context)
          : live;
      const object = this.sent(prepared, known, context);
      const adoption = await this.#adopt(prepared, live, object, context);
      if (adoption.kind === "stop") return adoption.outcome;
      this.#failpoint("object.beforeApply");
      const result = await this.#port.apply(object, {
        ...requestOf(context),
        ...(hasIgnores && known !== undefined
          ? { resourceVersion: resourceVersionOf(known) }
          : {}),
      });
      this.#failpoint("object.afterApply");
      const { remains } = adoption;
      return {
        ...applied(actionOf(prepared, live, result), result),
        ...(remains === undefined ? {} : { remains }),
      };
    } catch (error) {
      return this.#afterRefusal(error, prepared, context);
    }
  }

  #adopt(
    prepared: PreparedObject,
    live: KubeObject | undefined,
    object: KubeObject,
    context: ApplyContext,
  ): Promise<Adoption> | Adoption {
    return prepared.claim.kind === "adopt" && live !== undefined
      ? this.#adoption.prepare(prepared, object, context)
      : { kind: "go" };
  }

  async #afterRefusal(
    error: unknown,
    prepared: PreparedObject,
    context: ApplyContext,
  ): Promise<ObjectOutcome> {
    if (!(error instanceof KubeError)) throw error;
    if (error.reason !== "conflict" && error.reason !== "stale") {
      return this.#afterLastRefusal(error, prepared, context);
    }
    try {
      return await this.#takeOver(prepared, context);
    } catch (later) {
      // A conflict is found before the fields are looked at: what cannot be changed comes to light only now.
      return this.#afterLastRefusal(later, prepared, context);
    }
  }

  #afterLastRefusal(
    error: unknown,
    prepared: PreparedObject,
    context: ApplyContext,
  ): Promise<ObjectOutcome> | ObjectOutcome {
    return error instanceof KubeError && error.reason === "immutable"
      ? this.#recreate(error, prepared, context)
      : refusalOf(error);
  }

  /** Judges the conflict at one version of the live object, and forces at exactly that version. */
  async #takeOver(
    prepared: PreparedObject,
    context: ApplyContext,
  ): Promise<ObjectOutcome> {
    const { desired, policy, claim } = prepared;
    const lastApplied = await this.#lastApplied(desired, context);
    for (let attempt = 1; attempt <= maxRejudgements; attempt += 1) {
      const live = await this.get(desired, context);
      const object = this.sent(prepared, live, context);
      const answer = live && (await this.ask(object, live, context));
      if (answer === "moved") continue;
      if (answer?.kind === "refused") throw answer.error;
      const conflicts = answer?.kind === "conflict" ? answer.conflicts : [];
      if (answer?.kind === "conflict") {
        const takeover = decideTakeover({
          conflicts,
          policy,
          lastApplied,
          force: context.spec.force,
          driftMode: context.spec.drift.mode,
          mayAdopt: context.spec.adopt && claim.kind === "adopt",
        });
        if (takeover.kind === "hold") {
          return refuse("Conflict", takeover.message);
        }
      }
      const result = await this.#applyAt(object, live, {
        force: answer?.kind === "conflict",
        context,
      });
      if (result !== "moved") {
        return applied(actionOf(prepared, live, result), result);
      }
    }
    return moving();
  }

  /** Deletes an object and creates it anew, where a field cannot be changed and the bundle or object permits it. */
  async #recreate(
    error: KubeError,
    prepared: PreparedObject,
    context: ApplyContext,
  ): Promise<ObjectOutcome> {
    const { desired, policy } = prepared;
    const isAllowed = context.spec.force || policy.recreate;
    if (!isAllowed) return refuse("Immutable", error.message);
    const live = await this.get(desired, context);
    const entry = context.entryOf(desired.key);
    const uid = live && uidOf(live);
    if (live !== undefined && isProtectedKind(desired.id, live)) {
      return refuse(
        "Immutable",
        `${error.message}; this kind is not recreated`,
      );
    }
    if (
      live !== undefined &&
      uid !== undefined &&
      uid === entry?.uid &&
      isMarkedOurs(live, prepared, context)
    ) {
      await context.requireNewest();
      await this.#port.delete(gvkOf(live), desired.id, {
        ...requestOf(context),
        uid,
        resourceVersion: resourceVersionOf(live),
        propagation: "Background",
      });
      if (!(await this.#isGone(desired, uid, context))) return terminating();
    } else if (live !== undefined) {
      return refuse(
        "Immutable",
        `${error.message}; it does not bear our mark at its recorded uid`,
      );
    }
    // The wait may have been long: what a newer assignment lets go must not come back.
    await context.requireNewest();
    const result = await this.#port.apply(desired.object, requestOf(context));
    return applied("recreated", result);
  }

  async #isGone(
    desired: DesiredObject,
    uid: string,
    context: ApplyContext,
  ): Promise<boolean> {
    const deadline = this.#clock.monotonicMs() + recreateTimeoutMs;
    while (this.#clock.monotonicMs() < deadline && !context.signal.aborted) {
      const live = await this.get(desired, context);
      if (live === undefined || uidOf(live) !== uid) return true;
      await sleep(this.#clock, 100, context.signal);
    }
    return false;
  }

  /** Asks the server what an apply would do at exactly this version of the live object. Throws `KubeError` where it gave no answer, which says nothing of the object. */
  async ask(
    object: KubeObject,
    live: KubeObject,
    context: ApplyContext,
  ): Promise<DryRunOutcome> {
    const resourceVersion = resourceVersionOf(live);
    try {
      const would = await this.#port.apply(object, {
        ...requestOf(context),
        dryRun: true,
        resourceVersion,
      });
      return { kind: "wouldBe", object: would };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.reason === "stale" || error.reason === "notFound") {
        return "moved";
      }
      if (isVerdict(error)) return { kind: "refused", error };
      if (error.reason !== "conflict") throw error;
      return { kind: "conflict", conflicts: error.conflicts };
    }
  }

  async #applyAt(
    object: KubeObject,
    live: KubeObject | undefined,
    { force, context }: { force: boolean; context: ApplyContext },
  ): Promise<KubeObject | "moved"> {
    try {
      this.#failpoint("object.beforeApply");
      const result = await this.#port.apply(object, {
        ...requestOf(context),
        ...(force ? { force } : {}),
        ...(live === undefined
          ? {}
          : { resourceVersion: resourceVersionOf(live) }),
      });
      this.#failpoint("object.afterApply");
      return result;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.reason === "stale" || error.reason === "conflict") {
        return "moved";
      }
      throw error;
    }
  }

  /** What is sent: fields that others own are left out, or sent as they are where leaving out would remove them. */
  sent(
    { desired }: PreparedObject,
    live: KubeObject | undefined,
    { spec }: ApplyContext,
  ): KubeObject {
    return stripIgnored(desired.object, live, spec.drift.ignore);
  }

  #lastApplied(
    desired: DesiredObject,
    context: ApplyContext,
  ): Promise<KubeObject | undefined> | KubeObject | undefined {
    const entry = context.entryOf(desired.key);
    if (entry === undefined) return undefined;
    if (entry.desired === desired.digest) return desired.object;
    return entry.artifact === null
      ? undefined
      : context.lastApplied(entry.artifact, desired.key);
  }

  /** Reads the object live. */
  get(
    desired: DesiredObject,
    context: ApplyContext,
  ): Promise<KubeObject | undefined> {
    return this.#port.get(
      gvkOf(desired.object),
      desired.id,
      requestOf(context),
    );
  }
}

/** Whether the live object says that it is of this bundle, or of the one that hands it over: else somebody took it away from us since it was judged. */
function isMarkedOurs(
  live: KubeObject,
  { claim }: PreparedObject,
  { fleet, spec }: ApplyContext,
): boolean {
  const owner = liveOwnerOf(live, fleet);
  if (owner.kind !== "bundle") return false;
  return (
    owner.bundle === spec.name ||
    (claim.kind === "handover" && owner.bundle === claim.from)
  );
}

function actionOf(
  { claim }: PreparedObject,
  live: KubeObject | undefined,
  result: KubeObject,
): ObjectAction {
  if (live === undefined) return "created";
  if (claim.kind === "adopt") return "adopted";
  return resourceVersionOf(live) === resourceVersionOf(result)
    ? "unchanged"
    : "configured";
}

function applied(action: ObjectAction, live: KubeObject): ObjectOutcome {
  return { kind: "applied", action, live };
}
