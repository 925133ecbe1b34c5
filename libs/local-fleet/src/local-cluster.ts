import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startControlPlane } from "@wheelhouse/control-plane";
import { createSimCluster } from "@wheelhouse/sim-cluster";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import { type KubeAccess, kubeAccessOf } from "./kube-access.ts";

/** One cluster on this machine, simulated or real. */
export interface LocalCluster {
  readonly name: string;
  readonly kubeconfigPath: string;
  readonly access: KubeAccess;
  /** How many requests of the spoke have changed something so far: the judge of "wrote nothing". */
  countSpokeWrites(): Promise<number>;
  stop(): Promise<void>;
}

/** Makes clusters. A second one of the same name is a new cluster. */
export type ClusterFactory = (name: string) => Promise<LocalCluster>;

/** How the spoke names itself to an API server. */
const spokeAgent = "wheelhouse-spoke";

/** Simulated clusters, in this process: nothing of Kubernetes is needed. */
export function createSimulatedClusters(
  directory: string,
  readyAfterMs = 700,
): ClusterFactory {
  let made = 0;
  return async (name) => {
    made += 1;
    const cluster = await createSimCluster({ name, readyAfterMs });
    const kubeconfigPath = join(directory, `${name}-${made}.kubeconfig`);
    writeFileSync(kubeconfigPath, cluster.kubeconfig(), { mode: 0o600 });
    return {
      name,
      kubeconfigPath,
      access: kubeAccessOf(cluster.kubeconfig()),
      countSpokeWrites: () =>
        Promise.resolve(
          cluster
            .audit()
            .filter(
              ({ userAgent, verb, dryRun, code }) =>
                userAgent.startsWith(spokeAgent) &&
                isWrite(verb) &&
                !dryRun &&
                code < 300,
            ).length,
        ),
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
    return {
      name,
      kubeconfigPath: plane.kubeconfigPath,
      access: kubeAccessOf(plane.kubeconfig()),
      countSpokeWrites: async () =>
        (await plane.readAudit()).filter(
          ({ userAgent, verb, responseStatus, requestURI }) =>
            userAgent?.startsWith(spokeAgent) === true &&
            isWrite(verb) &&
            !requestURI.includes("dryRun=All") &&
            (responseStatus?.code ?? 500) < 300,
        ).length,
      stop: () => plane.stop(),
    };
  };
}

function isWrite(verb: string): boolean {
  return !["get", "list", "watch"].includes(verb);
}
