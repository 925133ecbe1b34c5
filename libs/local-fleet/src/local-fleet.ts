import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type HubClient,
  type JoinView,
  createHubClient,
  routes,
} from "@wheelhouse/rest-api";
import { type ChildProgram, startChild, tailOf } from "./child-program.ts";
import { FleetProcesses } from "./fleet-processes.ts";
import { type FleetRepo, createFleetRepo } from "./fleet-repo.ts";
import { freePort } from "./free-port.ts";
import { startGitServer } from "./git-server.ts";
import { type ClusterFactory, type LocalCluster } from "./local-cluster.ts";

/** A fleet whose parts run on this machine, and can be ended one by one. */
export interface LocalFleet {
  readonly directory: string;
  readonly repo: FleetRepo;
  /** The hub's address, such as `http://127.0.0.1:7700`. */
  readonly server: string;
  /** The admin's token. */
  readonly token: string;
  readonly client: HubClient;
  readonly clusters: ReadonlyMap<string, LocalCluster>;
  /** The page's address, with a one-time code where the hub printed one. */
  readonly loginLink: () => string;
  readonly startHub: () => Promise<void>;
  readonly killHub: () => Promise<void>;
  /** Makes a cluster and starts its spoke with what the hub gave for it. */
  readonly startCluster: (invitation: JoinView) => Promise<LocalCluster>;
  /** Starts the spoke of a running cluster again. */
  readonly startSpoke: (invitation: JoinView) => void;
  readonly killSpoke: (name: string) => Promise<void>;
  /** Ends a cluster and its spoke at once, as a fire would. */
  readonly killCluster: (name: string) => Promise<void>;
  /** The process id of `hub` or `spoke-NAME`, while it runs. */
  readonly pidOf: (name: string) => number | undefined;
  /** The tails of all logs, for an error. */
  readonly logs: () => string;
  readonly stop: () => Promise<void>;
}

/** What a local fleet is made of. */
export interface LocalFleetOptions {
  /** A folder of its own; it stays after `stop`. */
  readonly directory: string;
  /** The files of the fleet repo's first commit. */
  readonly files: string;
  readonly makeCluster: ClusterFactory;
  /** Where hub and spoke were built to. */
  readonly programs: { readonly hub: string; readonly spoke: string };
  /** Where the page is; default a free port. */
  readonly port?: number;
}

/** For a hub that does not come up; a busy machine needs most of a minute for one that does. */
const startMs = 180_000;

/** Makes the fleet, its repository and its hub; clusters come later. */
export async function startLocalFleet(
  options: LocalFleetOptions,
): Promise<LocalFleet> {
  const { directory, programs } = options;
  const repo = await createFleetRepo(options.files, directory);
  const git = await startGitServer(dirname(repo.bareDirectory));
  const data = join(directory, "hub");
  const port = options.port ?? (await freePort());
  const linkPort = await freePort();
  const server = `http://127.0.0.1:${port}`;
  const hubArguments = [
    programs.hub,
    ...["--data", data],
    ...["--repo", `${git.url}/fleet.git`],
    ...["--listen", `127.0.0.1:${port}`],
    ...["--link-listen", `127.0.0.1:${linkPort}`],
    ...["--poll", "1s"],
    // Whoever tries it out opens the page when they like; only this machine reaches it.
    ...["--login-link-for", "24h"],
  ];
  const processes = new FleetProcesses({
    directory,
    makeCluster: options.makeCluster,
    spokeProgram: programs.spoke,
  });
  const startHub = () =>
    waitUntilReady(server, processes.start("hub", hubArguments));
  const stop = async () => {
    await processes.stop();
    await git.stop();
  };
  try {
    await initFleet(programs.hub, directory, data);
    await startHub();
  } catch (error) {
    await stop();
    throw error;
  }
  const token = readFileSync(join(data, "admin-token"), "utf8").trim();
  return {
    directory,
    repo,
    server,
    token,
    client: createHubClient({ server, token }),
    clusters: processes.clusters,
    loginLink: () => readLoginLink(join(directory, "hub.log"), server),
    startHub,
    killHub: () => processes.kill("hub"),
    startCluster: (invitation) => processes.startCluster(invitation),
    startSpoke: (invitation) => void processes.startSpoke(invitation),
    killSpoke: (name) => processes.kill(`spoke-${name}`),
    killCluster: (name) => processes.killCluster(name),
    pidOf: (name) => processes.pidOf(name),
    logs: () => processes.logs(),
    stop,
  };
}

/** `wheelhouse init` for this fleet; its root file lies outside the hub's directory. */
async function initFleet(
  hub: string,
  directory: string,
  data: string,
): Promise<void> {
  const init = startChild({
    name: "init",
    args: [
      hub,
      "init",
      ...["--data", data],
      ...["--root-key", join(directory, "root.json")],
      ...["--fleet", "demo"],
    ],
    logPath: join(directory, "init.log"),
  });
  const code = await init.ended;
  if (code !== 0) throw new Error(`init ended with ${code}:\n${tailOf(init)}`);
}

async function waitUntilReady(
  server: string,
  hub: ChildProgram,
): Promise<void> {
  const end = Date.now() + startMs;
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

/** The newest login link that the hub printed, or the page's plain address. */
function readLoginLink(logPath: string, server: string): string {
  const links = readFileSync(logPath, "utf8").match(
    /https?:\/\/[^\s"]*login[^\s"]*/g,
  );
  return links?.at(-1) ?? server;
}
