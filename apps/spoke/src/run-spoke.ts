import { randomUUID } from "node:crypto";
import { systemClock } from "@wheelhouse/system-clock";
import { createHubSession } from "@wheelhouse/hub-session";
import {
  type ApplyPort,
  KubeError,
  sleep,
  uidOf,
} from "@wheelhouse/kube-apply";
import { type KubeClient, createKubeClient } from "@wheelhouse/kube-client";
import { errorText } from "@wheelhouse/kube-object";
import { createOwnedObjects } from "@wheelhouse/kube-watch";
import { ClusterLateValues } from "@wheelhouse/late-values";
import { type ClusterCapabilities } from "@wheelhouse/protocol";
import {
  ClusterEvents,
  type Log,
  type OpenedReconciler,
  ensureSpokeNamespace,
  openReconciler,
} from "@wheelhouse/reconcile";
import { AssignmentTaker } from "./assignment-taker.ts";
import { ensureIdentity } from "./join-cluster.ts";
import { createSessionPorts } from "./session-ports.ts";
import { type MemoryRelease } from "./memory-release.ts";
import { type RunSettings } from "./settings.ts";
import { type SpokeFailpoint } from "./spoke-failpoints.ts";
import { type SecretIdentity } from "./spoke-identity.ts";
import { spokeVersion } from "./version.ts";

/** What a spoke's run came to: `stopped` by its signal, or why it cannot run. */
export type RunEnd =
  | { readonly kind: "stopped" }
  | { readonly kind: "refused"; readonly problem: string };

/** Capabilities are learnt anew so often: a CRD that came makes a new one. */
const capabilitiesEveryMs = 600_000;

/** The API server is waited for so long between tries. */
const serverRetryMs = 2_000;

/** Runs a spoke until the signal: joins if it must, keeps the cluster at its acknowledged assignment, and talks to the hub when that is there. */
export async function runSpoke(
  settings: RunSettings,
  {
    log,
    signal,
    memory,
  }: {
    readonly log: Log;
    readonly signal: AbortSignal;
    readonly memory: MemoryRelease;
  },
): Promise<RunEnd> {
  const client = createKubeClient({
    kubeconfig: settings.kubeconfig,
    userAgent: `wheelhouse-spoke/${spokeVersion}`,
  });
  // Timers of the engine keep no process alive; a spoke that waits must not end.
  const alive = setInterval(() => undefined, 60_000);
  try {
    const kubeSystemUid = await whenServed(log, signal, () =>
      readKubeSystemUid(client.apply),
    );
    if (kubeSystemUid === undefined) return { kind: "stopped" };
    const found = await whenServed(log, signal, () =>
      openIdentity({ settings, log, signal, memory, client, kubeSystemUid }),
    );
    if (found === undefined) return { kind: "stopped" };
    if (!found.ok) return { kind: "refused", problem: found.problem };
    const { identity } = found;
    const running = { settings, log, signal, memory, client, kubeSystemUid };
    await runJoined({ ...running, identity });
    return { kind: "stopped" };
  } finally {
    clearInterval(alive);
    client.close();
  }
}

async function openIdentity(
  parts: Omit<Running, "identity">,
): ReturnType<typeof ensureIdentity> {
  const { client, settings, log, signal, kubeSystemUid } = parts;
  await ensureSpokeNamespace(client.apply);
  return ensureIdentity({
    place: { port: client.apply, failpoint: failpointOf(settings) },
    settings,
    kubeSystemUid,
    server: client.server,
    log,
    signal,
  });
}

interface Running {
  readonly settings: RunSettings;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly memory: MemoryRelease;
  readonly client: KubeClient;
  readonly kubeSystemUid: string;
  readonly identity: SecretIdentity;
}

