import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AuditEvent,
  type ControlPlaneOptions,
  startControlPlane,
} from "@wheelhouse/control-plane";
import { type Json, type KubeObject } from "@wheelhouse/kube-object";
import { createSimCluster } from "@wheelhouse/sim-cluster";
import { afterAll, afterEach, beforeAll, beforeEach, inject, vi } from "vitest";
import {
  type TestEngine,
  type TestEngineOptions,
  startEngine,
} from "./test-engine.ts";

/** A cluster that the specs of one file share; what a spoke keeps in it is wiped before each test. */
export interface TestCluster {
  readonly startEngine: (
    options?: Omit<TestEngineOptions, "kubeconfig">,
  ) => Promise<TestEngine>;
  /** The admin's kubeconfig, as text and as a file. */
  readonly kubeconfig: () => string;
  readonly kubeconfigPath: () => string;
  /** The object at a path, or undefined where there is none. */
  readonly get: (path: string) => Promise<KubeObject | undefined>;
  readonly send: (
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: Json,
    contentType?: string,
  ) => Promise<KubeObject>;
  /** Writes by spokes that were answered since the test began. */
  readonly writes: () => Promise<readonly Write[]>;
  /** Every request by spokes since the test began, reads too where `auditReads` is on. */
  readonly requests: () => Promise<readonly Write[]>;
}

/** One request, as the server's audit log has it. */
export type Write = Pick<
  AuditEvent,
  | "verb"
  | "requestURI"
  | "userAgent"
  | "objectRef"
  | "responseStatus"
  | "impersonatedUser"
>;

const writingVerbs: ReadonlySet<string> = new Set([
  "create",
  "update",
  "patch",
  "delete",
]);

interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: Json;
  readonly contentType?: string;
}

/** The tools of the run; specs that need a cluster are skipped without them. */
export const tools = inject("tools");

/** How long something may take to come true. */
export const within = { timeout: 20_000, interval: 20 };

/** Where the specs run: at a real API server, or at a simulated one with WHEELHOUSE_TEST_CLUSTER=simulated. */
export const isSimulated =
  process.env["WHEELHOUSE_TEST_CLUSTER"] === "simulated";

/** Brings one cluster for the specs of a file. */
export function useCluster(
  components: ControlPlaneOptions["components"] = {},
  { auditReads = false }: { readonly auditReads?: boolean } = {},
): TestCluster {
  let server: TestServer | undefined;
  let folder = "";
  let requestsBefore = 0;
  const engines: TestEngine[] = [];
  const running = () => {
    if (server === undefined) throw new Error("no cluster");
    return server;
  };
  const send: TestCluster["send"] = async (method, path, body, contentType) => {
    const answer = await running().request({
      method,
      path,
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { contentType }),
    });
    if (answer.status >= 400) {
      throw new Error(`${method} ${path}: ${answer.status}`);
    }
    return answer.body as KubeObject;
  };
  const requests = async () =>
    (await running().requests())
      .slice(requestsBefore)
      .filter(({ userAgent }) => userAgent?.startsWith("wheelhouse-spoke"));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "wheelhouse-engine-"));
    server = isSimulated
      ? await startSimulated(folder)
      : await startReal(folder, components, auditReads);
  });
  beforeEach(async () => {
    if (server === undefined) return;
    const state = "/api/v1/namespaces/wheelhouse-system";
    await send("DELETE", `${state}/configmaps`);
    await send("DELETE", `${state}/secrets`);
    requestsBefore = (await server.requests()).length;
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  });
  afterAll(async () => {
    await server?.stop();
    if (folder !== "") await rm(folder, { recursive: true, force: true });
  });

  return {
    send,
    kubeconfig: () => running().kubeconfig,
    kubeconfigPath: () => join(folder, "admin.kubeconfig"),
    startEngine: async (options = {}) => {
      const { kubeconfig } = running();
      const engine = await startEngine({ ...options, kubeconfig });
      engines.push(engine);
      return engine;
    },
    get: async (path) => {
      const answer = await running().request({ method: "GET", path });
      if (answer.status === 404) return undefined;
      return answer.body as KubeObject;
    },
    writes: async () =>
      (await requests()).filter(({ verb }) => writingVerbs.has(verb)),
    requests,
  };
}

