import { readFile, writeFile } from "node:fs/promises";
import { Agent } from "node:https";
import { join } from "node:path";
import { type ToolName } from "@wheelhouse/tools";
import {
  type ApiAccess,
  type ApiAnswer,
  type ApiRequest,
  sendApiRequest,
} from "./api-request.ts";
import { type AuditEvent, followAuditLog } from "./audit-log.ts";
import {
  apiServerArguments,
  controllerManagerArguments,
  type ControlPlanePorts,
  etcdArguments,
  kwokArguments,
  schedulerArguments,
} from "./component-arguments.ts";
import {
  type ControlPlaneFiles,
  type ControlPlaneUser,
  writeControlPlaneFiles,
} from "./control-plane-files.ts";
import { fakeNode } from "./fake-node.ts";
import { findFreePorts } from "./free-ports.ts";
import { formatKubeconfig } from "./kubeconfig.ts";
import { RunningComponents } from "./running-components.ts";

/** Paths of the programs; etcd and kube-apiserver always, the others as `components` asks. */
export type ControlPlaneTools = Readonly<
  { etcd: string; "kube-apiserver": string } & Partial<Record<ToolName, string>>
>;

/** How a control plane is to be. */
export interface ControlPlaneOptions {
  readonly tools: ControlPlaneTools;
  /** A folder of its own, made when absent; it stays after `stop`. */
  readonly directory: string;
  /** All off by default. kwok brings the fake node, and with it pods that run. */
  readonly components?: {
    readonly controllerManager?: boolean;
    readonly scheduler?: boolean;
    readonly kwok?: boolean;
  };
  /** Name in kubeconfigs, default `control-plane`. */
  readonly name?: string;
  /** Whether every write is logged, default true. */
  readonly auditLog?: boolean;
  /** Users whose reads are logged, too; default none. */
  readonly auditReadsOf?: readonly string[];
  /** Whether the log keeps what writes sent and were answered, Secrets included; default false. */
  readonly auditBodies?: boolean;
  /** Users with a token besides `admin`; what they may do is for RBAC objects to say. */
  readonly users?: readonly ControlPlaneUser[];
  /** Cancels the start only. */
  readonly signal?: AbortSignal;
}

/** A running control plane. */
export interface ControlPlane {
  readonly name: string;
  readonly url: string;
  /** PEM. */
  readonly caCert: string;
  /** A kubeconfig as YAML for `admin` (cluster-admin) or one of `users`. */
  readonly kubeconfig: (user?: string) => string;
  /** The admin's kubeconfig as a file. */
  readonly kubeconfigPath: string;
  /** The bearer token of `admin` or one of `users`. */
  readonly token: (user?: string) => string;
  readonly auditLogPath: string;
  /** Every logged request that has been answered so far, oldest first. */
  readonly readAudit: () => Promise<AuditEvent[]>;
  /** One request as admin, or as one of `users`. */
  readonly request: (request: ApiRequest, user?: string) => Promise<ApiAnswer>;
  /** Process ids by program name, of those that were not stopped. */
  readonly pids: () => Readonly<Record<string, number>>;
  /** Stops one program, or all; may be called again. */
  readonly stop: (name?: ToolName) => Promise<void>;
  /** Starts one stopped program again, at the same ports; resolves when the API server serves. */
  readonly startAgain: (name: ToolName) => Promise<void>;
}

const startAttempts = 3;

/** The certificate of the CA that the server made for itself: the last of its chain, once that is written. */
const readCaCert = async (
  files: ControlPlaneFiles,
): Promise<string | undefined> => {
  try {
    const pem = await readFile(
      join(files.certificates, "apiserver.crt"),
      "utf8",
    );
    return pem
      .match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g)
      ?.at(-1);
  } catch {
    return undefined; // not yet
  }
};

/** Ready, RBAC bootstrapped, and the namespaces that every cluster has are there. */
const isServing = async (access: ApiAccess): Promise<boolean> => {
  const paths = [
    "/readyz",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/cluster-admin",
    "/api/v1/namespaces/default",
    "/api/v1/namespaces/kube-system",
  ];
  try {
    for (const path of paths) {
      if ((await sendApiRequest(access, { path })).status !== 200) return false;
    }
    return true;
  } catch {
    return false; // not listening yet
  }
};

