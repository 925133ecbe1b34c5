import { systemClock } from "@wheelhouse/system-clock";
import {
  type Artifact,
  type AssignedBundle,
  type BundleSpec,
  type Envelope,
  type Template,
  bundleDigest,
  createEnvelope,
  digestOf,
  encodeEnvelope,
  encodeObjects,
  encodeTemplate,
} from "@wheelhouse/assignment";
import { type Clock } from "@wheelhouse/clock";
import { type ApplyPort, type FailpointName } from "@wheelhouse/kube-apply";
import { type KubeClient, createKubeClient } from "@wheelhouse/kube-client";
import { type KubeObject, type ObjectId } from "@wheelhouse/kube-object";
import { type WatchPort, createOwnedObjects } from "@wheelhouse/kube-watch";
import { ClusterLateValues } from "@wheelhouse/late-values";
import { type BundleReport } from "@wheelhouse/protocol";
import {
  type AcknowledgedAssignment,
  type ClusterEvent,
  ClusterEvents,
  type ReconcilerFacts,
  openReconciler,
} from "@wheelhouse/reconcile";
import { exampleBundleSpec } from "@wheelhouse/testing";

/** A bundle in a test: what differs from the plainest one, and its objects. */
export interface TestBundle extends Partial<Omit<BundleSpec, "artifact">> {
  readonly name: string;
  /** Null for one that could not be built. */
  readonly objects: readonly KubeObject[] | null;
  /** In the place of objects: what only the cluster can finish. */
  readonly template?: Template;
}

/** An assignment in a test. */
export interface TestAssignment {
  readonly seq: number;
  readonly epoch?: number;
  readonly allowDelete?: readonly ObjectId[];
  readonly released?: readonly string[];
  readonly delegationNotAfterMs?: number;
}

/** A spoke's engine without a hub: assignments are handed to it. */
export interface TestEngine {
  readonly assign: (
    bundles: readonly TestBundle[],
    assignment: TestAssignment,
  ) => Promise<Envelope>;
  /** Takes up what is acknowledged in the cluster, as a spoke does at its start. */
  readonly resume: () => Promise<void>;
  /** Lets go of an assignment before this one, as a spoke does that has joined anew. */
  readonly letGoBefore: (seq: number) => Promise<void>;
  readonly reconcileNow: (bundle: string) => void;
  readonly facts: () => ReconcilerFacts;
  readonly report: (bundle: string) => BundleReport | undefined;
  readonly events: readonly ClusterEvent[];
  readonly log: readonly string[];
  readonly changes: () => number;
  readonly isIdle: () => boolean;
  readonly stop: () => Promise<void>;
  /** Whether the failpoint was passed: nothing of this engine reaches the cluster any more. */
  readonly isDead: () => boolean;
  /** Ends it as a killed process ends: from now on nothing of it reaches the cluster. */
  readonly kill: () => void;
}

export interface TestEngineOptions {
  readonly kubeconfig: string;
  readonly fleet?: string;
  readonly confirmPruneAfterMs?: number;
  /** Where this engine dies, as a killed process would, at the so-manieth passing. */
  readonly dieAt?: { readonly name: FailpointName; readonly passing: number };
  readonly clock?: Clock;
  /** What stands between the engine and its cluster, for requests that shall fail. */
  readonly between?: (port: ApplyPort) => ApplyPort;
  /** Whether a hub names the newest assignment; always by default. */
  readonly isFresh?: () => boolean;
  /** Its watches tell nothing, as behind a connection that swallows what comes. */
  readonly isBlind?: boolean;
  /** Its events are written to the cluster, too, as a spoke's are. */
  readonly tellsCluster?: boolean;
  readonly userAgent?: string;
  /** Milliseconds until a request is given up; as in production by default. */
  readonly timeoutMs?: number;
}

const lock = digestOf("no external sources");

