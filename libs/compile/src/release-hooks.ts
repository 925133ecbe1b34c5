import { type FluxHelmRelease, type Problem } from "@wheelhouse/fleet-model";
import { type ReleaseHook } from "./release-output.ts";

/** Events of Helm that a release goes through here, by what may switch them off. */
const ownEvents: ReadonlyMap<string, "install" | "upgrade"> = new Map([
  ["pre-install", "install"],
  ["post-install", "install"],
  ["pre-upgrade", "upgrade"],
  ["post-upgrade", "upgrade"],
]);

const maxNamed = 3;

/** Hooks that an install or an upgrade would run hold the release; others are left out with a word, and tests without. */
export function sortHooks(
  { disabledHooks }: FluxHelmRelease,
  hooks: readonly ReleaseHook[],
): {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
} {
  const isRun = (event: string): boolean => {
    const action = ownEvents.get(event);
    return action !== undefined && !disabledHooks.includes(action);
  };
  const isSilent = (event: string): boolean =>
    event.startsWith("test") || ownEvents.has(event);
  const run = hooks.filter(({ events }) => events.some(isRun));
  const left = hooks.filter(
    (hook) => !run.includes(hook) && !hook.events.every(isSilent),
  );
  return {
    problems: run.length === 0 ? [] : [hooksNotRun(run)],
    warnings: left.length === 0 ? [] : [hooksLeftOut(left)],
  };
}

function named(hooks: readonly ReleaseHook[]): string {
  const shown = hooks
    .slice(0, maxNamed)
    .map(({ title, events }) => `${title}: ${events.join(", ")}`);
  const more = hooks.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

function hooksNotRun(hooks: readonly ReleaseHook[]): Problem {
  return {
    reason: "HelmHooks",
    subject: "hooks",
    message: `are not run yet: ${named(hooks)}`,
  };
}

function hooksLeftOut(hooks: readonly ReleaseHook[]): Problem {
  return {
    reason: "HelmHooksLeftOut",
    subject: "hooks",
    message: `are never run here: ${named(hooks)}`,
  };
}
