import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  type HubClient,
  type JoinView,
  createHubClient,
  routes,
} from "@wheelhouse/rest-api";
import { contextsPath, writeContext } from "../hub-context.ts";
import { programPath } from "../program-path.ts";
import { type ChildProgram, startChild, tailOf } from "./child-program.ts";
import { type ClusterFactory, type DemoCluster } from "./demo-cluster.ts";
import { type FleetRepo, createFleetRepo } from "./fleet-repo.ts";
import { freePort } from "./free-port.ts";
import { type GitServer, startGitServer } from "./git-server.ts";

/** The example fleet that ships with the product. */
const exampleFleet = join(
  dirname(fileURLToPath(import.meta.url)),
  "../../../deploy/example-fleet",
);

/** Everything that the demo runs, and can end. */
export interface DemoWorld {
  readonly directory: string;
  readonly repo: FleetRepo;
  readonly server: string;
  readonly client: HubClient;
  readonly clusters: ReadonlyMap<string, DemoCluster>;
  /** Where the one-time login link can be read. */
  readonly loginLink: () => string;
  readonly startHub: () => Promise<void>;
  readonly killHub: () => Promise<void>;
  /** Makes a cluster and starts its spoke with what the hub gave for it. */
  readonly startCluster: (join: JoinView) => Promise<DemoCluster>;
  /** Ends a cluster and its spoke at once, as a fire would. */
  readonly killCluster: (name: string) => Promise<void>;
  /** The tails of all logs, for an error. */
  readonly logs: () => string;
  readonly stop: () => Promise<void>;
}

/** What a world is made of. */
export interface DemoWorldOptions {
  readonly directory: string;
  readonly makeCluster: ClusterFactory;
  readonly port?: number;
}

const hubStartMs = 30_000;

/** Makes the fleet, its repository and its hub; clusters come later. */
export async function createDemoWorld(
  options: DemoWorldOptions,
): Promise<DemoWorld> {
  const { directory } = options;
  const repo = await createFleetRepo(exampleFleet, directory);
  const git = await startGitServer(dirname(repo.bareDirectory));
  const data = join(directory, "hub");
  await initFleet(directory, data);
  const port = options.port ?? (await freePort());
  const linkPort = await freePort();
  const server = `http://127.0.0.1:${port}`;
  const hubArgs = [
    programPath("hub"),
    ...["--data", data],
    ...["--repo", `${git.url}/fleet.git`],
    ...["--listen", `127.0.0.1:${port}`],
    ...["--link-listen", `127.0.0.1:${linkPort}`],
    ...["--poll", "1s"],
  ];
  const processes = new DemoProcesses(directory, options.makeCluster, git);
  const startHub = async () => {
    const hub = processes.start("hub", hubArgs);
    await waitUntilReady(server, hub);
  };
  await startHub();
  const token = readFileSync(join(data, "admin-token"), "utf8").trim();
  writeContext(contextsPath({ WHEELHOUSE_CONFIG: join(directory, "config") }), {
    name: "demo",
    server,
    token,
  });
  return {
    directory,
    repo,
    server,
    client: createHubClient({ server, token }),
    clusters: processes.clusters,
    loginLink: () => readLoginLink(join(directory, "hub.log"), server),
    startHub,
    killHub: () => processes.kill("hub"),
    startCluster: (join) => processes.startCluster(join),
    killCluster: (name) => processes.killCluster(name),
    logs: () => processes.logs(),
    stop: () => processes.stop(),
  };
}

/** `wheelhouse init` for the demo's own fleet; its root file lies outside the hub's directory. */
async function initFleet(directory: string, data: string): Promise<void> {
  const init = startChild({
    name: "init",
    args: [
      programPath("hub"),
      "init",
      ...["--data", data],
      ...["--root-key", join(directory, "root.json")],
      ...["--fleet", "demo"],
    ],
    logPath: join(directory, "init.log"),
  });
  while (init.isRunning()) await delay(20);
  if (!readFileSyncOrEmpty(join(directory, "root.json"))) {
    throw new Error(`init failed:\n${tailOf(init)}`);
  }
}

function readFileSyncOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

async function waitUntilReady(
  server: string,
  hub: ChildProgram,
): Promise<void> {
  const end = Date.now() + hubStartMs;
  for (;;) {
    const answer = await fetch(new URL(routes.ready, server)).catch(
      () => undefined,
    );
    if (answer?.ok === true) return;
    if (!hub.isRunning() || Date.now() > end) {
      throw new Error(`the hub did not start:\n${tailOf(hub)}`);
    }
    await delay(50);
  }
}

/** The newest login link that the hub printed, or its address. */
function readLoginLink(logPath: string, server: string): string {
  const links = readFileSyncOrEmpty(logPath).match(/https?:\/\/\S*login\S*/g);
  return links?.at(-1)?.replace(/[",]+$/, "") ?? server;
}

/** The processes of one demo, by name, and its clusters. */
class DemoProcesses {
  readonly clusters = new Map<string, DemoCluster>();
  readonly #children = new Map<string, ChildProgram>();
  readonly #directory: string;
  readonly #makeCluster: ClusterFactory;
  readonly #git: GitServer;

  constructor(directory: string, makeCluster: ClusterFactory, git: GitServer) {
    this.#directory = directory;
    this.#makeCluster = makeCluster;
    this.#git = git;
  }

  start(name: string, args: readonly string[]): ChildProgram {
    const logPath = join(this.#directory, `${name}.log`);
    const child = startChild({ name, args, logPath });
    this.#children.set(name, child);
    return child;
  }

  async kill(name: string): Promise<void> {
    await this.#children.get(name)?.stop("at once");
  }

  async startCluster(invitation: JoinView): Promise<DemoCluster> {
    const name = invitation.cluster;
    const cluster = await this.#makeCluster(name);
    this.clusters.set(name, cluster);
    const folder = join(this.#directory, "join");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const joinFile = join(folder, `${name}-${invitation.uid}.json`);
    writeFileSync(joinFile, JSON.stringify(invitation), { mode: 0o600 });
    this.start(`spoke-${name}`, [
      programPath("spoke"),
      "run",
      ...["--kubeconfig", cluster.kubeconfigPath],
      ...["--join-file", joinFile],
    ]);
    return cluster;
  }

  async killCluster(name: string): Promise<void> {
    await this.kill(`spoke-${name}`);
    await this.clusters.get(name)?.stop();
    this.clusters.delete(name);
  }

  logs(): string {
    return [...this.#children.values()]
      .map((child) => `── ${child.name} (${child.logPath})\n${tailOf(child)}`)
      .join("\n");
  }

  /** Spokes first, so that none of them complains about what ends beneath it. */
  async stop(): Promise<void> {
    const children = [...this.#children.values()];
    const isHub = ({ name }: ChildProgram) => name === "hub";
    await Promise.all(
      children.filter((child) => !isHub(child)).map((child) => child.stop()),
    );
    await Promise.all(children.filter(isHub).map((child) => child.stop()));
    await Promise.all([...this.clusters.values()].map((one) => one.stop()));
    await this.#git.stop();
  }
}
