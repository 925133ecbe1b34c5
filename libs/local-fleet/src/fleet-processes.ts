import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spokeNodeArguments } from "@wheelhouse/programs";
import { type JoinView } from "@wheelhouse/rest-api";
import { type ChildProgram, startChild, tailOf } from "./child-program.ts";
import { type ClusterFactory, type LocalCluster } from "./local-cluster.ts";

/** The processes of one fleet, by name, and its clusters. */
export class FleetProcesses {
  readonly clusters = new Map<string, LocalCluster>();
  readonly #children = new Map<string, ChildProgram>();
  readonly #directory: string;
  readonly #makeCluster: ClusterFactory;
  readonly #spokeProgram: string;

  constructor(options: {
    readonly directory: string;
    readonly makeCluster: ClusterFactory;
    readonly spokeProgram: string;
  }) {
    this.#directory = options.directory;
    this.#makeCluster = options.makeCluster;
    this.#spokeProgram = options.spokeProgram;
  }

  /** Starts a program; one of the same name that runs is left alone, and forgotten. */
  start(name: string, args: readonly string[]): ChildProgram {
    const logPath = join(this.#directory, `${name}.log`);
    const child = startChild({ name, args, logPath });
    this.#children.set(name, child);
    return child;
  }

  /** The process id of a program that runs, such as `hub` or `spoke-prod-eu-1`. */
  pidOf(name: string): number | undefined {
    const child = this.#children.get(name);
    return child?.isRunning() === true ? child.pid : undefined;
  }

  async kill(name: string): Promise<void> {
    await this.#children.get(name)?.stop("at once");
  }

  async startCluster(invitation: JoinView): Promise<LocalCluster> {
    const cluster = await this.#makeCluster(invitation.cluster);
    this.clusters.set(invitation.cluster, cluster);
    this.startSpoke(invitation);
    return cluster;
  }

  /** Starts the spoke of a cluster that runs. A second start needs no invitation any more, and does not read it. */
  startSpoke(invitation: JoinView): ChildProgram {
    const { cluster: name, uid } = invitation;
    const folder = join(this.#directory, "join");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const joinFile = join(folder, `${name}-${uid}.json`);
    writeFileSync(joinFile, JSON.stringify(invitation), { mode: 0o600 });
    const kubeconfig = this.clusters.get(name)?.kubeconfigPath ?? "";
    return this.start(`spoke-${name}`, [
      ...spokeNodeArguments,
      this.#spokeProgram,
      "run",
      ...["--kubeconfig", kubeconfig],
      ...["--join-file", joinFile],
    ]);
  }

  async killCluster(name: string): Promise<void> {
    await this.kill(`spoke-${name}`);
    await this.clusters.get(name)?.stop();
    this.clusters.delete(name);
  }

  /** The tails of all logs. */
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
  }
}
