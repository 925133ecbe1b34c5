import { KubeError, refusalOf } from "@wheelhouse/kube-apply";
import { objectKey } from "@wheelhouse/kube-object";
import { type PruneHold } from "@wheelhouse/protocol";
import { type BundleObstacle, type BundleState } from "./bundle-state.ts";

/** What two writers who meet are refused with: the next pass reads anew. */
const lostRaces: ReadonlySet<KubeError["reason"]> = new Set([
  "alreadyExists",
  "conflict",
  "notFound",
] as const);

/** From so many prune passes in a row on, what time alone may mend is told of: with the pauses between, after about ten seconds. */
const untoldFailures = 5;

/** What a pass that threw means: the spoke's own records could not be read or written, or it is a bug. */
export function obstacleOfFailure(error: unknown): BundleObstacle {
  if (!(error instanceof KubeError)) {
    // Its words may have a late value in them, and stay in the cluster.
    const message = "a pass ended by an error of the spoke: see its log";
    return { reason: "PassFailed", message, isFinal: true };
  }
  const { reason, message, isTransient } = refusalOf(error);
  const text = `the spoke's own records cannot be read or written: ${message}`;
  return {
    reason,
    message: text.slice(0, 1024),
    isFinal: !isTransient && !lostRaces.has(error.reason),
  };
}

/** The state of a bundle whose last pass threw. Nobody knows what is live now: it is not Ready until a pass says so again. */
export function stateAfterFailure(
  before: BundleState,
  error: unknown,
  nowMs: number,
): BundleState {
  const { health } = before;
  return {
    ...before,
    // What was observed by the pass before was told by that one.
    results: [],
    health: health && { ...health, isReady: false, areChecksReady: false },
    waitsFor: "",
    obstacle: obstacleOfFailure(error),
    isAppliedNow: false,
    notReadySinceMs: before.notReadySinceMs ?? nowMs,
    failures: before.failures + 1,
  };
}

/** What is held after a prune pass that threw: as the pass before left it, and every further candidate for what was thrown. */
export function holdsAfterFailure(
  candidates: readonly Pick<PruneHold, "object" | "bundle">[],
  earlier: readonly PruneHold[],
  { message }: BundleObstacle,
): readonly PruneHold[] {
  const known = new Map(
    earlier
      .filter(({ reason }) => reason !== "PruneFailed")
      .map((hold) => [objectKey(hold.object), hold]),
  );
  return candidates.map(
    ({ object, bundle }) =>
      known.get(objectKey(object)) ?? {
        ...{ object, bundle, message },
        reason: "PruneFailed",
      },
  );
}

/** Whether a prune pass that threw, so many times in a row, is told of. */
export function isTold({ isFinal }: BundleObstacle, failures: number): boolean {
  return isFinal || failures >= untoldFailures;
}
