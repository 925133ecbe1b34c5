import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import {
  type ControlPlane,
  startControlPlane,
} from "@wheelhouse/control-plane";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";

const tools = inject("tools");
const within = { timeout: 60_000, interval: 50 };

const deployment = (name: string, image: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "default" },
  spec: {
    replicas: 2,
    progressDeadlineSeconds: 600,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: "app", image }] },
    },
  },
});

const job = (name: string, simulate: string) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name, namespace: "default" },
  spec: {
    backoffLimit: 0,
    template: {
      metadata: { annotations: { "wheelhouse.dev/simulate": simulate } },
      spec: {
        restartPolicy: "Never",
        containers: [{ name: "app", image: "registry.example/task:v1" }],
      },
    },
  },
});

interface WithConditions {
  status?: {
    unavailableReplicas?: number;
    conditions?: { type: string; status: string }[];
  };
}

const conditionOf = (object: WithConditions, type: string) =>
  object.status?.conditions?.find((one) => one.type === type)?.status;

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const deployments = "/apis/apps/v1/namespaces/default/deployments";
const jobs = "/apis/batch/v1/namespaces/default/jobs";
const pods = "/api/v1/namespaces/default/pods";

describe.skipIf(tools === null)("a control plane on loopback", () => {
  let directory = "";
  let cluster: ControlPlane;

  const create = async (path: string, body: unknown, user?: string) => {
    const request = { method: "POST", path, body, userAgent: "spec" } as const;
    const answer = await cluster.request(request, user);
    return answer.status;
  };
  const read = async (path: string) =>
    (await cluster.request({ path })).body as WithConditions;

  beforeAll(async () => {
    if (tools === null) return;
    directory = await mkdtemp(join(tmpdir(), "wheelhouse-control-plane-"));
    cluster = await startControlPlane({
      tools,
      directory,
      name: "staging-1",
      components: { controllerManager: true, scheduler: true, kwok: true },
      users: [{ name: "visitor", groups: ["visitors"] }],
    });
  });

  afterAll(async () => {
    await cluster?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("makes a Deployment available through the real controllers", async () => {
    expect(
      await create(deployments, deployment("web", "registry.example/web:v1")),
    ).toBe(201);
    await vi.waitFor(async () => {
      const web = await read(`${deployments}/web`);
      expect(conditionOf(web, "Available")).toBe("True");
      expect(web.status).toMatchObject({ availableReplicas: 2 });
    }, within);
  });

  it("leaves a Deployment with a bad image unavailable, its pods running", async () => {
    await create(
      deployments,
      deployment("broken", "registry.example/web:v2-bad"),
    );
    await vi.waitFor(async () => {
      const list = (
        await cluster.request({ path: `${pods}?labelSelector=app%3Dbroken` })
      ).body as { items: { status: { phase: string } }[] };
      expect(list.items.map((pod) => pod.status.phase)).toEqual([
        "Running",
        "Running",
      ]);
      const broken = await read(`${deployments}/broken`);
      expect(conditionOf(broken, "Available")).toBe("False");
      expect(broken.status?.unavailableReplicas).toBe(2);
    }, within);
  });

  it("completes one Job and fails another", async () => {
    await create(jobs, job("migrate", "ready"));
    await create(jobs, job("explode", "fail"));
    await vi.waitFor(async () => {
      expect(conditionOf(await read(`${jobs}/migrate`), "Complete")).toBe(
        "True",
      );
      expect(conditionOf(await read(`${jobs}/explode`), "Failed")).toBe("True");
    }, within);
  });

  it("gives load balancers an address and claims a volume", async () => {
    await create("/api/v1/namespaces/default/services", {
      metadata: { name: "edge" },
      spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
    });
    const claims = "/api/v1/namespaces/default/persistentvolumeclaims";
    await create(claims, {
      metadata: { name: "data" },
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "1Gi" } },
      },
    });
    await vi.waitFor(async () => {
      const edge = await read("/api/v1/namespaces/default/services/edge");
      expect(edge.status).toMatchObject({ loadBalancer: { ingress: [{}] } });
      const data = await read(`${claims}/data`);
      expect(data.status).toMatchObject({ phase: "Bound" });
    }, within);
    await cluster.request({ method: "DELETE", path: `${claims}/data` });
    await vi.waitFor(async () => {
      const volumes = await cluster.request({
        path: "/api/v1/persistentvolumes",
      });
      expect(volumes.body).toMatchObject({ items: [] });
    }, within);
  });

  it("lets deleted pods go at once", async () => {
    await create(deployments, deployment("brief", "registry.example/web:v1"));
    const path = `${pods}?labelSelector=app%3Dbrief`;
    const count = async () =>
      ((await cluster.request({ path })).body as { items: unknown[] }).items
        .length;
    await vi.waitFor(async () => expect(await count()).toBe(2), within);
    await cluster.request({
      method: "DELETE",
      path: `${deployments}/brief?propagationPolicy=Foreground`,
    });
    await vi.waitFor(async () => expect(await count()).toBe(0), within);
  });

  it("names the writer of each write in the audit log, and refuses who has no rights", async () => {
    expect(
      await create(deployments, deployment("foreign", "x:v1"), "visitor"),
    ).toBe(403);
    const events = await cluster.readAudit();
    const wrote = (name: string) =>
      events.find(
        (event) =>
          event.verb === "create" &&
          event.objectRef?.resource === "deployments" &&
          (event.objectRef.name ?? name) === name &&
          event.responseStatus?.code === (name === "foreign" ? 403 : 201),
      );
    expect(wrote("web")).toMatchObject({
      stage: "ResponseComplete",
      user: { username: "admin" },
      userAgent: "spec",
    });
    expect(wrote("foreign")?.user.username).toBe("visitor");
    expect(
      events.every((event) => !["get", "list", "watch"].includes(event.verb)),
    ).toBe(true);
  });

  it("is understood by an unmodified kubectl", async () => {
    const kubectl = spawn(
      tools?.kubectl ?? "",
      ["get", "deployment", "web", "-o", "name"],
      { env: { KUBECONFIG: cluster.kubeconfigPath, HOME: directory } },
    );
    let output = "";
    kubectl.stdout
      .setEncoding("utf8")
      .on("data", (text: string) => (output += text));
    const code = await new Promise((resolve) => kubectl.once("close", resolve));
    expect({ code, output }).toEqual({
      code: 0,
      output: "deployment.apps/web\n",
    });
  });

  it("keeps its objects and its address when the API server restarts", async () => {
    await cluster.stop("kube-apiserver");
    await expect(cluster.request({ path: "/readyz" })).rejects.toThrow();
    await cluster.startAgain("kube-apiserver");
    const { status } = await cluster.request({ path: `${deployments}/web` });
    expect(status).toBe(200);
  });

  it("leaves no program behind when it is stopped", async () => {
    const pids = Object.values(cluster.pids());
    expect(pids.filter(isRunning)).toHaveLength(5);
    await cluster.stop();
    expect(pids.filter(isRunning)).toEqual([]);
  });
});

