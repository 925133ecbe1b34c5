import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startControlPlane } from "@wheelhouse/control-plane";
import { createSimCluster } from "@wheelhouse/sim-cluster";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import {
  type ClusterWrite,
  isOfSpoke,
  writesOfEvents,
  writesOfRecords,
} from "./cluster-write.ts";
import { type KubeAccess, kubeAccessOf } from "./kube-access.ts";

/** One cluster on this machine, simulated or real. */
export interface LocalCluster {
  readonly name: string;
  readonly kubeconfigPath: string;
  readonly access: KubeAccess;
  /** Every request that has changed something so far, in the order in which they ended. */
  writes(): Promise<readonly ClusterWrite[]>;
  /** How many requests of the spoke have changed something so far: the judge of "wrote nothing". */
  countSpokeWrites(): Promise<number>;
  stop(): Promise<void>;
}

/** Makes clusters. A second one of the same name is a new cluster. */
export type ClusterFactory = (name: string) => Promise<LocalCluster>;

/** Requests that a simulated cluster remembers: a story makes some hundreds a cluster. */
const auditSize = 20_000;

/** Simulated clusters, in this process: nothing of Kubernetes is needed. */
export function createSimulatedClusters(
  directory: string,
  readyAfterMs = 700,
): ClusterFactory {
  let made = 0;
  return async (name) => {
    made += 1;
    const cluster = await createSimCluster({
      name,
      readyAfterMs,
      auditSize,
    });
    const kubeconfigPath = join(directory, `${name}-${made}.kubeconfig`);
    const writes = () => Promise.resolve(writesOfRecords(cluster.audit()));
    writeFileSync(kubeconfigPath, cluster.kubeconfig(), { mode: 0o600 });
    return {
      name,
      kubeconfigPath,
      access: kubeAccessOf(cluster.kubeconfig()),
      writes,
      countSpokeWrites: () => countSpokeWrites(writes),
      stop: () => cluster.stop(),
    };
  };
}

/** Real control planes on loopback: etcd, API server, controllers, scheduler, and kwok's pods. */
export async function createRealClusters(
  directory: string,
  err: NodeJS.WriteStream,
): Promise<ClusterFactory> {
  const tools = await ensureTools(
    [
      "etcd",
      "kube-apiserver",
      "kube-controller-manager",
      "kube-scheduler",
      "kwok",
    ],
    { env: process.env, onProgress: createProgressLine(err) },
  );
  let made = 0;
  return async (name) => {
    made += 1;
    const folder = join(directory, `${name}-${made}`);
    mkdirSync(folder, { recursive: true });
    const plane = await startControlPlane({
      tools,
      directory: folder,
      name,
      components: { controllerManager: true, scheduler: true, kwok: true },
    });
    const writes = async () => writesOfEvents(await plane.readAudit());
    return {
      name,
      kubeconfigPath: plane.kubeconfigPath,
      access: kubeAccessOf(plane.kubeconfig()),
      writes,
      countSpokeWrites: () => countSpokeWrites(writes),
      stop: () => plane.stop(),
    };
  };
}

async function countSpokeWrites(
  writes: () => Promise<readonly ClusterWrite[]>,
): Promise<number> {
  return (await writes()).filter(isOfSpoke).length;
}