const startStoreAndServer = async (
  options: ControlPlaneOptions,
  files: ControlPlaneFiles,
  running: RunningComponents,
): Promise<ApiAccess> => {
  const [etcdClient = 0, etcdPeer = 0, apiServer = 0] = await findFreePorts(3);
  const ports: ControlPlanePorts = { etcdClient, etcdPeer, apiServer };
  await running.start("etcd", {
    file: options.tools.etcd,
    args: etcdArguments(files, ports),
  });
  await running.start("kube-apiserver", {
    file: options.tools["kube-apiserver"],
    args: apiServerArguments(files, ports, options.auditLog ?? true),
  });
  let caCert: string | undefined;
  const hasCaCert = async () => {
    caCert = await readCaCert(files);
    return caCert !== undefined;
  };
  await running.waitUntil("kube-apiserver", hasCaCert, options.signal);
  const access: ApiAccess = {
    url: `https://127.0.0.1:${apiServer}`,
    caCert: caCert ?? "",
    token: files.tokenOf.get("admin") ?? "",
    agent: new Agent({ keepAlive: true, maxSockets: 16 }),
  };
  await running.waitUntil(
    "kube-apiserver",
    () => isServing(access),
    options.signal,
  );
  return access;
};

const requireTool = (tools: ControlPlaneTools, name: ToolName): string => {
  const path = tools[name];
  if (path === undefined) throw new Error(`${name}: its path is not given`);
  return path;
};

const startControllers = async (
  options: ControlPlaneOptions,
  files: ControlPlaneFiles,
  running: RunningComponents,
): Promise<void> => {
  const { controllerManager, scheduler, kwok } = options.components ?? {};
  const wanted: [boolean | undefined, ToolName, string[]][] = [
    [
      controllerManager,
      "kube-controller-manager",
      controllerManagerArguments(files),
    ],
    [scheduler, "kube-scheduler", schedulerArguments(files)],
    [kwok, "kwok", kwokArguments(files)],
  ];
  for (const [isWanted, name, args] of wanted) {
    if (isWanted !== true) continue;
    const file = requireTool(options.tools, name);
    await running.start(name, { file, args });
  }
};

const createFakeNode = async (
  access: ApiAccess,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const { status, body } = await sendApiRequest(access, {
    method: "POST",
    path: "/api/v1/nodes",
    body: fakeNode(new Date()),
    signal,
  });
  if (status !== 201 && status !== 409) {
    throw new Error(`Node/fake-node: ${status} ${JSON.stringify(body)}`);
  }
};

const startAll = async (
  options: ControlPlaneOptions,
  files: ControlPlaneFiles,
  running: RunningComponents,
): Promise<ControlPlane> => {
  const access = await startStoreAndServer(options, files, running);
  const name = options.name ?? "control-plane";
  const tokenOf = (user = "admin") => {
    const token = files.tokenOf.get(user);
    if (token === undefined) throw new Error(`user ${user}: not known`);
    return token;
  };
  const kubeconfig = (user = "admin") =>
    formatKubeconfig({ ...access, name, user, token: tokenOf(user) });
  await writeFile(files.caCert, access.caCert);
  await writeFile(files.kubeconfig, kubeconfig(), { mode: 0o600 });
  if (options.components?.kwok === true) {
    await createFakeNode(access, options.signal);
  }
  await startControllers(options, files, running);
  return {
    name,
    url: access.url,
    caCert: access.caCert,
    kubeconfig,
    kubeconfigPath: files.kubeconfig,
    token: tokenOf,
    auditLogPath: files.auditLog,
    readAudit: followAuditLog(files.auditLog),
    request: (request, user) =>
      sendApiRequest({ ...access, token: tokenOf(user) }, request),
    pids: () => running.pids,
    stop: async (component) => {
      if (component !== undefined) return running.stop(component);
      access.agent.destroy();
      return running.stopAll();
    },
    startAgain: async (component) => {
      await running.startAgain(component);
      await running.waitUntil(component, () => isServing(access), undefined);
    },
  };
};

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && error.message.includes("address already in use");

/**
 * Starts etcd and kube-apiserver on free loopback ports, and the components asked for; resolves when the server is
 * ready, RBAC is bootstrapped and the default namespaces exist. The programs die with this process, however it ends.
 *
 * Throws when a program ends or nothing is ready within 90 s, with the end of its log; then nothing is left running.
 */
export const startControlPlane = async (
  options: ControlPlaneOptions,
): Promise<ControlPlane> => {
  const files = await writeControlPlaneFiles(
    options.directory,
    options.users ?? [],
    {
      readsOf: options.auditReadsOf ?? [],
      bodies: options.auditBodies ?? false,
    },
  );
  for (let attempt = 1; ; attempt += 1) {
    const running = new RunningComponents(files);
    try {
      return await startAll(options, files, running);
    } catch (error) {
      await running.stopAll();
      if (attempt === startAttempts || !isPortTaken(error)) throw error;
    }
  }
};
