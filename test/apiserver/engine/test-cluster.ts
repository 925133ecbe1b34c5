import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import {
  type AuditEvent,
  type ControlPlaneOptions,
  startControlPlane,
} from "@wheelhouse/control-plane";
import { type Json, type KubeObject } from "@wheelhouse/kube-object";
import {
  type AuditRecord,
  type SimCluster,
  createSimCluster,
} from "@wheelhouse/sim-cluster";
import { type TracedWrite, parseApiCall } from "@wheelhouse/testing";
import { afterAll, afterEach, beforeAll, beforeEach, inject, vi } from "vitest";
import {
  type TestEngine,
  type TestEngineOptions,
  startEngine,
} from "./test-engine.ts";

/** A cluster that the specs of one file share; what a spoke keeps in it is wiped before each test. */
export interface TestCluster {
  readonly startEngine: (
    options?: Partial<TestEngineOptions>,
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
  /** Every write by anybody since the test began, with bodies where `auditBodies` is on. */
  readonly trace: () => Promise<readonly TracedWrite[]>;
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
  | "requestObject"
  | "responseObject"
> &
  Partial<Pick<AuditEvent, "requestReceivedTimestamp" | "stageTimestamp">>;

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

/** What a cluster of tests keeps of its requests, and what it is. */
interface ClusterOptions {
  readonly auditReads?: boolean;
  /** Whether writes are kept with what was sent and answered. */
  readonly auditBodies?: boolean;
  /** Whatever the run is told. */
  readonly isSimulated?: boolean;
}

/** Brings one cluster for the specs of a file. */
export function useCluster(
  components: ControlPlaneOptions["components"] = {},
  options: ClusterOptions = {},
): TestCluster {
  let server: TestServer | undefined;
  let folder = "";
  let requestsBefore = 0;
  const isSimulatedHere = options.isSimulated ?? isSimulated;
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
    server = isSimulatedHere
      ? await startSimulated(folder, options)
      : await startReal(folder, components, options);
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
      const engine = await startEngine({ kubeconfig, ...options });
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
    trace: async () =>
      (await running().requests())
        .slice(requestsBefore)
        .flatMap((event, index) => tracedWrite(event, index)),
  };
}

const methods: Readonly<Record<string, string>> = {
  create: "POST",
  update: "PUT",
  patch: "PATCH",
  delete: "DELETE",
  deletecollection: "DELETE",
};

/** The write that a line of the audit log is about; a simulated server answers one after the other, so the place is its time. */
function tracedWrite(event: Write, index: number): readonly TracedWrite[] {
  const method = methods[event.verb];
  if (method === undefined) return [];
  const { requestReceivedTimestamp: received, stageTimestamp: ended } = event;
  return [
    {
      call: parseApiCall(method, event.requestURI),
      userAgent: event.userAgent ?? "",
      code: event.responseStatus?.code ?? 0,
      receivedAt: received === undefined ? index : microseconds(received),
      endedAt: ended === undefined ? index : microseconds(ended),
      sent: event.requestObject as Json | undefined,
      answered: event.responseObject as Json | undefined,
    },
  ];
}

/** `2026-01-01T00:00:00.123456Z` in microseconds since the epoch. */
function microseconds(time: string): number {
  const digits = /\.(\d+)Z$/.exec(time)?.[1] ?? "";
  const seconds = Date.parse(time.replace(/\.\d+Z$/, "Z")) * 1_000;
  return seconds + Number(digits.padEnd(6, "0").slice(0, 6));
}

function jsonOf(text: string): Json | undefined {
  return text === "" ? undefined : (JSON.parse(text) as Json);
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
  { auditReads = false, auditBodies = false }: ClusterOptions = {},
): Promise<TestServer | undefined> {
  if (tools === null) return undefined;
  const plane = await startControlPlane({
    tools,
    components,
    auditReadsOf: auditReads ? ["admin"] : [],
    auditBodies,
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

async function startSimulated(
  folder: string,
  { auditBodies = false }: ClusterOptions,
): Promise<TestServer> {
  const cluster = await createSimCluster({
    name: "simulated",
    auditSize: 100_000,
    auditBodies,
  });
  await writeFile(join(folder, "admin.kubeconfig"), cluster.kubeconfig());
  // A kept connection may be closed by the server while this process, which is both sides, is busy.
  const agent = new Agent({
    secureContext: createSecureContext({ ca: cluster.caCert }),
  });
  const followAudit = followRecords(cluster);
  return {
    kubeconfig: cluster.kubeconfig(),
    request: (request) => sendTo(cluster.url, cluster.token(), agent, request),
    requests: () => Promise.resolve(followAudit()),
    stop: async () => {
      agent.destroy();
      await cluster.stop();
    },
  };
}

/** Each record is translated once: a suite looks at all of them a thousand times. */
function followRecords(cluster: SimCluster): () => readonly Write[] {
  const told: Write[] = [];
  return () => {
    const records = cluster.audit();
    // A log that was cut would shift all places.
    if (records.length < told.length) throw new Error("the audit log was cut");
    for (const record of records.slice(told.length)) told.push(toldOf(record));
    return told;
  };
}

function toldOf(record: AuditRecord): Write {
  const { verb, resource, namespace, name, code, bodies } = record;
  return {
    verb,
    ...(record.impersonator === undefined
      ? {}
      : { impersonatedUser: { username: record.user } }),
    userAgent: record.userAgent,
    requestURI: record.path + (record.query === "" ? "" : `?${record.query}`),
    objectRef: { resource, namespace, name },
    responseStatus: { code },
    // Read only by whoever asks: parsing all of them each time is slow.
    get requestObject() {
      return jsonOf(bodies?.sent ?? "");
    },
    get responseObject() {
      return jsonOf(bodies?.answered ?? "");
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
