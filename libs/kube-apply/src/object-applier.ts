import { type BundleSpec, type Digest } from "@wheelhouse/assignment";
import {
  type DriftFinding,
  type DryRunAnswer,
  findDrift,
  isWhollyIgnored,
  stripIgnored,
} from "@wheelhouse/drift";
import {
  type GroupVersionKind,
  type KubeObject,
  gvkOf,
} from "@wheelhouse/kube-object";
import { type Clock, sleep } from "./clock.ts";
import { type DesiredObject, isSpokeState } from "./desired-object.ts";
import { type Failpoint } from "./failpoints.ts";
import { type ObjectPolicy, policyOf } from "./flux-annotations.ts";
import { type InventoryEntry } from "./inventory.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort } from "./kube-port.ts";
import { type Limiter } from "./limiter.ts";
import {
  contentDigest,
  isTerminating,
  resourceVersionOf,
  uidOf,
} from "./live-content.ts";
import { type Claim, judgeClaim } from "./object-claim.ts";
import {
  type ObjectAction,
  type ObjectOutcome,
  type ObservedDrift,
  refusalOf,
  refuse,
} from "./object-outcome.ts";
import { isProtectedKind } from "./protected-kinds.ts";
import { decideTakeover } from "./takeover.ts";

/** What a watch shows of one object; unknown where the kind is not wholly in view. */
export type ViewedObject =
  | { readonly kind: "known"; readonly object: KubeObject | undefined }
  | { readonly kind: "unknown" };

/** All that the objects of one bundle are applied by, in one pass. */
export interface ApplyContext {
  readonly fleet: string;
  readonly spec: BundleSpec;
  /** The artifact that holds the objects. */
  readonly artifact: Digest;
  readonly entryOf: (key: string) => InventoryEntry | undefined;
  readonly view: (kind: GroupVersionKind, key: string) => ViewedObject;
  /** Whether a bundle has an object in this assignment, or its objects are not known. */
  readonly hasObject: (bundle: string, key: string) => boolean;
  /** The object of an artifact that was applied earlier; undefined where it is no longer there. */
  readonly lastApplied: (
    artifact: Digest,
    key: string,
  ) => Promise<KubeObject | undefined>;
  /** Whether drift of this object may be healed now; false while somebody rewrites it all the time. */
  readonly mayHeal: (key: string) => boolean;
  /** Whether a person asked to compare every object now. */
  readonly isThorough: boolean;
  readonly signal: AbortSignal;
}

/** An object as it was looked at before anything is written. */
export interface PreparedObject {
  readonly desired: DesiredObject;
  readonly live: KubeObject | undefined;
  readonly claim: Claim;
  readonly policy: ObjectPolicy;
  /** What is known without a further request; undefined where the object is still to be applied or judged. */
  readonly outcome: ObjectOutcome | undefined;
}

/** Judging again after the object moved under our eyes. */
const maxRejudgements = 4;

/** An object that is deleted to be created anew must be gone within this time. */
const recreateTimeoutMs = 30_000;

/** Applies single objects: decides what each needs, with as few requests as that takes. */
export class ObjectApplier {
  readonly #port: ApplyPort;
  readonly #limiter: Limiter;
  readonly #clock: Clock;
  readonly #failpoint: Failpoint;
  /** Content that was verified since the start, and is not worth a write. */
  readonly #verified = new Map<string, string>();

  constructor(options: {
    readonly port: ApplyPort;
    readonly limiter: Limiter;
    readonly clock: Clock;
    readonly failpoint: Failpoint;
  }) {
    this.#port = options.port;
    this.#limiter = options.limiter;
    this.#clock = options.clock;
    this.#failpoint = options.failpoint;
  }

  /** Looks at one object and writes nothing: whether it is ours to apply, and whether that is needed at all. */
  async prepare(
    desired: DesiredObject,
    context: ApplyContext,
  ): Promise<PreparedObject> {
    const entry = context.entryOf(desired.key);
    let live: KubeObject | undefined;
    try {
      live = await this.#look(desired, entry, context);
    } catch (error) {
      return {
        desired,
        live: undefined,
        claim: { kind: "own" },
        policy: policyOf(desired.object),
        outcome: refusalOf(error),
      };
    }
    const policy = policyOf(desired.object, live);
    const claim = judgeClaim({
      fleet: context.fleet,
      bundle: context.spec.name,
      entry,
      live,
      hasObject: (bundle) => context.hasObject(bundle, desired.key),
    });
    const outcome =
      outcomeByRule(desired, live, claim, policy, context) ??
      (this.#isVerified(desired, entry, live, context)
        ? ({ kind: "applied", action: "unchanged", live } as const)
        : undefined);
    return { desired, live, claim, policy, outcome };
  }

