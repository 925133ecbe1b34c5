import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type ControlPlane,
  startControlPlane,
} from "@wheelhouse/control-plane";
import { type ChildProgram, startChild, tailOf } from "@wheelhouse/local-fleet";
import { spokeNodeArguments } from "@wheelhouse/programs";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import { cpuSecondsOf } from "../process-figures.ts";
import { bundleObjects } from "./bench-bundle.ts";
import { ThinHub, now } from "./thin-hub.ts";

const run = promisify(execFile);

/** The checkout, seen from the built bench (`test/dist`). */
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

const kubectlNamespace = "bench-kubectl";

/** CPU seconds used so far. */
export interface CpuTimes {
  readonly spoke: number;
  readonly apiServer: number;
}

/** One real API server with a spoke of ours, its thin hub, and kubectl beside them. */
export interface BenchCluster {
  readonly hub: ThinHub;
  readonly plane: ControlPlane;
  readonly spokePid: number;
  cpu(): CpuTimes;
  /** Applies so many bundles' objects with kubectl, in a namespace of its own; gives seconds. */
  applyWithKubectl(bundles: number, version: number): Promise<number>;
}

/** Runs all of it for as long as `use` takes; everything is stopped and removed after. */
export async function withBenchCluster<T>(
  use: (bench: BenchCluster) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "wheelhouse-bench-"));
  const tools = await ensureTools(
    ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"],
    { env: process.env, onProgress: createProgressLine(process.stderr) },
  );
  let plane: ControlPlane | undefined;
  let hub: ThinHub | undefined;
  let spoke: ChildProgram | undefined;
  try {
    plane = await startControlPlane({
      tools,
      directory: join(directory, "plane"),
      components: { controllerManager: true },
      users: [{ name: "spoke", groups: ["system:masters"] }],
      auditReadsOf: ["spoke"],
    });
    const started = await ThinHub.start();
    hub = started.hub;
    spoke = startSpoke(directory, plane, started.invitation);
    await Promise.race([hub.whenConnected(), failed(spoke)]);
    const bench = benchCluster({ directory, plane, hub, spoke, tools });
    await bench.kubectl("create", "namespace", kubectlNamespace);
    return await Promise.race([use(bench), failed(spoke)]);
  } catch (error) {
    if (spoke !== undefined) process.stderr.write(`${tailOf(spoke, 40)}\n`);
    throw error;
  } finally {
    await spoke?.stop();
    await hub?.stop();
    await plane?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function startSpoke(
  directory: string,
  plane: ControlPlane,
  invitation: object,
): ChildProgram {
  const write = (name: string, text: string) => {
    const path = join(directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  return startChild({
    name: "spoke",
    logPath: join(directory, "spoke.log"),
    args: [
      ...spokeNodeArguments,
      join(root, "apps/spoke/dist/spoke.js"),
      "run",
      ...["--kubeconfig", write("spoke.config", plane.kubeconfig("spoke"))],
      ...["--join-file", write("join.json", JSON.stringify(invitation))],
    ],
  });
}

/** Never resolves; rejects where the spoke ends. */
async function failed(spoke: ChildProgram): Promise<never> {
  throw new Error(`the spoke ended with ${String(await spoke.ended)}`);
}

function benchCluster(parts: {
  readonly directory: string;
  readonly plane: ControlPlane;
  readonly hub: ThinHub;
  readonly spoke: ChildProgram;
  readonly tools: { readonly kubectl: string };
}) {
  const { directory, plane, hub, spoke, tools } = parts;
  const kubectl = (...args: string[]) =>
    run(tools.kubectl, ["--kubeconfig", plane.kubeconfigPath, ...args], {
      maxBuffer: 64 * 2 ** 20,
    });
  return {
    hub,
    plane,
    kubectl,
    spokePid: spoke.pid,
    cpu: (): CpuTimes => ({
      spoke: cpuSecondsOf(spoke.pid),
      apiServer: cpuSecondsOf(plane.pids()["kube-apiserver"] ?? 0),
    }),
    applyWithKubectl: async (bundles: number, version: number) => {
      const file = join(directory, "kubectl.json");
      const documents = Array.from({ length: bundles }, (_, bundle) =>
        bundleObjects(bundle, version, kubectlNamespace),
      ).flat();
      writeFileSync(
        file,
        documents.map((object) => JSON.stringify(object)).join("\n---\n"),
      );
      const began = now();
      await kubectl("apply", "--server-side", "-f", file);
      return (now() - began) / 1_000;
    },
  };
}
