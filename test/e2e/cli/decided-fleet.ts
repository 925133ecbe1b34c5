import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type ClusterFactory,
  type LocalCluster,
  askKube,
  kubeAccessOf,
} from "@wheelhouse/local-fleet";
import {
  type ClusterView,
  type FleetView,
  type JoinView,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { type SimCluster, createSimCluster } from "@wheelhouse/sim-cluster";
import { waitUntil } from "@wheelhouse/testing";
import { type RealHub, startRealHub } from "../page/real-hub.ts";
import { type CommandEnd, runWheelhouse } from "./run-wheelhouse.ts";

/** Ends only a wait for what never comes. */
const patienceMs = 180_000;

/** The cluster of the first wave. */
export const staging = "staging-1";

/** The cluster of the second, which a person approves. */
export const production = "prod-eu-1";

/** How long a spoke waits between the looks, in milliseconds; spokes inherit it. */
const secondLook = "WHEELHOUSE_CONFIRM_PRUNE_AFTER_MS";

/** So many objects of a bundle may go only when a person says so: over 10, and over a fifth. */
export const surplusCount = 12;

const cluster = (name: string, env: string) => `---
apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Cluster
metadata: { name: ${name}, labels: { env: ${env} } }
spec: { path: ./clusters/all }
`;
const kustomization = (app: string) => `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${app}, namespace: flux-system }
spec:
  path: ./apps/${app}
  interval: 10m
  prune: true
  sourceRef: { kind: GitRepository, name: flux-system }
`;
const configMap = (name: string) => `---
apiVersion: v1
kind: ConfigMap
metadata: { name: ${name}, namespace: default }
data: { value: "1" }
`;
const manyConfigMaps = (app: string) =>
  `${configMap(`${app}-0`)}# surplus\n${Array.from(
    { length: surplusCount },
    (_, index) => configMap(`${app}-${index + 1}`),
  ).join("")}`;

/** Staging, and production behind an approval; one app that changes, and two with objects to lose. */
const files = {
  "fleet/clusters/staging-1.yaml": cluster(staging, "staging"),
  "fleet/clusters/prod-eu-1.yaml": cluster(production, "production"),
  "fleet/rollouts/default.yaml": `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Rollout
metadata: { name: default }
spec:
  minReady: 0s
  waves:
    - { name: staging, clusterSelector: { matchLabels: { env: staging } } }
    - name: production
      clusterSelector: { matchLabels: { env: production } }
      approval: manual
`,
  "clusters/all/apps.yaml": ["web", "many", "more"].map(kustomization).join(""),
  "apps/web/web.yaml": configMap("web"),
  "apps/many/many.yaml": manyConfigMaps("many"),
  "apps/more/more.yaml": manyConfigMaps("more"),
};

/** A hub, clusters and spokes as people run them, and a person who has the command line and nothing else. */
export interface DecidedFleet {
  readonly hub: RealHub;
  /** Runs a command; with `input` as its standard input. */
  run(args: readonly string[], input?: string): Promise<CommandEnd>;
  /** What a command prints with `-o json`; throws where it does not end with `code`, default 0. */
  json<T>(args: readonly string[], code?: number): Promise<T>;
  /** The file that a command wrote for a spoke, in a folder that it can write to. */
  readonly joinFile: (name: string) => string;
  /** Starts a cluster of its own and its spoke, with a file that a command wrote. */
  startCluster(joinFile: string): Promise<void>;
  /** Starts the spoke of a cluster that runs again; its file is worthless by now. */
  startSpoke(cluster: string): void;
  /** Commits a change of files. */
  commit(
    subject: string,
    ...edits: readonly { file: string; from: string | RegExp; to: string }[]
  ): Promise<string>;
  /** Resolves with the first view of the fleet for which it holds. */
  until(what: string, holds: (view: FleetView) => boolean): Promise<FleetView>;
  /** Resolves once what is asked of the clusters is so. */
  untilTrue(what: string, holds: () => boolean): Promise<void>;
  /** The value of every ConfigMap of an app that is in a cluster, by name. */
  values(cluster: string): Readonly<Record<string, string>>;
  /** The uid of every such ConfigMap, by name: the object itself, and no other in its place. */
  uids(cluster: string): Readonly<Record<string, string>>;
  /** How often a spoke asked its API server what an apply of a ConfigMap would do. */
  countDryRuns(cluster: string, configMap: string): number;
  /** Changes the value of a ConfigMap, as `kubectl edit` does. */
  edit(cluster: string, configMap: string, value: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the hub on a fleet repo of two clusters, which are still to be added. */
export async function startDecidedFleet(): Promise<DecidedFleet> {
  const folder = mkdtempSync(join(tmpdir(), "wheelhouse-decided-fleet-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const clusters = new Map<string, SimCluster>();
  // What a young spoke would delete is looked at twice; a minute between is much for a story.
  const { [secondLook]: lookBefore } = process.env;
  process.env[secondLook] = "1000";
  const hub = await startRealHub({
    files: folder,
    makeCluster: (directory) => createSeenClusters(directory, clusters),
  });
  const { fleet, follower } = hub;
  const run = (args: readonly string[], input?: string) =>
    runWheelhouse(args, {
      env: {
        WHEELHOUSE_CONFIG: join(fleet.directory, "cli/config"),
        WHEELHOUSE_SERVER: undefined,
        WHEELHOUSE_TOKEN: undefined,
        WHEELHOUSE_CALLED_AS: "wheelhouse",
      },
      ...(input === undefined ? {} : { input }),
    });
  const joinFile = (name: string) => join(fleet.directory, `${name}.json`);
  const readInvitation = (file: string) =>
    JSON.parse(readFileSync(file, "utf8")) as JoinView;
  const configMaps = (name: string) => {
    const found = clusters.get(name)?.objects("/configmaps") ?? [];
    return (found as unknown as readonly ConfigMap[]).filter(
      ({ metadata, data }) =>
        metadata.namespace === "default" && data?.["value"] !== undefined,
    );
  };
  return {
    hub,
    run,
    json: async <T>(args: readonly string[], expected = 0) => {
      const { code, out, err } = await run([...args, "-o", "json"]);
      if (code !== expected)
        throw new Error(`${args.join(" ")}: ${code} ${err}`);
      return JSON.parse(out) as T;
    },
    joinFile,
    startCluster: async (joinFile) => {
      await fleet.startCluster(readInvitation(joinFile));
    },
    startSpoke: (name) => fleet.startSpoke(readInvitation(joinFile(name))),
    commit: (subject, ...edits) => fleet.repo.change(subject, edits),
    until: (what, holds) => follower.until(what, holds, patienceMs),
    untilTrue: (what, holds) => waitUntil(what, holds, patienceMs),
    values: (name) =>
      Object.fromEntries(
        configMaps(name).map(({ metadata, data }) => [
          metadata.name,
          data?.["value"] ?? "",
        ]),
      ),
    uids: (name) =>
      Object.fromEntries(
        configMaps(name).map(({ metadata }) => [metadata.name, metadata.uid]),
      ),
    countDryRuns: (name, configMap) =>
      (clusters.get(name)?.audit() ?? []).filter(
        (record) =>
          record.dryRun &&
          record.resource === "configmaps" &&
          record.name === configMap,
      ).length,
    edit: async (name, configMap, value) => {
      const { access } = fleet.clusters.get(name)!;
      const path = `/api/v1/namespaces/default/configmaps/${configMap}`;
      await askKube(access, path, { data: { value } });
    },
    stop: async () => {
      await hub.stop();
      if (lookBefore === undefined) delete process.env[secondLook];
      else process.env[secondLook] = lookBefore;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface ConfigMap {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
  };
  readonly data?: Readonly<Record<string, string>>;
}

/** Simulated clusters that a test can look into; the newest of each name. */
function createSeenClusters(
  directory: string,
  clusters: Map<string, SimCluster>,
): ClusterFactory {
  let made = 0;
  return async (name): Promise<LocalCluster> => {
    made += 1;
    const sim = await createSimCluster({ name, auditSize: 20_000 });
    clusters.set(name, sim);
    const kubeconfigPath = join(directory, `${name}-${made}.kubeconfig`);
    writeFileSync(kubeconfigPath, sim.kubeconfig(), { mode: 0o600 });
    const unasked = () => Promise.reject(new Error("look into the cluster"));
    return {
      ...{ name, kubeconfigPath, access: kubeAccessOf(sim.kubeconfig()) },
      ...{ writes: unasked, countSpokeWrites: unasked },
      stop: () => sim.stop(),
    };
  };
}

/** A cluster in a view. Throws where it is not there. */
export function clusterIn(view: FleetView, name: string): ClusterView {
  const found = view.clusters.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not there`);
  return found;
}

/** The fleet's rollout in a view. Throws before there is one. */
export function rolloutIn({ rollouts: [first] }: FleetView): RolloutView {
  if (first === undefined) throw new Error("there is no rollout");
  return first;
}

/** Whether a cluster is confirmed at a commit. */
export function isAt(view: FleetView, name: string, commit: string): boolean {
  const found = view.clusters.find((one) => one.name === name);
  const { assignment } = found ?? {};
  return assignment?.confirmed === true && assignment.commit === commit;
}

/** Whether a commit is done in staging, and production is asked about. */
export function asksForProduction(view: FleetView, commit: string): boolean {
  const [rollout] = view.rollouts;
  return (
    rollout?.revision.commit === commit &&
    rollout.waves.some(
      (wave) => wave.name === "production" && wave.needsApproval,
    )
  );
}

/** Whether a commit's rollout is over, and it runs everywhere. */
export function isCompleted(view: FleetView, commit: string): boolean {
  const [rollout] = view.rollouts;
  return (
    rollout?.revision.commit === commit &&
    rollout.phase === "Completed" &&
    view.clusters.every(
      ({ name, verdict }) =>
        verdict === "Converged" && isAt(view, name, commit),
    )
  );
}