  /** Brings one prepared object to what it shall be. */
  async carryOut(
    prepared: PreparedObject,
    context: ApplyContext,
  ): Promise<ObjectOutcome> {
    if (prepared.outcome !== undefined) return prepared.outcome;
    try {
      const outcome = await this.#limiter.run(() =>
        this.#settle(prepared, context),
      );
      this.#remember(prepared.desired, outcome);
      return outcome;
    } catch (error) {
      return refusalOf(error);
    }
  }

  /** Forgets what was verified of an object that is no longer ours. */
  forget(key: string): void {
    this.#verified.delete(key);
  }

  #look(
    desired: DesiredObject,
    entry: InventoryEntry | undefined,
    context: ApplyContext,
  ): Promise<KubeObject | undefined> | KubeObject | undefined {
    const isOurs = entry?.bundle === context.spec.name && entry.uid !== null;
    const kind = gvkOf(desired.object);
    if (isOurs) {
      const viewed = context.view(kind, desired.key);
      if (viewed.kind === "known") return viewed.object;
    }
    return this.#limiter.run(() => this.#get(desired, context));
  }

  /** Whether an object is as it was when it was verified last: then nobody is asked. */
  #isVerified(
    desired: DesiredObject,
    entry: InventoryEntry | undefined,
    live: KubeObject | undefined,
    { spec, isThorough }: ApplyContext,
  ): boolean {
    if (entry?.bundle !== spec.name || entry.desired !== desired.digest) {
      return false;
    }
    if (spec.drift.mode === "disabled") return true;
    if (live === undefined || uidOf(live) !== entry.uid) return false;
    if (isThorough) return false;
    const content = contentDigest(desired.object, live);
    return (
      content === entry.seen || content === this.#verified.get(desired.key)
    );
  }

  async #settle(
    prepared: PreparedObject,
    context: ApplyContext,
  ): Promise<ObjectOutcome> {
    const { desired, live } = prepared;
    const entry = context.entryOf(desired.key);
    const wasApplied =
      entry?.bundle === context.spec.name &&
      entry.desired === desired.digest &&
      entry.uid !== null;
    if (!wasApplied) return this.#write(prepared, live, context);
    return this.#judge(prepared, context);
  }

  /** Asks the server whether the live object differs from what we apply, and heals it as the mode says. */
  async #judge(
    prepared: PreparedObject,
    context: ApplyContext,
  ): Promise<ObjectOutcome> {
    const { desired } = prepared;
    for (let attempt = 1; attempt <= maxRejudgements; attempt += 1) {
      // What is in view is trimmed, and may be old: only a live read is judged.
      const live = await this.#get(desired, context);
      if (live !== undefined && isTerminating(live)) return terminating();
      const applied = this.#sent(prepared, live, context);
      const answer = live && (await this.#ask(applied, live, context));
      if (answer === "moved") continue;
      const finding = findDrift({
        applied,
        live,
        ...(answer === undefined ? {} : { answer }),
      });
      return finding === undefined
        ? { kind: "applied", action: "unchanged", live }
        : this.#heal(prepared, live, finding, context);
    }
    return moving();
  }

  async #heal(
    prepared: PreparedObject,
    live: KubeObject | undefined,
    finding: DriftFinding,
    context: ApplyContext,
  ): Promise<ObjectOutcome> {
    const { key } = prepared.desired;
    const drift = { ...finding, state: "healed", message: "" } as const;
    if (context.spec.drift.mode !== "enabled") {
      const reported: ObservedDrift = { ...drift, state: "reported" };
      return { kind: "applied", action: "unchanged", live, drift: reported };
    }
    if (!context.mayHeal(key)) return fighting(live, drift);
    const outcome = await this.#write(prepared, live, context);
    switch (outcome.kind) {
      case "applied":
        return { ...outcome, action: "healed", drift };
      case "refused":
        return {
          ...outcome,
          drift: { ...drift, state: "blocked", message: outcome.message },
        };
      case "skipped":
        return outcome;
    }
  }

  /** Applies without force; where that conflicts, decides whether the fields may be taken. */
  async #write(
    prepared: PreparedObject,
    live: KubeObject | undefined,
    context: ApplyContext,
  ): Promise<ObjectOutcome> {
    const hasIgnores = context.spec.drift.ignore.length > 0;
    try {
      // Who owns an ignored field is not in view, and must be known at the version that is written.
      const known =
        hasIgnores && live !== undefined
          ? await this.#get(prepared.desired, context)
          : live;
      const object = this.#sent(prepared, known, context);
      this.#failpoint("object.beforeApply");
      const result = await this.#port.apply(object, {
        ...requestOf(context),
        ...(hasIgnores && known !== undefined
          ? { resourceVersion: resourceVersionOf(known) }
          : {}),
      });
      this.#failpoint("object.afterApply");
      return applied(actionOf(prepared, live, result), result);
    } catch (error) {
      return this.#afterRefusal(error, prepared, context);
    }
  }

  async #afterRefusal(
    error: unknown,
    prepared: PreparedObject,
    context: ApplyContext,
  ): Promise<ObjectOutcome> {
    if (!(error instanceof KubeError)) throw error;
    if (error.reason === "conflict" || error.reason === "stale") {
      return this.#takeOver(prepared, context);
    }
    if (error.reason === "immutable") {
      return this.#recreate(error, prepared, context);
    }
    return refusalOf(error);
  }

  /** Judges the conflict at one version of the live object, and forces at exactly that version. */
  async #takeOver(
    prepared: PreparedObject,
    context: ApplyContext,
  ): Promise<ObjectOutcome> {
    const { desired, policy, claim } = prepared;
    const lastApplied = await this.#lastApplied(desired, context);
    for (let attempt = 1; attempt <= maxRejudgements; attempt += 1) {
      const live = await this.#get(desired, context);
      const object = this.#sent(prepared, live, context);
      const answer = live && (await this.#ask(object, live, context));
      if (answer === "moved") continue;
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
    const live = await this.#get(desired, context);
    const entry = context.entryOf(desired.key);
    const uid = live && uidOf(live);
    if (live !== undefined && isProtectedKind(desired.id, live)) {
      return refuse(
        "Immutable",
        `${error.message}; this kind is not recreated`,
      );
    }
    if (live !== undefined && uid !== undefined && uid === entry?.uid) {
      await this.#port.delete(gvkOf(live), desired.id, {
        ...requestOf(context),
        uid,
        resourceVersion: resourceVersionOf(live),
        propagation: "Background",
      });
      if (!(await this.#isGone(desired, uid, context))) return terminating();
    } else if (live !== undefined) {
      return refuse("Immutable", `${error.message}; it is not yet ours`);
    }
    const result = await this.#port.apply(desired.object, requestOf(context));
    return applied("recreated", result);
  }

  async #isGone(
    desired: DesiredObject,
    uid: string,
    context: ApplyContext,
  ): Promise<boolean> {
    const deadline = this.#clock.now() + recreateTimeoutMs;
    while (this.#clock.now() < deadline && !context.signal.aborted) {
      const live = await this.#get(desired, context);
      if (live === undefined || uidOf(live) !== uid) return true;
      await sleep(this.#clock, 100, context.signal);
    }
    return false;
  }

  async #ask(
    object: KubeObject,
    live: KubeObject,
    context: ApplyContext,
  ): Promise<DryRunAnswer | "moved"> {
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
  #sent(
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

  #get(
    desired: DesiredObject,
    context: ApplyContext,
  ): Promise<KubeObject | undefined> {
    return this.#port.get(
      gvkOf(desired.object),
      desired.id,
      requestOf(context),
    );
  }

  #remember({ key, object }: DesiredObject, outcome: ObjectOutcome): void {
    if (outcome.kind === "applied" && outcome.live && !isOpen(outcome.drift)) {
      this.#verified.set(key, contentDigest(object, outcome.live));
    }
  }
}

