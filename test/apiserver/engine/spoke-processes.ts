import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Artifact, encodeObjects } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { type HubKeys, pinFingerprint } from "@wheelhouse/trust";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import {
  type TestAssignment,
  createAssignment,
  createKeys,
} from "../../protocol/harness/fleet.ts";
import {
  type TestHub,
  type TestHubOptions,
  startTestHub,
} from "../../protocol/harness/test-hub.ts";
import { type TestCluster } from "./test-cluster.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** How long processes that start one another may take, also on a machine that has other things to do. */
export const patiently = { timeout: 100_000, interval: 50 };

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A spoke as a process. */
export interface SpokeProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<Ended>;
}

/** What a spec does with spokes that are processes, and with their hub. */
export interface SpokeProcesses {
  readonly folder: () => string;
  readonly startHub: (
    before?: TestHub,
    options?: Partial<TestHubOptions>,
  ) => Promise<TestHub>;
  readonly start: (
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => SpokeProcess;
  /** Writes what `cluster add` prints into a file, and returns its path. */
  readonly invite: (
    hub: TestHub,
    uid: string,
    cluster?: string,
  ) => Promise<string>;
  readonly issue: (
    hub: TestHub,
    uid: string,
    seq: number,
    objects: readonly KubeObject[],
  ) => TestAssignment;
  /** Waits until the hub was told that an assignment is Ready. */
  readonly whenReported: (hub: TestHub, seq: number) => Promise<void>;
}

/** Builds the spoke once for a file's specs; hubs and spokes end with their test. */
export function useSpokeProcesses(cluster: TestCluster): SpokeProcesses {
  let folder = "";
  let program = "";
  let keys: HubKeys;
  const spokes: SpokeProcess[] = [];
  const hubs: TestHub[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "wheelhouse-spoke-"));
    program = join(folder, "spoke.mjs");
    await build({
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      minify: true,
      entryPoints: [join(root, "apps/spoke/src/main.ts")],
      outfile: program,
      banner: {
        js: [
          'import { createRequire as __createRequire } from "node:module";',
          'import { fileURLToPath as __fileURLToPath } from "node:url";',
          'import { dirname as __dirnameOf } from "node:path";',
          "const require = __createRequire(import.meta.url);",
          "const __filename = __fileURLToPath(import.meta.url);",
          "const __dirname = __dirnameOf(__filename);",
        ].join(""),
      },
    });
    keys = (await createKeys(Date.now())).keys;
  });
  afterEach(async () => {
    for (const { child, ended } of spokes.splice(0)) {
      child.kill("SIGKILL");
      await ended;
    }
    await Promise.all(hubs.splice(0).map((hub) => hub.stop()));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const startHub: SpokeProcesses["startHub"] = async (before, options) => {
    const hub = await startTestHub({
      keys,
      ...options,
      ...(before === undefined
        ? {}
        : {
            registry: before.registry,
            assignments: before.assignments,
            port: before.port,
          }),
    });
    hubs.push(hub);
    return hub;
  };

  const start = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): SpokeProcess => {
    const kubeconfig = cluster.kubeconfigPath();
    const child = spawn(
      process.execPath,
      [program, ...args, "--kubeconfig", kubeconfig],
      { env: { PATH: process.env["PATH"], ...env } },
    );
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise<Ended>((resolve) =>
      child.on("close", (code, signal) => resolve({ code, signal })),
    );
    const spoke = { child, ended, output: () => text };
    spokes.push(spoke);
    return spoke;
  };

  const invite: SpokeProcesses["invite"] = async (
    hub,
    uid,
    cluster = "prod-eu-1",
  ) => {
    const secret = hub.invite(cluster, uid);
    const hex = pinFingerprint(keys.pin).slice("sha256:".length);
    const file = join(folder, `${uid}.json`);
    const text = JSON.stringify({
      cluster,
      hubAddress: `127.0.0.1:${hub.port}`,
      token: `whj.${Buffer.from(secret).toString("base64url")}.${hex}`,
      fleet: keys.pin.fleet,
      rootCertificate: keys.pin.certificate,
      rootPublicKey: keys.pin.delegationKey,
      uid,
    });
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };

  const issue = (
    hub: TestHub,
    uid: string,
    seq: number,
    objects: readonly KubeObject[],
  ) => {
    const artifact: Artifact = encodeObjects(objects);
    const to = { cluster: "prod-eu-1", uid };
    const assignment = createAssignment(keys, to, seq, {
      webapp: artifact.bytes,
    });
    hub.assignments.issue(uid, assignment);
    void hub.server.notify(uid);
    return assignment;
  };

  const whenReported = (hub: TestHub, seq: number) =>
    vi.waitFor(() => {
      const state = hub.observer.reports.at(-1)?.state;
      expect(state?.assignment?.seq).toBe(seq);
      expect([...(state?.bundles.values() ?? [])]).toMatchObject([
        { ready: true },
      ]);
    }, patiently);

  return {
    folder: () => folder,
    startHub,
    start,
    invite,
    issue,
    whenReported,
  };
}