const library = fileURLToPath(
  new URL("../../libs/control-plane/src/index.ts", import.meta.url),
);

/** A process that starts a control plane, prints its pids, and then only lives. */
const owner = `
const { startControlPlane } = await import(process.argv[1]);
const [tools, directory] = process.argv.slice(2);
const plane = await startControlPlane({ tools: JSON.parse(tools), directory });
console.log(JSON.stringify(Object.values(plane.pids())));
setInterval(() => {}, 1000);
`;

describe.skipIf(tools === null)("a control plane whose owner is killed", () => {
  it("dies with it", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wheelhouse-orphans-"));
    const bundle = join(directory, "control-plane.mjs");
    await build({
      entryPoints: [library],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: bundle,
    });
    const child = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        owner,
        bundle,
        JSON.stringify(tools),
        join(directory, "plane"),
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const pids = await new Promise<number[]>((resolve, reject) => {
      child.stdout
        .setEncoding("utf8")
        .once("data", (line: string) => resolve(JSON.parse(line) as number[]));
      child.once("exit", () =>
        reject(new Error("the owner ended before its control plane was ready")),
      );
    });
    expect(pids.filter(isRunning)).toHaveLength(2);
    child.kill("SIGKILL");
    await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), within);
    await rm(directory, { recursive: true, force: true });
  });
});

describe.skipIf(tools === null)("a control plane that cannot start", () => {
  it("says which program ended and how its log ends", async () => {
    const directory = await mkdtemp(
      join(tmpdir(), "wheelhouse-control-plane-"),
    );
    const failing = join(directory, "kube-apiserver");
    await writeFile(failing, "#!/bin/sh\necho no memory left\nexit 3\n", {
      mode: 0o755,
    });
    const start = startControlPlane({
      tools: { etcd: tools?.etcd ?? "", "kube-apiserver": failing },
      directory: join(directory, "plane"),
    });
    await expect(start).rejects.toThrow(
      /kube-apiserver ended with code 3[^]*no memory left/,
    );
    await rm(directory, { recursive: true, force: true });
  });
});
