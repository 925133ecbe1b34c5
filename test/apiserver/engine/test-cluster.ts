import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AuditEvent,
  type ControlPlane,
  type ControlPlaneOptions,
  startControlPlane,
} from "@wheelhouse/control-plane";
import { type Json, type KubeObject } from "@wheelhouse/kube-object";
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
  readonly plane: () => ControlPlane;
  /** The object at a path, or undefined where there is none. */
  readonly get: (path: string) => Promise<KubeObject | undefined>;
  readonly send: (
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: Json,
    contentType?: string,
  ) => Promise<KubeObject>;
  /** Writes by spokes that were answered since the test began. */
  readonly writes: () => Promise<readonly AuditEvent[]>;
}

/** The tools of the run; specs that need a cluster are skipped without them. */
export const tools = inject("tools");

/** How long something may take to come true. */
export const within = { timeout: 20_000, interval: 20 };

/** Brings one control plane for the specs of a file. */
export function useCluster(
  components: ControlPlaneOptions["components"] = {},
): TestCluster {
  let plane: ControlPlane | undefined;
  let folder = "";
  let auditStart = 0;
  const engines: TestEngine[] = [];
  const running = () => {
    if (plane === undefined) throw new Error("no control plane");
    return plane;
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

  beforeAll(async () => {
    if (tools === null) return;
    folder = await mkdtemp(join(tmpdir(), "wheelhouse-engine-"));
    plane = await startControlPlane({ tools, directory: folder, components });
  });
  beforeEach(async () => {
    if (plane === undefined) return;
    const state = "/api/v1/namespaces/wheelhouse-system";
    await send("DELETE", `${state}/configmaps`);
    await send("DELETE", `${state}/secrets`);
    auditStart = (await plane.readAudit()).length;
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  });
  afterAll(async () => {
    await plane?.stop();
    if (folder !== "") await rm(folder, { recursive: true, force: true });
  });

  return {
    send,
    plane: running,
    startEngine: async (options = {}) => {
      const kubeconfig = running().kubeconfig();
      const engine = await startEngine({ ...options, kubeconfig });
      engines.push(engine);
      return engine;
    },
    get: async (path) => {
      const answer = await running().request({ path });
      if (answer.status === 404) return undefined;
      return answer.body as KubeObject;
    },
    writes: async () =>
      (await running().readAudit())
        .slice(auditStart)
        .filter(({ userAgent }) => userAgent?.startsWith("wheelhouse-spoke")),
  };
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
export function changes(events: readonly AuditEvent[]): readonly string[] {
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