interface TestServer {
  readonly kubeconfig: string;
  readonly request: (
    request: ApiRequest,
  ) => Promise<{ readonly status: number; readonly body: unknown }>;
  readonly requests: () => Promise<readonly Write[]>;
  readonly stop: () => Promise<void>;
}

async function startReal(
  folder: string,
  components: ControlPlaneOptions["components"] = {},
  auditReads = false,
): Promise<TestServer | undefined> {
  if (tools === null) return undefined;
  const plane = await startControlPlane({
    tools,
    components,
    auditReadsOf: auditReads ? ["admin"] : [],
    directory: join(folder, "plane"),
  });
  await writeFile(join(folder, "admin.kubeconfig"), plane.kubeconfig());
  return {
    kubeconfig: plane.kubeconfig(),
    request: (request) => plane.request(request),
    requests: () => plane.readAudit(),
    stop: () => plane.stop(),
  };
}

async function startSimulated(folder: string): Promise<TestServer> {
  const cluster = await createSimCluster({
    name: "simulated",
    auditSize: 100_000,
  });
  await writeFile(join(folder, "admin.kubeconfig"), cluster.kubeconfig());
  const agent = new Agent({ ca: cluster.caCert, keepAlive: true });
  return {
    kubeconfig: cluster.kubeconfig(),
    request: (request) => sendTo(cluster.url, cluster.token(), agent, request),
    requests: async () =>
      cluster
        .audit()
        .map(({ verb, resource, namespace, name, code, dryRun, ...rest }) => ({
          verb,
          ...(rest.impersonator === undefined
            ? {}
            : { impersonatedUser: { username: rest.user } }),
          userAgent: rest.userAgent,
          requestURI: `${rest.path}${dryRun ? "?dryRun=All" : ""}`,
          objectRef: { resource, namespace, name },
          responseStatus: { code },
        })),
    stop: async () => {
      agent.destroy();
      await cluster.stop();
    },
  };
}

function sendTo(
  url: string,
  token: string,
  agent: Agent,
  { method, path, body, contentType }: ApiRequest,
): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}${path}`,
      {
        agent,
        method,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": contentType ?? "application/json",
        },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            body: JSON.parse(text) as unknown,
          }),
        );
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Waits until every bundle that an engine has is Ready. */
export async function whenReady(
  engine: TestEngine,
  ...bundles: readonly string[]
): Promise<void> {
  await vi.waitFor(() => {
    for (const name of bundles) {
      const report = engine.report(name);
      if (report?.ready !== true || report.applied !== report.digest) {
        throw new Error(`${name}: ${JSON.stringify(report)}`);
      }
    }
  }, within);
}

/** Waits until bundles are applied at the newest assignment, Ready or not. */
export async function whenApplied(
  engine: TestEngine,
  ...bundles: readonly string[]
): Promise<void> {
  await vi.waitFor(() => {
    for (const name of bundles) {
      const report = engine.report(name);
      if (report === undefined || report.applied !== report.digest) {
        throw new Error(`${name}: ${JSON.stringify(report)}`);
      }
    }
  }, within);
}

/** Waits until an engine has nothing to do for a moment. */
export async function whenQuiet(engine: TestEngine): Promise<void> {
  let calmSince = Date.now();
  await vi.waitFor(() => {
    if (!engine.isIdle()) calmSince = Date.now();
    if (Date.now() - calmSince < 300) throw new Error("still working");
  }, within);
}

/** Writes that changed something: neither dry runs nor refusals. */
export function changes(events: readonly Write[]): readonly string[] {
  return events
    .filter(
      ({ requestURI, responseStatus }) =>
        !requestURI.includes("dryRun") && (responseStatus?.code ?? 0) < 400,
    )
    .map(
      ({ verb, objectRef }) =>
        `${verb} ${objectRef?.resource} ${objectRef?.name}`,
    );
}