async function runJoined(parts: Running): Promise<void> {
  const { settings, log, signal, memory, client, identity } = parts;
  const { fleet, uid, pin, cluster } = identity.facts;
  const view = createOwnedObjects({
    port: client.watch,
    fleet,
    log: (message) => log("warn", "watch", { reason: message }),
  });
  let reportChanged = () => {};
  let resume = () => {};
  // What nobody was asked for yet is not overdue.
  let isFresh = () => true;
  const opened = await whenServed(log, signal, () =>
    openReconciler({
      view,
      log,
      port: client.apply,
      discovery: client.discovery,
      clock: systemClock,
      lateValues: new ClusterLateValues({
        port: client.apply,
        clock: systemClock,
      }),
      random: Math.random,
      failpoint: failpointOf(settings),
      emit: eventsOf(client, log),
      reportChanged: () => {
        memory.touch();
        reportChanged();
      },
      superseded: () => resume(),
      isFresh: () => isFresh(),
      confirmPruneAfterMs: settings.confirmPruneAfterMs,
    }),
  );
  if (opened === undefined) return;
  const taker = new AssignmentTaker({ ...opened, pin, uid, log, signal });
  resume = () => {
    // Nobody waits for it: what it throws must not end the spoke.
    resumeWhenServed(taker, log, signal).catch((error: unknown) =>
      log("error", "newer assignment not taken up", {
        reason: errorText(error),
      }),
    );
  };
  await resumeWhenServed(taker, log, signal);
  log("info", "spoke started", { fleet, cluster, uid, version: spokeVersion });
  try {
    const session = await openSession(parts, opened, taker);
    if (session === undefined) return;
    reportChanged = () => session.reportChanged();
    isFresh = () => !session.status().isUnfresh;
    const end = await session.run(signal);
    if (end.kind === "refused") {
      const reason = end.failure.reason ?? end.failure.code;
      log("error", "the hub will not have this cluster; it is kept as it is", {
        reason,
      });
      await untilAborted(signal);
    }
  } finally {
    await opened.reconciler.stop();
    await view.stop();
  }
}

async function openSession(
  { settings, log, signal, client, kubeSystemUid, identity }: Running,
  opened: OpenedReconciler,
  taker: AssignmentTaker,
) {
  const capabilities = await keepCapabilities(client, log, signal);
  if (capabilities === undefined) return undefined;
  const { fleet, cluster, uid, pin, hubAddress } = identity.facts;
  return createHubSession({
    fleet,
    cluster,
    uid,
    kubeSystemUid,
    spokeVersion,
    hubAddress: settings.hubAddress ?? hubAddress,
    rootCertificate: pin.certificate,
    instance: randomUUID(),
    ports: createSessionPorts({ ...opened, identity, taker, capabilities }),
    log: ({ level, message, reason }) =>
      log(level, message, reason === undefined ? {} : { reason }),
  });
}

/** Reads the capabilities now and from time to time; a read that fails leaves what was known. */
async function keepCapabilities(
  { discovery }: KubeClient,
  log: Log,
  signal: AbortSignal,
): Promise<(() => ClusterCapabilities) | undefined> {
  let known = await whenServed(log, signal, () => discovery.capabilities());
  if (known === undefined) return undefined;
  const renew = async () => {
    while (!signal.aborted) {
      await sleep(systemClock, capabilitiesEveryMs, signal);
      if (signal.aborted) return;
      discovery.refresh();
      known = await discovery.capabilities().catch(() => known);
    }
  };
  void renew();
  const first = known;
  return () => known ?? first;
}

async function resumeWhenServed(
  taker: AssignmentTaker,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  await whenServed(log, signal, () => taker.resume());
}

/** Tries until the API server answers; undefined once the signal came first: a server that is silent then is not waited for. Refusals that time does not mend are thrown. */
async function whenServed<T>(
  log: Log,
  signal: AbortSignal,
  task: () => Promise<T>,
): Promise<T | undefined> {
  let stop = () => {};
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
  });
  signal.addEventListener("abort", stop, { once: true });
  try {
    while (!signal.aborted) {
      try {
        return await Promise.race([task(), stopped]);
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        log("warn", "cluster not usable yet", { reason: error.message });
        await sleep(systemClock, serverRetryMs, signal);
      }
    }
    return undefined;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function readKubeSystemUid(port: ApplyPort): Promise<string> {
  const kind = { group: "", version: "v1", kind: "Namespace" };
  const live = await port.get(kind, { namespace: "", name: "kube-system" });
  const uid = live && uidOf(live);
  if (uid !== undefined) return uid;
  throw new KubeError("notFound", "Namespace/kube-system: is not there");
}

function eventsOf({ apply }: KubeClient, log: Log) {
  const events = new ClusterEvents({ port: apply, clock: systemClock, log });
  return (event: Parameters<ClusterEvents["emit"]>[0]) => events.emit(event);
}

/** A failpoint ends the process as a crash would: at once, with nothing cleaned up. */
function failpointOf({ failpoint }: RunSettings): SpokeFailpoint {
  if (failpoint === undefined) return () => undefined;
  return (name) => {
    if (name === failpoint) process.kill(process.pid, "SIGKILL");
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