/** Starts an engine on one cluster. */
export async function startEngine(
  options: TestEngineOptions,
): Promise<TestEngine> {
  const fleet = options.fleet ?? "demo";
  const between = options.between ?? ((port: ApplyPort) => port);
  const clock = options.clock ?? systemClock;
  const client: KubeClient = createKubeClient({
    kubeconfig: { kind: "text", text: options.kubeconfig },
    userAgent: options.userAgent ?? "wheelhouse-spoke/test",
    ...(options.timeoutMs === undefined
      ? {}
      : { timeoutMs: options.timeoutMs }),
  });
  const port = options.isBlind === true ? blind(client.watch) : client.watch;
  const view = createOwnedObjects({ port, fleet, clock });
  const events: ClusterEvent[] = [];
  const log: string[] = [];
  const told = new ClusterEvents({
    port: between(client.apply),
    clock,
    log: (level, message) => log.push(`${level} ${message}`),
  });
  let changes = 0;
  let passings = 0;
  let isDead = false;
  let isOver = false;
  const applyPort = dieable(between(client.apply), () => isDead);
  const opened = await openReconciler({
    port: applyPort,
    discovery: client.discovery,
    view,
    clock,
    lateValues: new ClusterLateValues({
      port: applyPort,
      clock,
      pollEveryMs: 250,
    }),
    random: () => 0.5,
    failpoint: (name) => {
      if (name !== options.dieAt?.name) return;
      passings += 1;
      if (passings < options.dieAt.passing) return;
      isDead = true;
      throw new Error(`died at ${name}`);
    },
    log: (level, message, fields) =>
      log.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
    emit: (event) => {
      events.push(event);
      if (options.tellsCluster === true) told.emit(event);
    },
    reportChanged: () => (changes += 1),
    superseded: () =>
      void resume().catch((error: unknown) => {
        // Its connections are cut while it is under way.
        if (!isOver) throw error;
      }),
    isFresh: options.isFresh ?? (() => true),
    confirmPruneAfterMs: options.confirmPruneAfterMs ?? 0,
  }).catch((error: unknown) => {
    client.close();
    throw error;
  });
  const { reconciler, artifacts, assignments } = opened;

  async function resume(): Promise<void> {
    const stored = await assignments.load();
    if (stored === null) return;
    await artifacts.refresh();
    const envelope = JSON.parse(
      Buffer.from(stored.signed.bytes).toString("utf8"),
    ) as Envelope;
    await reconciler.assign({
      ...stored,
      envelope,
      delegationNotAfterMs: Number.POSITIVE_INFINITY,
    });
  }

  return {
    resume,
    events,
    log,
    changes: () => changes,
    facts: () => reconciler.facts(),
    report: (name) =>
      reconciler.facts().bundles.find(({ bundle }) => bundle === name),
    reconcileNow: (bundle) => reconciler.reconcileNow(bundle),
    isIdle: () => reconciler.isIdle,
    isDead: () => isDead,
    kill: () => {
      isDead = true;
    },
    letGoBefore: async (seq) => {
      const mark = await assignments.loadMark();
      if (mark !== null && mark.seq < seq) await assignments.reset();
    },
    assign: async (bundles, assignment) => {
      const built = bundles.map(buildBundle);
      const envelope = envelopeOf(fleet, built, assignment);
      const wanted = built.flatMap(({ artifact }) => artifact ?? []);
      await artifacts.put(
        wanted.map(({ reference, bytes }) => ({
          digest: reference.digest,
          bytes,
        })),
      );
      const acknowledged = acknowledgedOf(envelope, assignment);
      const { signed, mark } = acknowledged;
      await assignments.acknowledge(signed, mark);
      await reconciler.assign(acknowledged);
      return envelope;
    },
    stop: async () => {
      isOver = true;
      // What a dead engine waits for never comes.
      if (!isDead) await reconciler.stop();
      await view.stop();
      client.close();
    },
  };
}

/** A port over which nothing goes once the engine is dead: no answer, and no write. */
function dieable(port: ApplyPort, isDead: () => boolean): ApplyPort {
  const never = () => new Promise<never>(() => undefined);
  return through(port, (send) => (isDead() ? never() : send()));
}

/** Lists, and watches without a word. */
function blind(port: WatchPort): WatchPort {
  return {
    list: (...args) => port.list(...args),
    async *watch(_kind, { signal }) {
      await new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => resolve(), { once: true }),
      );
      yield* [];
    },
  };
}

/** The same port as a plain object, to be spread. */
export function passing(port: ApplyPort): ApplyPort {
  return through(port, (send) => send());
}

function through(
  port: ApplyPort,
  pass: <T>(send: () => Promise<T>) => Promise<T>,
): ApplyPort {
  return {
    apply: (...args) => pass(() => port.apply(...args)),
    get: (...args) => pass(() => port.get(...args)),
    delete: (...args) => pass(() => port.delete(...args)),
    create: (...args) => pass(() => port.create(...args)),
    update: (...args) => pass(() => port.update(...args)),
    list: (...args) => pass(() => port.list(...args)),
    mergePatch: (...args) => pass(() => port.mergePatch(...args)),
  };
}

function envelopeOf(
  fleet: string,
  built: readonly { readonly assigned: AssignedBundle }[],
  { seq, epoch = 1, allowDelete = [], released = [] }: TestAssignment,
): Envelope {
  return createEnvelope({
    fleet,
    cluster: "prod-eu-1",
    audience: "uid-of-prod-eu-1",
    epoch,
    seq,
    revision: { commit: "4".repeat(40), lock },
    issuedAt: "2026-01-01T00:00:00Z",
    bundles: built.map(({ assigned }) => assigned),
    allowDelete,
    released,
  });
}

function acknowledgedOf(
  envelope: Envelope,
  { delegationNotAfterMs = Number.POSITIVE_INFINITY }: TestAssignment,
): AcknowledgedAssignment {
  const { epoch, seq, root } = envelope;
  return {
    envelope,
    delegationNotAfterMs,
    mark: { epoch, seq, root },
    signed: {
      bytes: encodeEnvelope(envelope),
      signature: Buffer.from("unsigned"),
      delegation: Buffer.from("undelegated"),
    },
  };
}

function buildBundle({ objects, template, ...rest }: TestBundle): {
  readonly assigned: AssignedBundle;
  readonly artifact: Artifact | undefined;
} {
  const plain = objects === null ? undefined : encodeObjects(objects);
  const artifact = template === undefined ? plain : encodeTemplate(template);
  const spec = exampleBundleSpec({
    artifact: artifact?.reference ?? null,
    retryIntervalMs: 2_000,
    ...rest,
  });
  const revision = { commit: "4".repeat(40), lock };
  return { artifact, assigned: { spec, digest: bundleDigest(spec), revision } };
}
