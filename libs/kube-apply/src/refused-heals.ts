import { type BundleSpec } from "@wheelhouse/assignment";
import { backoffAfter } from "./backoff.ts";
import { type DesiredObject } from "./desired-object.ts";
import { type ObjectOutcome } from "./object-outcome.ts";

type Refusal = Extract<ObjectOutcome, { readonly kind: "refused" }>;

interface RefusedHeal {
  readonly spec: BundleSpec;
  readonly digest: string;
  /** What was live, as `contentDigest` has it; empty where nothing was. */
  readonly content: string;
  /** How often it was refused in a row, with nothing changed. */
  readonly times: number;
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

/** What a server also says for a moment where a namespace has just come back: its quota is not counted, or its service account not there yet. */
const briefReasons: ReadonlySet<string> = new Set(["Forbidden", "Denied"]);

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
 * bundle moves. What is missing and forbidden is tried sooner at first: after a
 * pause that grows up to that interval.
 */
export class RefusedHeals {
  readonly #heals = new Map<string, RefusedHeal>();

  /** The refusal that still stands, with the time until the next try; undefined where the heal is to be tried. */
  standing(question: HealQuestion): Refusal | undefined {
    const heal = this.#known(question);
    const { nowMs } = question;
    return heal === undefined || nowMs >= heal.untilMs
      ? undefined
      : { ...heal.refusal, retryAfterMs: Math.ceil(heal.untilMs - nowMs) };
  }

  /** Takes note of what a heal came to, and tells it, with the time until the next try where it is kept; what time alone may mend is not. */
  record(question: HealQuestion, outcome: ObjectOutcome): ObjectOutcome {
    const { desired, spec, content, nowMs } = question;
    const isKept =
      outcome.kind === "refused" &&
      outcome.drift?.state === "blocked" &&
      lastingReasons.has(outcome.reason);
    if (!isKept) {
      this.forget(desired.key);
      return outcome;
    }
    const times = (this.#known(question)?.times ?? 0) + 1;
    const retryAfterMs = pauseMs(outcome, times, spec);
    this.#heals.set(desired.key, {
      ...{ spec, content, times, refusal: outcome },
      digest: desired.digest,
      untilMs: nowMs + retryAfterMs,
    });
    return { ...outcome, retryAfterMs };
  }

  /** What was refused last of just this question. */
  #known({ desired, spec, content }: HealQuestion): RefusedHeal | undefined {
    const heal = this.#heals.get(desired.key);
    return heal?.spec === spec &&
      heal.digest === desired.digest &&
      heal.content === content
      ? heal
      : undefined;
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

function pauseMs(
  { reason, drift }: Refusal,
  times: number,
  { retryIntervalMs }: BundleSpec,
): number {
  return drift?.missing === true && briefReasons.has(reason)
    ? Math.min(retryIntervalMs, backoffAfter(times, retryIntervalMs))
    : retryIntervalMs;
}
