import { idleBundles, isIdle } from "./idle-bundles.ts";
import { type BundleFact, type Target } from "./rollout-input.ts";

/** The bundles of a report that are not Ready, without those that nobody waits for in what was issued. */
export function unreadyBundles(
  issued: Target | null,
  bundles: readonly BundleFact[],
): readonly BundleFact[] {
  const idle = idleBundles(issued);
  return bundles.filter((b) => !isBundleReady(b) && !isIdle(b, idle));
}

/** Whether a bundle is applied at the digest of its assignment and is Ready. */
export function isBundleReady(bundle: BundleFact): boolean {
  return bundle.applied === bundle.digest && bundle.ready && !bundle.failed;
}
