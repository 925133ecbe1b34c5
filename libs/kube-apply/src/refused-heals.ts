import { type BundleSpec } from "@wheelhouse/assignment";
import { type DesiredObject } from "./desired-object.ts";
import { type ObjectOutcome } from "./object-outcome.ts";

type Refusal = Extract<ObjectOutcome, { readonly kind: "refused" }>;

interface RefusedHeal {
  readonly spec: BundleSpec;
  readonly digest: string;
  /** What was live, as `contentDigest` has it; empty where nothing was. */
  readonly content: string;
  readonly untilMs: number;
  readonly refusal: Refusal;
}

/** What the server, or our own rule, says anew of the same object. What is missing elsewhere (`NotFound`) may come at any moment. */
const lastingReasons: ReadonlySet<string> = new Set([
  "Invalid",
  "Immutable",
  "Forbidden",
  "Denied",
  "TooLarge",
  "Conflict",
]);

/** What a heal is asked about: the object, its bundle, and what is live. */
export interface HealQuestion {
  readonly desired: Pick<DesiredObject, "key" | "digest">;
  readonly spec: BundleSpec;
  readonly content: string;
  /** Monotonic. */
  readonly nowMs: number;
}

/**
 * Heals that the server refused for good, one for each object at most. While
 * neither the live object nor what it shall be has changed they are tried
 * again by the bundle's retry interval, and not whenever something else in the
 * bundle moves.
 */
export class RefusedHeals {
  readonly #heals = new Map<string, RefusedHeal>();

  /** The refusal that still stands, with the time until the next try; undefined where the heal is to be tried. */
  standing({
    desired,
    spec,
    content,
    nowMs,
  }: HealQuestion): Refusal | undefined {
    const heal = this.#heals.get(desired.key);
    if (
      heal === undefined ||
      heal.spec !== spec ||
      heal.digest !== desired.digest ||
      heal.content !== content ||
      nowMs >= heal.untilMs
    ) {
      return undefined;
    }
    return { ...heal.refusal, retryAfterMs: heal.untilMs - nowMs };
  }

  /** Takes note of what a heal came to; what time alone may mend is not kept. */
  record(
    { desired, spec, content, nowMs }: HealQuestion,
    outcome: ObjectOutcome,
  ): void {
    const isKept =
      outcome.kind === "refused" &&
      outcome.drift?.state === "blocked" &&
      lastingReasons.has(outcome.reason);
    if (!isKept) return this.forget(desired.key);
    this.#heals.set(desired.key, {
      ...{ spec, content, refusal: outcome },
      digest: desired.digest,
      untilMs: nowMs + spec.retryIntervalMs,
    });
  }

  forget(key: string): void {
    this.#heals.delete(key);
  }

  /** Forgets the objects that are nobody's any more. */
  keepOnly(isOwned: (key: string) => boolean): void {
    for (const key of [...this.#heals.keys()]) {
      if (!isOwned(key)) this.#heals.delete(key);
    }
  }
}