/** What needs no request at all: objects that are left alone, or are not ours to touch. */
function outcomeByRule(
  desired: DesiredObject,
  live: KubeObject | undefined,
  claim: Claim,
  policy: ObjectPolicy,
  { spec }: ApplyContext,
): ObjectOutcome | undefined {
  const skip = (message: string) =>
    ({ kind: "skipped", message, live }) as const;
  if (isSpokeState(desired.id)) {
    return refuse("Protected", "it is the spoke's own state");
  }
  if (!policy.reconcile) return skip("reconcile is disabled on it");
  if (policy.ssa === "Ignore") return skip("ssa says Ignore");
  if (policy.ssa === "IfNotPresent" && live !== undefined) {
    return skip("ssa says IfNotPresent, and it is there");
  }
  if (
    live !== undefined &&
    isWhollyIgnored(desired.object, spec.drift.ignore)
  ) {
    return skip("an ignore rule covers all of it");
  }
  return claim.kind === "refused"
    ? refuse("OwnedByOther", claim.message)
    : undefined;
}

function requestOf({ spec, signal }: ApplyContext) {
  return { signal, ...impersonationOf(spec) };
}

/** The service account that a bundle names, as a request carries it. */
export function impersonationOf(
  spec: Pick<BundleSpec, "name" | "serviceAccountName">,
): { readonly impersonate?: string } {
  const [, namespace] = spec.name.split("/");
  return spec.serviceAccountName === null
    ? {}
    : { impersonate: `${namespace}/${spec.serviceAccountName}` };
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

function isOpen(drift: ObservedDrift | undefined): boolean {
  return drift !== undefined && drift.state !== "healed";
}

function fighting(
  live: KubeObject | undefined,
  drift: ObservedDrift,
): ObjectOutcome {
  const writer = drift.writer ?? "somebody";
  const message = `${writer} rewrites it again and again; healing waits`;
  return {
    kind: "applied",
    action: "unchanged",
    live,
    drift: { ...drift, state: "blocked", message },
  };
}

function terminating(): ObjectOutcome {
  return {
    kind: "refused",
    reason: "Terminating",
    message: "it is being deleted, and comes back once it is gone",
    isTransient: true,
  };
}

function moving(): ObjectOutcome {
  return {
    kind: "refused",
    reason: "Stale",
    message: "it changes faster than it can be judged",
    isTransient: true,
  };
}
