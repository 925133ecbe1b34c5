import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ClusterFactory,
  type FleetFollower,
  type LocalFleet,
  createSimulatedClusters,
  followFleet,
  startLocalFleet,
} from "@wheelhouse/local-fleet";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** A hub as people run it, with the page that was built beside it. */
export interface RealHub {
  readonly fleet: LocalFleet;
  readonly follower: FleetFollower;
  /** Adds a cluster to the hub, starts it and its spoke, and resolves when the hub has heard it. */
  join(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the built hub on the example fleet; its clusters are simulated, in this process. */
export async function startRealHub(options: {
  /** The files of the first commit; default the example fleet. */
  readonly files?: string;
  readonly makeCluster?: (directory: string) => ClusterFactory;
}): Promise<RealHub> {
  const { kustomize } = await ensureTools(["kustomize"], {
    env: process.env,
    onProgress: createProgressLine(process.stderr),
  });
  // The hub finds it where we did, without looking again.
  process.env["WHEELHOUSE_KUSTOMIZE"] = kustomize;
  const directory = mkdtempSync(join(tmpdir(), "wheelhouse-page-hub-"));
  const makeCluster = options.makeCluster ?? createSimulatedClusters;
  const fleet = await startLocalFleet({
    directory,
    files: options.files ?? join(repository, "deploy/example-fleet"),
    makeCluster: makeCluster(directory),
    programs: {
      hub: join(repository, "apps/hub/dist/main.js"),
      spoke: join(repository, "apps/spoke/dist/spoke.js"),
    },
  });
  const follower = followFleet(fleet.client);
  return {
    fleet,
    follower,
    join: async (name) => {
      await fleet.startCluster(await fleet.client.addCluster({ name }));
      await follower.until(`${name} has joined`, ({ clusters }) =>
        clusters.some((one) => one.name === name && one.phase === "Joined"),
      );
    },
    stop: async () => {
      follower.stop();
      await fleet.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
