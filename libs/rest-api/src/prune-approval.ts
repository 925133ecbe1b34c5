import { objectKey } from "@wheelhouse/kube-object";
import { type ApprovePrunesRequest } from "./routes.ts";
import { type PruneView } from "./views.ts";

/** Approves exactly the deletions that a person was shown, and nothing that came to be held since. */
export function approvalOf(
  listed: readonly Pick<PruneView, "cluster" | "object">[],
): ApprovePrunesRequest {
  return {
    objects: listed.map(({ cluster, object }) => ({
      cluster,
      key: objectKey(object),
    })),
  };
}
