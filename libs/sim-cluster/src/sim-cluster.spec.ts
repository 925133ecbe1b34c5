import { afterEach, describe, expect, it, vi } from "vitest";
import { type Clock } from "@wheelhouse/clock";
import { type JsonObject, objectAt } from "./json.ts";
import { createSimCluster, type SimCluster } from "./sim-cluster.ts";

const open: SimCluster[] = [];
const start = async (options: { clock?: Clock; seed?: number } = {}) => {
  const cluster = await createSimCluster({
    name: "test",
    tls: false,
    readyAfterMs: 5,
    ...options,
  });
  open.push(cluster);
  return cluster;
};

afterEach(async () => {
  for (const cluster of open.splice(0)) await cluster.stop();
});

const call = async (
  cluster: SimCluster,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const response = await fetch(`${cluster.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${cluster.token()}`,
      "content-type": "application/json",
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { code: response.status, body: (await response.json()) as JsonObject };
};

const deployment = (name: string, image: string, deadline = 600) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    replicas: 2,
    progressDeadlineSeconds: deadline,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: "app", image }] },
    },
  },
});
const deployments = "/apis/apps/v1/namespaces/default/deployments";
const statusOf = (cluster: SimCluster, name: string) =>
  objectAt(
    cluster
      .objects("apps/deployments")
      .find((each) => objectAt(each, "metadata")["name"] === name),
    "status",
  );
const reasons = (status: JsonObject) =>
  Object.fromEntries(
    ((status["conditions"] ?? []) as JsonObject[]).map((each) => [
      each["type"],
      each["reason"],
    ]),
  );

describe("a simulated cluster", () => {
  it("makes a deployment ready, and a bad one not", async () => {
    const cluster = await start();
    await call(cluster, "POST", deployments, deployment("good", "app:v1"));
    await call(
      cluster,
      "POST",
      deployments,
      deployment("worse", "app:v2-bad", 1),
    );
    await vi.waitFor(() =>
      expect(statusOf(cluster, "good")["availableReplicas"]).toBe(2),
    );
    await vi.waitFor(
      () =>
        expect(reasons(statusOf(cluster, "worse"))["Progressing"]).toBe(
          "ProgressDeadlineExceeded",
        ),
      { timeout: 5_000 },
    );
    expect(statusOf(cluster, "worse")["availableReplicas"]).toBeUndefined();
  });

  it("is quiet once settled", async () => {
    const cluster = await start();
    await call(cluster, "POST", deployments, deployment("web", "app:v1"));
    await vi.waitFor(() =>
      expect(statusOf(cluster, "web")["availableReplicas"]).toBe(2),
    );
    const version = async () =>
      objectAt(
        (await call(cluster, "GET", "/api/v1/namespaces")).body,
        "metadata",
      )["resourceVersion"];
    const before = await version();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await version()).toBe(before);
  });

  it("says who asked, also behind an impersonation", async () => {
    const cluster = await start();
    await call(cluster, "POST", deployments, deployment("web", "app:v1"), {
      "impersonate-user": "team-a",
      "user-agent": "tool/1",
    });
    expect(cluster.audit().at(-1)).toMatchObject({
      user: "team-a",
      impersonator: "admin",
      userAgent: "tool/1",
      verb: "create",
      resource: "deployments",
      code: 201,
    });
  });

  it("refuses callers that it does not know", async () => {
    const cluster = await start();
    const { code } = await call(
      cluster,
      "GET",
      "/api/v1/namespaces",
      undefined,
      { authorization: "Bearer nobody" },
    );
    expect(code).toBe(401);
  });

  it("fails as it is told, and no longer", async () => {
    const cluster = await start();
    const remove = cluster.setFault({
      kind: "status",
      code: 429,
      resource: "namespaces",
    });
    expect((await call(cluster, "GET", "/api/v1/namespaces")).code).toBe(429);
    expect((await call(cluster, "GET", "/api/v1/nodes")).code).toBe(200);
    remove();
    expect((await call(cluster, "GET", "/api/v1/namespaces")).code).toBe(200);
    cluster.setFault({ kind: "refuse", times: 1 });
    await expect(call(cluster, "GET", "/api/v1/namespaces")).rejects.toThrow();
    expect((await call(cluster, "GET", "/api/v1/namespaces")).code).toBe(200);
  });

  it("goes away and comes back on its port with all it had", async () => {
    const cluster = await start();
    await call(cluster, "POST", "/api/v1/namespaces", {
      metadata: { name: "kept" },
    });
    await cluster.pause();
    await expect(
      call(cluster, "GET", "/api/v1/namespaces/kept"),
    ).rejects.toThrow();
    await cluster.resume();
    expect((await call(cluster, "GET", "/api/v1/namespaces/kept")).code).toBe(
      200,
    );
  });

  it("has the same uids from the same seed", async () => {
    const [a, b, c] = [
      await start({ seed: 7 }),
      await start({ seed: 7 }),
      await start({ seed: 8 }),
    ];
    expect(a.kubeSystemUid).toBe(b.kubeSystemUid);
    expect(a.kubeSystemUid).not.toBe(c.kubeSystemUid);
  });
});
