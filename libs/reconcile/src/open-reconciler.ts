import {
  type ApplyPort,
  ArtifactStore,
  RatchetSecret,
  KubeError,
  openBundleRecords,
  openInventory,
} from "@wheelhouse/kube-apply";
import { spokeNamespace } from "@wheelhouse/kube-object";
import { ClusterReconciler } from "./cluster-reconciler.ts";
import { type ReconcilerOptions } from "./reconciler-options.ts";

/** A reconciler with the stores that hold its durable state in the cluster. */
export interface OpenedReconciler {
  readonly reconciler: ClusterReconciler;
  readonly artifacts: ArtifactStore;
  readonly assignments: RatchetSecret;
}

/** What is opened in the cluster, and not handed in. */
type OpenedParts = "inventory" | "records" | "artifacts" | "assignments";

/** Opens the durable state of a cluster, creating its namespace where that is absent. Throws `KubeError` where it cannot be read. */
export async function openReconciler(
  options: Omit<ReconcilerOptions, OpenedParts>,
): Promise<OpenedReconciler> {
  const { port, clock, failpoint } = options;
  await ensureSpokeNamespace(port);
  const artifacts = new ArtifactStore(port, failpoint);
  const assignments = new RatchetSecret(port, failpoint);
  const [inventory, records] = await Promise.all([
    openInventory({ port, clock }),
    openBundleRecords({ port, clock }),
    artifacts.refresh(),
  ]);
  const reconciler = new ClusterReconciler({
    ...options,
    inventory,
    records,
    artifacts,
    assignments,
  });
  return { reconciler, artifacts, assignments };
}

/** Creates the spoke's namespace where it is absent. */
export async function ensureSpokeNamespace(port: ApplyPort): Promise<void> {
  const kind = { group: "", version: "v1", kind: "Namespace" };
  const live = await port.get(kind, { namespace: "", name: spokeNamespace });
  if (live !== undefined) return;
  try {
    await port.create({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: spokeNamespace },
    });
  } catch (error) {
    if (!(error instanceof KubeError) || error.reason !== "alreadyExists") {
      throw error;
    }
  }
}
