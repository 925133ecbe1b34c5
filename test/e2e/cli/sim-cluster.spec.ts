import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkout, runWheelhouse } from "./run-wheelhouse.ts";

const program = join(checkout, "apps/cli/dist/wheelhouse.js");

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "example.com/web:1" }] },
    },
  },
};

describe("wheelhouse sim-cluster", () => {
  let folder: string;
  let kubeconfig: string;
  let kubectlPath: string;
  let cluster: ChildProcess;
  let said = "";

  const start = (...args: readonly string[]) => {
    const all = [program, "sim-cluster", "--kubeconfig", kubeconfig, ...args];
    return spawn(process.execPath, all, { stdio: ["ignore", "pipe", "pipe"] });
  };
  const kubectl = (args: readonly string[], input = "") => {
    const all = ["--kubeconfig", kubeconfig, ...args];
    const { status, stdout, stderr } = spawnSync(kubectlPath, all, {
      ...{ input, encoding: "utf8" },
      env: { PATH: process.env["PATH"], HOME: folder },
    });
    expect([status, stderr], args.join(" ")).toEqual([0, ""]);
    return stdout;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-sim-"));
    kubeconfig = join(folder, "edge.kubeconfig");
    const tools = await ensureTools(["kubectl"], {
      env: process.env,
      onProgress: createProgressLine(process.stderr),
    });
    kubectlPath = tools.kubectl;
    cluster = start("--name", "edge-1", "--ready-after", "200ms");
    const [chunk] = (await once(cluster.stdout!, "data")) as [Buffer];
    said = chunk.toString();
  });
  afterAll(() => {
    cluster.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  it("says how it is reached, by a file that is its user's alone", () => {
    expect(said).toContain("edge-1: a simulated cluster at https://127.0.0.1:");
    expect(said).toContain(`kubectl --kubeconfig ${kubeconfig} get namespaces`);
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
    expect(kubectl(["config", "current-context"])).toBe("edge-1\n");
  });

  it("does what the real kubectl asks of it", () => {
    const names = kubectl(["get", "namespaces", "-o", "name"]).split("\n");
    expect(names).toContain("namespace/kube-system");
    kubectl(["apply", "-f", "-"], JSON.stringify(deployment));
    const rollout = ["rollout", "status", "deployment/web", "--timeout=120s"];
    expect(kubectl(rollout)).toContain("successfully rolled out");
    kubectl(["scale", "deployment/web", "--replicas=3"]);
    expect(kubectl(rollout)).toContain("successfully rolled out");
    const columns = kubectl(["get", "deployments"]).split("\n")[1];
    expect(columns).toMatch(/^web +3\/3 +3 +3 +/);
  });

  it("overwrites no file", async () => {
    const mine = join(folder, "config");
    writeFileSync(mine, "all my clusters");
    const args = ["sim-cluster", "--kubeconfig", mine];
    const { code, out, err } = await runWheelhouse(args, { env: {} });
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain("never overwritten");
    expect(readFileSync(mine, "utf8")).toBe("all my clusters");
  });

  it("says that its port is taken", async () => {
    const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? "";
    const other = join(folder, "other");
    const args = ["sim-cluster", "--kubeconfig", other, "--port", port];
    const { code, err } = await runWheelhouse(args, { env: {} });
    expect(code).toBe(3);
    expect(err).toContain(`--port ${port}`);
    expect(existsSync(other)).toBe(false);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends with 0 at %s, and takes its file along",
    async (signal) => {
      cluster.kill(signal);
      const [code] = (await once(cluster, "close")) as [number | null];
      expect(code).toBe(0);
      expect(existsSync(kubeconfig)).toBe(false);
      // For the next signal, in the same place.
      cluster = start();
      await once(cluster.stdout!, "data");
    },
  );
});
