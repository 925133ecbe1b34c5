import { type VerdictName } from "@wheelhouse/rest-api";

/** Remembers since when a verdict has held, by subject. In memory: a restart begins with what the spokes say. */
export class VerdictTimes {
  #known = new Map<string, { verdict: VerdictName; since: string }>();

  /** When the verdict began; `first` where the subject is seen the first time. */
  since(subject: string, verdict: VerdictName, first: string, now: string) {
    const before = this.#known.get(subject);
    if (before?.verdict === verdict) return before.since;
    const since = before === undefined ? first : now;
    this.#known.set(subject, { verdict, since });
    return since;
  }

  /** Forgets subjects of what is no longer there. */
  retain(isThere: (subject: string) => boolean): void {
    for (const subject of this.#known.keys()) {
      if (!isThere(subject)) this.#known.delete(subject);
    }
  }
}
