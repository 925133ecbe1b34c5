import { type DriftFinding, findDrift } from "@wheelhouse/drift";
import { type KubeObject, gvkOf } from "@wheelhouse/kube-object";
import { type ApplyContext } from "./apply-context.ts";
import { type Clock } from "@wheelhouse/clock";
import { type DesiredObject } from "./desired-object.ts";
import { type Failpoint } from "./failpoints.ts";
import { policyOf } from "./flux-annotations.ts";
import { adviseOnHeal } from "./heal-advice.ts";
import { type InventoryEntry } from "./inventory.ts";
import { type ApplyPort } from "./kube-port.ts";
import { type Limiter } from "./limiter.ts";
import { liveOwnerOf } from "./ownership-marks.ts";
import { contentDigest, isTerminating, uidOf } from "./live-content.ts";
import { judgeClaim } from "./object-claim.ts";
import {
  type ObjectOutcome,
  type ObservedDrift,
  moving,
  refusalOf,
  terminating,
} from "./object-outcome.ts";
import { ObjectWriter, maxRejudgements } from "./object-writer.ts";
import { type PreparedObject, outcomeByRule } from "./prepared-object.ts";
import { RefusedHeals } from "./refused-heals.ts";

/** Applies single objects: decides what each needs, with as few requests as that takes. */
export class ObjectApplier {
  readonly #writer: ObjectWriter;
  readonly #limiter: Limiter;
  readonly #clock: Clock;
  readonly #refused = new RefusedHeals();
  /** Content that was verified since the start, and is not worth a write. */
  readonly #verified = new Map<string, string>();

  constructor(options: {
    readonly port: ApplyPort;
    readonly limiter: Limiter;
    readonly clock: Clock;
    readonly failpoint: Failpoint;
  }) {
    this.#limiter = options.limiter;
    this.#clock = options.clock;
    this.#writer = new ObjectWriter(options);
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
        : this.#stillRefused(desired, live, context));
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
      return this.#remember(prepared, outcome, context);
    } catch (error) {
      return refusalOf(error);
    }
  }

  /** Forgets what was verified of an object that is no longer ours. */
  forget(key: string): void {
    this.#verified.delete(key);
    this.#refused.forget(key);
  }

  /** Forgets what was verified of objects that are nobody's any more. */
  keepOnly(isOwned: (key: string) => boolean): void {
    for (const key of [...this.#verified.keys()]) {
      if (!isOwned(key)) this.#verified.delete(key);
    }
    this.#refused.keepOnly(isOwned);
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
      // What has lost our label is not in view, nor is what somebody made under its name: only a live read says that nothing is there.
      if (viewed.kind === "known" && viewed.object !== undefined) {
        return viewed.object;
      }
    }
    return this.#limiter.run(() => this.#writer.get(desired, context));
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
    if (!wasApplied) return this.#writer.write(prepared, live, context);
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
      const live = await this.#writer.get(desired, context);
      if (live !== undefined && isTerminating(live)) return terminating();
      const applied = this.#writer.sent(prepared, live, context);
      const answer = live && (await this.#writer.ask(applied, live, context));
      if (answer === "moved") continue;
      const finding = findDrift({
        applied,
        live,
        ...(answer === undefined ? {} : { answer }),
      });
      if (finding !== undefined) {
        return this.#heal(prepared, live, finding, context);
      }
      if (answer?.kind === "refused") throw answer.error;
      return { kind: "applied", action: "unchanged", live };
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
    const outcome = await this.#writer
      .write(prepared, live, context)
      .catch(refusalOf);
    switch (outcome.kind) {
      case "applied":
        return {
          ...outcome,
          action: "healed",
          drift,
          wasRemade: isRemade(live, context.entryOf(key), context),
        };
      case "refused":
        // What time alone may mend is no verdict on the heal.
        return outcome.isTransient
          ? outcome
          : blocked(outcome, drift, prepared.desired);
      case "skipped":
        return outcome;
    }
  }

  /** The refusal of a heal that is not to be tried again yet. */
  #stillRefused(
    desired: DesiredObject,
    live: KubeObject | undefined,
    { spec, isThorough }: ApplyContext,
  ): ObjectOutcome | undefined {
    if (isThorough) return undefined;
    const content = live ? contentDigest(desired.object, live) : "";
    const nowMs = this.#clock.monotonicMs();
    return this.#refused.standing({ desired, spec, content, nowMs });
  }

  #remember(
    { desired, live }: PreparedObject,
    outcome: ObjectOutcome,
    { spec }: ApplyContext,
  ): ObjectOutcome {
    const { key, object } = desired;
    const content = live ? contentDigest(object, live) : "";
    const nowMs = this.#clock.monotonicMs();
    if (outcome.kind === "applied" && outcome.live && !isOpen(outcome.drift)) {
      this.#verified.set(key, contentDigest(object, outcome.live));
    }
    return this.#refused.record({ desired, spec, content, nowMs }, outcome);
  }
}

/** Whether what stands under our object's name was made by somebody else, and never was ours. */
function isRemade(
  live: KubeObject | undefined,
  entry: InventoryEntry | undefined,
  { fleet }: ApplyContext,
): boolean {
  return (
    live !== undefined &&
    uidOf(live) !== entry?.uid &&
    liveOwnerOf(live, fleet).kind === "none"
  );
}

function isOpen(drift: ObservedDrift | undefined): boolean {
  return drift !== undefined && drift.state !== "healed";
}

function blocked(
  outcome: Extract<ObjectOutcome, { readonly kind: "refused" }>,
  drift: ObservedDrift,
  { id }: DesiredObject,
): ObjectOutcome {
  const message = adviseOnHeal(outcome, id);
  return {
    ...outcome,
    message,
    drift: { ...drift, state: "blocked", message },
  };
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
