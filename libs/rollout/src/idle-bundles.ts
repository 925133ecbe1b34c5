import { type BundleName } from "@wheelhouse/assignment";
import { type BundleFact, type Target } from "./rollout-input.ts";

/** Why nobody waits for a bundle. */
export interface Idleness {
  /** For a person, such as `suspended` or `waits for web, which is held`. */
  readonly why: string;
  /** It is idle itself, and does not merely depend on one that is. */
  readonly own: boolean;
}

/** Bundles by why nobody waits for them. */
export type IdleBundles = ReadonlyMap<BundleName, Idleness>;

const none: IdleBundles = new Map();

/**
 * The bundles that a spoke does not apply, and says so: suspended ones, and
 * those held without an artifact. What depends on one of them, however far,
 * waits for it, and is here too.
 */
export function idleBundles(
  target: Pick<Target, "bundles"> | null,
): IdleBundles {
  const own = target?.bundles.filter((b) => b.suspended || b.held) ?? [];
  if (target === null || own.length === 0) return none;
  const idle = new Map<BundleName, Idleness>(
    own.map(({ name, suspended }) => [
      name,
      { why: suspended ? "suspended" : "held", own: true },
    ]),
  );
  let known = 0;
  while (known < idle.size) {
    known = idle.size;
    for (const { name, dependsOn } of target.bundles) {
      const cause = dependsOn.find((dependency) => idle.has(dependency));
      if (cause === undefined || idle.has(name)) continue;
      const why = `waits for ${shortName(cause)}, which ${verb(idle.get(cause))}`;
      idle.set(name, { why, own: false });
    }
  }
  return idle;
}

function verb(cause: Idleness | undefined): string {
  return cause?.own === true ? `is ${cause.why}` : "waits too";
}

/** Whether a bundle that is not Ready is not waited for. One that only depends on an idle one is, once it was applied or fails. */
export function isIdle(bundle: BundleFact, idle: IdleBundles): boolean {
  const found = idle.get(bundle.name);
  if (found === undefined) return false;
  return found.own || (bundle.applied !== bundle.digest && !bundle.failed);
}

/** A bundle's own name, as people say it: the last part. */
export function shortName(name: BundleName): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
