import {
  type Artifact,
  type BundleSpec,
  type HealthCheck,
  bundleDigest,
  createEnvelope,
  digestOf,
  encodeEnvelope,
  encodeObjects,
  encodeTemplate,
} from "@wheelhouse/assignment";
import { type BundleRecord, KubeError } from "@wheelhouse/kube-apply";
import { type KubeObject } from "@wheelhouse/kube-object";
import { ManualClock, exampleBundleSpec } from "@wheelhouse/testing";
import { expect } from "vitest";
import { ClusterReconciler } from "./cluster-reconciler.ts";
import {
  type AcknowledgedAssignment,
  type ReconcilerOptions,
} from "./reconciler-options.ts";

/** How long something may take to come true. */
export const within = { timeout: 30_000 };

// Bundles without objects: all that happens to one is that it is recorded and judged.
const nothing = encodeObjects([]);
/** An artifact that only the cluster finishes, to no objects. */
export const template = encodeTemplate({
  ...{ documents: [], sources: [], always: false },
  commonMetadata: { labels: {}, annotations: {} },
});
const artifacts = new Map(
  [nothing, template].map(({ reference, bytes }) => [reference.digest, bytes]),
);

/** The name of a bundle. */
export const nameOf = (short: string) => `Kustomization/flux-system/${short}`;
/** A health check on a flag. */
export const flag = (name: string): HealthCheck => ({
  ...{ apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name },
});
/** A health check on a bundle. */
export const bundleCheck = (name: string): HealthCheck => ({
  ...{ apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" },
  ...{ namespace: "flux-system", name },
});

/** What differs from the plainest bundle. */
export interface Wish {
  readonly after?: readonly string[];
  readonly checks?: readonly HealthCheck[];
  readonly artifact?: Artifact;
  readonly namespaces?: readonly string[];
}

/** A bundle of a commit: another commit gives it another digest. */
export const bundle = (
  short: string,
  commit: number,
  {
    after = [],
    checks = [],
    artifact = nothing,
    namespaces: createNamespaces = [],
  }: Wish = {},
): BundleSpec =>
  exampleBundleSpec({
    ...{ name: nameOf(short), artifact: artifact.reference, wait: false },
    ...{ dependsOn: after.map((other) => ({ bundle: nameOf(other) })) },
    ...{ healthChecks: checks, intervalMs: 600_000 + commit, createNamespaces },
  });

/** An assignment of these bundles. */
export function assignmentOf(
  seq: number,
  specs: readonly BundleSpec[],
): AcknowledgedAssignment {
  const revision = { commit: "4".repeat(40), lock: digestOf("no sources") };
  const envelope = createEnvelope({
    ...{ fleet: "demo", cluster: "prod-eu-1", audience: "uid-of-prod-eu-1" },
    ...{ epoch: 1, seq, issuedAt: "2026-01-01T00:00:00Z", revision },
    bundles: specs.map((spec) => ({
      ...{ spec, revision, digest: bundleDigest(spec) },
    })),
    allowDelete: [],
  });
  return {
    ...{ envelope, delegationNotAfterMs: Number.POSITIVE_INFINITY },
    mark: { epoch: 1, seq, root: envelope.root },
    signed: {
      bytes: encodeEnvelope(envelope),
      signature: Buffer.from("unsigned"),
      delegation: Buffer.from("undelegated"),
    },
  };
}

type Change = (current: BundleRecord | undefined) => BundleRecord | undefined;

/** A cluster of flags, whose reads and records are answered when the test lets them be. */
export class Flags {
  /** The flags that are there. */
  readonly green = new Set<string>();
  /** The flags whose reads wait. */
  readonly slow = new Set<string>();
  readonly asked = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  readonly #durable = new Map<string, BundleRecord>();
  #batch: { resolve: () => void; changes: ReadonlyMap<string, Change> }[] = [];
  isGathering = false;
  refusesNamespaces = false;
  hasLateValues = true;
  lateValue = "f1";

  start(): ClusterReconciler {
    const { records, lateValues } = this;
    return new ClusterReconciler({
      ...{ clock: new ManualClock(0), random: () => 0.5, records, lateValues },
      view: {
        ...{ onChange: () => () => undefined, setKinds: () => undefined },
        ...{ whenSynced: async () => undefined, isSynced: () => false },
      },
      inventory: {
        ...{ entries: () => [], get: () => undefined },
        gatherWhile: () => undefined,
      },
      port: {
        get: ({ kind }: { kind: string }, { name }: { name: string }) =>
          kind === "Namespace" ? this.#namespace() : this.#flag(name),
      },
      artifacts: {
        getMany: async () => artifacts,
        get: async (digest: BundleRecord["applied"] & string) =>
          artifacts.get(digest),
      },
      assignments: { loadMark: async () => ({ epoch: 1, seq: 0, root: "" }) },
      ...{ log: () => undefined, emit: () => undefined, isFresh: () => true },
      ...{ reportChanged: () => undefined, failpoint: () => undefined },
    } as unknown as ReconcilerOptions);
  }

  readonly records = {
    entries: () => this.#durable.entries(),
    get: (name: string) => this.#durable.get(name),
    gatherWhile: () => undefined,
    update: (changes: ReadonlyMap<string, Change>): Promise<void> => {
      if (!this.isGathering) {
        this.#write(changes);
        return Promise.resolve();
      }
      return new Promise((resolve) => this.#batch.push({ changes, resolve }));
    },
  };

  readonly lateValues = {
    ...{ observe: () => undefined, stop: () => undefined },
    finish: async () => ({
      ...{ ok: this.hasLateValues, objects: [], macNotVerifiable: false },
      ...{ fingerprint: this.lateValue, scrub: (text: string) => text },
      ...{ hasValues: () => false, digestOf: () => digestOf("") },
      ...{ reason: "LateValueMissing", message: "missing", isFinal: false },
    }),
  };

  /** How many changes of records are gathered. */
  get gathered(): number {
    return this.#batch.length;
  }

  /** Writes what is gathered at once, and says so to whoever stands in the given order. */
  writeBatch(order: readonly string[]): readonly (() => void)[] {
    const batch = this.#batch;
    this.#batch = [];
    for (const { changes } of batch) this.#write(changes);
    return order.flatMap((short) =>
      batch
        .filter(({ changes }) => changes.has(nameOf(short)))
        .map(({ resolve }) => resolve),
    );
  }

  /** Answers every read that waits, by what is there now. */
  answer(): void {
    this.slow.clear();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  isApplied(spec: BundleSpec): boolean {
    return this.#durable.get(spec.name)?.applied === bundleDigest(spec);
  }

  #write(changes: ReadonlyMap<string, Change>): void {
    for (const [name, change] of changes) {
      const record = change(this.#durable.get(name));
      if (record !== undefined) this.#durable.set(name, record);
    }
  }

  async #flag(name: string): Promise<KubeObject | undefined> {
    this.asked.add(name);
    if (this.slow.has(name)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const metadata = { namespace: "shop", name };
    return this.green.has(name)
      ? { apiVersion: "v1", kind: "ConfigMap", metadata }
      : undefined;
  }

  async #namespace(): Promise<KubeObject> {
    if (this.refusesNamespaces) throw new KubeError("forbidden", "no");
    return { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
  }
}

/** Waits until no pass runs. */
export const idle = (reconciler: ClusterReconciler) =>
  expect.poll(() => reconciler.isIdle, within).toBe(true);
/** Waits until bundles are recorded as applied at their digests. */
export const applied = (flags: Flags, ...specs: readonly BundleSpec[]) =>
  expect
    .poll(() => specs.every((spec) => flags.isApplied(spec)), within)
    .toBe(true);
