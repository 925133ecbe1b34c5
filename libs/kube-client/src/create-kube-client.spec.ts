import { KubeError } from "@wheelhouse/kube-apply";
import { type KubeObject } from "@wheelhouse/kube-object";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type KubeClient, createKubeClient } from "./create-kube-client.ts";

interface Seen {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Cut the connection instead of answering. */
  readonly cut?: boolean;
  /** Never answer. */
  readonly silent?: boolean;
}

const group = (
  name: string,
  kind: string,
  resource: string,
  scope = "Namespaced",
  freshness = "Current",
) => ({
  metadata: { name },
  versions: [
    {
      version: "v1",
      freshness,
      resources:
        freshness === "Stale"
          ? []
          : [{ resource, responseKind: { kind, group: name }, scope }],
    },
  ],
});

const discovery: Record<string, unknown> = {
  "/api": {
    kind: "APIGroupDiscoveryList",
    items: [group("", "Secret", "secrets")],
  },
  "/apis": {
    kind: "APIGroupDiscoveryList",
    items: [
      group("apps", "Deployment", "deployments"),
      group("metrics.k8s.io", "PodMetrics", "pods", "Namespaced", "Stale"),
    ],
  },
};

let server: Server;
let client: KubeClient;
let seen: Seen[];
let answers: ((request: Seen) => Answer)[];

beforeEach(async () => {
  seen = [];
  answers = [];
  server = createServer((incoming, outgoing) => {
    let body = "";
    incoming.on("data", (chunk: Buffer) => (body += chunk.toString()));
    incoming.on("end", () => {
      const url = new URL(incoming.url ?? "", "http://127.0.0.1");
      const known = discovery[url.pathname];
      const request = {
        method: incoming.method ?? "",
        url,
        headers: incoming.headers,
        body,
      };
      if (known === undefined) seen.push(request);
      const answer: Answer =
        known === undefined
          ? (answers.shift()?.(request) ?? { status: 500 })
          : { body: known };
      if (answer.silent === true) return;
      if (answer.cut === true) {
        incoming.socket.destroy();
        return;
      }
      outgoing.writeHead(answer.status ?? 200, answer.headers);
      outgoing.end(
        typeof answer.body === "string"
          ? answer.body
          : JSON.stringify(answer.body ?? {}),
      );
    });
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve()),
  );
  client = createKubeClient({
    kubeconfig: { kind: "text", text: kubeconfig() },
    userAgent: "wheelhouse-spoke/test",
    random: () => 0,
  });
});

afterEach(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function kubeconfig(): string {
  const { port } = server.address() as AddressInfo;
  return JSON.stringify({
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "u", user: { token: "a-token" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
}

const deployment: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "api", namespace: "webapp", managedFields: [] },
  spec: { replicas: 9007199254740993n },
};

const apps = { group: "apps", version: "v1", kind: "Deployment" };

/** The error that a promise rejects with. */
async function errorOf(promise: Promise<unknown>): Promise<KubeError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
  throw new Error("did not fail");
}

const failure = (code: number, reason: string, rest: object = {}): Answer => ({
  status: code,
  body: { kind: "Status", status: "Failure", code, reason, ...rest },
});

const live = { ...deployment, metadata: { name: "api", namespace: "webapp" } };
const echo = (): Answer => ({
  body: '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"api"},"spec":{"replicas":9007199254740993}}',
});

describe("requests", () => {
  test("an apply is a patch with our manager, strict, as JSON with exact integers", async () => {
    answers.push(echo);
    const applied = await client.apply.apply(deployment, {
      dryRun: true,
      force: true,
      resourceVersion: "7",
      impersonate: "webapp/deployer",
    });
    expect(applied["spec"]).toEqual({ replicas: 9007199254740993n });
    const [request] = seen;
    expect(request?.method).toBe("PATCH");
    expect(request?.url.pathname).toBe(
      "/apis/apps/v1/namespaces/webapp/deployments/api",
    );
    expect(Object.fromEntries(request?.url.searchParams ?? [])).toEqual({
      fieldManager: "wheelhouse",
      fieldValidation: "Strict",
      force: "true",
      dryRun: "All",
    });
    expect(request?.headers).toMatchObject({
      "content-type": "application/apply-patch+yaml",
      "user-agent": "wheelhouse-spoke/test",
      "impersonate-user": "system:serviceaccount:webapp:deployer",
      authorization: "Bearer a-token",
    });
    expect(request?.body).toBe(
      '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"api","namespace":"webapp","resourceVersion":"7"},"spec":{"replicas":9007199254740993}}',
    );
  });

  test("a service account that is none is never sent", async () => {
    const error = await errorOf(
      client.apply.apply(deployment, { impersonate: "admin" }),
    );
    expect(error.reason).toBe("invalid");
    expect(seen).toEqual([]);
  });

  test("a read of metadata says so, and takes the whole object as well", async () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "a", resourceVersion: "7" },
    };
    answers.push(() => ({ body: secret }));
    const kind = { group: "", version: "v1", kind: "Secret" };
    const live = await client.apply.get(
      kind,
      { namespace: "webapp", name: "a" },
      { metadataOnly: true },
    );
    expect(live?.metadata["resourceVersion"]).toBe("7");
    expect(seen[0]?.headers.accept).toBe(
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json",
    );
  });

  test("a delete carries both preconditions and the propagation", async () => {
    answers.push(() => ({ body: { kind: "Status", status: "Success" } }));
    await client.apply.delete(apps, deployment.metadata as never, {
      uid: "u-1",
      resourceVersion: "9",
      propagation: "Background",
    });
    expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({
      preconditions: { uid: "u-1", resourceVersion: "9" },
      propagationPolicy: "Background",
    });
  });

  test("a list is read page by page, its items with their kind", async () => {
    const page = (name: string, next?: string) => () => ({
      body: {
        metadata: { resourceVersion: "5", continue: next },
        items: [{ metadata: { name } }],
      },
    });
    answers.push(page("a", "more"), page("b"));
    const items = await client.apply.list(apps, { namespace: "" });
    expect(
      items.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    ).toEqual(["Deployment/a", "Deployment/b"]);
    expect(seen[1]?.url.searchParams.get("continue")).toBe("more");
  });

  test("a list of metadata says so, on every page", async () => {
    const page = (name: string, next?: string) => () => ({
      body: {
        metadata: { resourceVersion: "5", continue: next },
        items: [{ metadata: { name, resourceVersion: "7" } }],
      },
    });
    answers.push(page("a", "more"), page("b"));
    const items = await client.apply.list(apps, {
      namespace: "",
      metadataOnly: true,
    });
    expect(items.map(({ metadata }) => metadata["resourceVersion"])).toEqual([
      "7",
      "7",
    ]);
    const form =
      "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
    expect(seen.map(({ headers }) => headers.accept)).toEqual([form, form]);
  });

  test("a list of metadata is empty where the server says null", async () => {
    const metadata = { resourceVersion: "5" };
    const kind = "PartialObjectMetadataList";
    answers.push(() => ({ body: { kind, metadata, items: null } }));
    const options = { namespace: "", metadataOnly: true };
    expect(await client.apply.list(apps, options)).toEqual([]);
    answers.push(() => ({ body: { kind, metadata } }));
    const error = await errorOf(client.apply.list(apps, options));
    expect(error.reason).toBe("server");
  });

  test("an answer without items is no empty list", async () => {
    answers.push(() => ({ body: { metadata: { resourceVersion: "5" } } }));
    const error = await errorOf(client.apply.list(apps, { namespace: "" }));
    expect(error.reason).toBe("server");
  });
});

describe("what is tried again", () => {
  test("a throttled request, after the time that the server names", async () => {
    const throttled = failure(429, "TooManyRequests");
    answers.push(
      () => ({ ...throttled, headers: { "retry-after": "0" } }),
      echo,
    );
    await client.apply.apply(deployment);
    expect(seen).toHaveLength(2);
  });

  test("not where the server wants an hour: the caller is told", async () => {
    answers.push(() => ({
      ...failure(429, "TooManyRequests"),
      headers: { "retry-after": "3600" },
    }));
    const error = await errorOf(client.apply.apply(deployment));
    expect(error).toMatchObject({
      reason: "throttled",
      retryAfterMs: 3_600_000,
    });
    expect(seen).toHaveLength(1);
  });

  test("never a delete", async () => {
    answers.push(() => ({
      ...failure(429, "TooManyRequests"),
      headers: { "retry-after": "0" },
    }));
    const options = {
      uid: "u",
      resourceVersion: "1",
      propagation: "Background",
    } as const;
    const error = await errorOf(
      client.apply.delete(apps, live.metadata, options),
    );
    expect(error.reason).toBe("throttled");
    expect(seen).toHaveLength(1);
  });

  test("an apply once, not a create, where a kept connection was cut", async () => {
    answers.push(() => ({ cut: true }), echo);
    await client.apply.apply(deployment);
    answers.push(() => ({ cut: true }), echo);
    const error = await errorOf(client.apply.create(deployment));
    expect(error.reason).toBe("unreachable");
    expect(seen.map(({ method }) => method)).toEqual([
      "PATCH",
      "PATCH",
      "POST",
    ]);
  });

  test("not where nobody listens: the caller is told", async () => {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    const error = await errorOf(client.apply.get(apps, live.metadata));
    expect(error.reason).toBe("unreachable");
  });

  test("a 401 once, with credentials read anew", async () => {
    const refused = (): Answer => failure(401, "Unauthorized");
    answers.push(refused, refused);
    const error = await errorOf(client.apply.get(apps, live.metadata));
    expect(error.reason).toBe("unauthorized");
    expect(seen).toHaveLength(2);
  });
});

describe("time", () => {
  const silent = (): Answer => ({ silent: true });

  test("is up for a request that is not answered", async () => {
    const hasty = createKubeClient({
      kubeconfig: { kind: "text", text: kubeconfig() },
      userAgent: "wheelhouse-spoke/test",
      timeoutMs: 50,
    });
    answers.push(silent);
    const error = await errorOf(hasty.apply.get(apps, live.metadata));
    expect(error.reason).toBe("timeout");
    hasty.close();
  });

  test("is up when the caller says so, with the caller's reason", async () => {
    const leave = new AbortController();
    answers.push(() => {
      leave.abort(new Error("left"));
      return silent();
    });
    const { signal } = leave;
    await expect(client.apply.apply(deployment, { signal })).rejects.toThrow(
      "left",
    );
    await expect(client.apply.apply(deployment, { signal })).rejects.toThrow(
      "left",
    );
    expect(seen).toHaveLength(1);
  });
});

describe("absence", () => {
  test("a 404 on the object is undefined", async () => {
    answers.push(() => failure(404, "NotFound", { details: { name: "api" } }));
    expect(await client.apply.get(apps, live.metadata)).toBeUndefined();
  });

  test("a 404 on the path is an unknown kind", async () => {
    answers.push(() => ({ status: 404, body: "404 page not found" }));
    const error = await errorOf(client.apply.get(apps, live.metadata));
    expect(error.reason).toBe("unknownKind");
  });

  test("a 403 is not absence", async () => {
    answers.push(() => failure(403, "Forbidden", { message: "no" }));
    const error = await errorOf(client.apply.get(apps, live.metadata));
    expect(error.reason).toBe("forbidden");
  });
});

describe("discovery", () => {
  test("a kind whose group is down is not said to be absent; others are found", async () => {
    const down = { group: "metrics.k8s.io", version: "v1", kind: "PodMetrics" };
    const error = await errorOf(client.discovery.find(down));
    expect(error.reason).toBe("unreachable");
    const byKind = client.discovery.findByKind("metrics.k8s.io", "PodMetrics");
    expect((await errorOf(byKind)).reason).toBe("unreachable");
    expect(await client.discovery.find(apps)).toEqual({
      gvk: apps,
      resource: "deployments",
      namespaced: true,
    });
    expect(
      await client.discovery.findByKind("apps", "Nothing"),
    ).toBeUndefined();
    answers.push(() => ({ body: { gitVersion: "v1.36.3" } }));
    const { unanswered } = await client.discovery.capabilities();
    expect(unanswered).toEqual(["metrics.k8s.io/v1"]);
  });

  test("asks again for a kind that it missed, but not at once", async () => {
    let now = 0;
    const clock = {
      nowMs: () => 0,
      monotonicMs: () => now,
      setTimer: () => () => undefined,
    };
    const patient = createKubeClient({
      kubeconfig: { kind: "text", text: kubeconfig() },
      userAgent: "wheelhouse-spoke/test",
      clock,
    });
    const widget = { group: "example.org", version: "v1", kind: "Widget" };
    expect(await patient.discovery.find(widget)).toBeUndefined();
    const before = discovery["/apis"];
    discovery["/apis"] = {
      kind: "APIGroupDiscoveryList",
      items: [group("example.org", "Widget", "widgets")],
    };
    now = 9_999;
    expect(await patient.discovery.find(widget)).toBeUndefined();
    now = 10_000;
    expect(await patient.discovery.find(widget)).toMatchObject({
      resource: "widgets",
    });
    discovery["/apis"] = before;
    patient.close();
  });

  test("asks again at once where a fresh answer is wanted, and once for all who want it", async () => {
    expect(await client.discovery.find(apps)).toBeDefined();
    const before = discovery["/apis"];
    discovery["/apis"] = {
      kind: "APIGroupDiscoveryList",
      items: [group("example.org", "Widget", "widgets")],
    };
    const asked = () => client.discovery.findByKind("example.org", "Widget");
    expect(await asked()).toBeUndefined();
    const fresh = () =>
      client.discovery.findByKind("example.org", "Widget", { fresh: true });
    const found = await Promise.all([fresh(), fresh()]);
    expect(found.map((kind) => kind?.resource)).toEqual(["widgets", "widgets"]);
    discovery["/apis"] = before;
    expect(await asked()).toBeDefined();
  });
});
