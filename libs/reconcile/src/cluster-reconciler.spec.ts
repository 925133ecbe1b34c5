import {
  type BundleSpec,
  type Digest,
  bundleDigest,
  createEnvelope,
  digestOf,
  encodeEnvelope,
  encodeObjects,
} from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { ManualClock, exampleBundleSpec } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import { ClusterReconciler } from "./cluster-reconciler.ts";
import {
  type AcknowledgedAssignment,
  type ReconcilerOptions,
} from "./reconciler-options.ts";

/** An assignment, by default without bundles. */
function assignmentOf(
  seq: number,
  specs: readonly BundleSpec[] = [],
): AcknowledgedAssignment {
  const revision = { commit: "4".repeat(40), lock: digestOf("no sources") };
  const bundles = specs.map((spec) => ({
    ...{ spec, revision, digest: bundleDigest(spec) },
  }));
  const envelope = createEnvelope({
    ...{ fleet: "demo", cluster: "prod-eu-1", audience: "uid-of-prod-eu-1" },
    ...{ epoch: 1, seq, issuedAt: "2026-01-01T00:00:00Z" },
    ...{ revision, bundles, allowDelete: [] },
  });
  const { epoch, root } = envelope;
  return {
    envelope,
    delegationNotAfterMs: Number.POSITIVE_INFINITY,
    mark: { epoch, seq, root },
    signed: {
      bytes: encodeEnvelope(envelope),
      signature: Buffer.from("unsigned"),
      delegation: Buffer.from("undelegated"),
    },
  };
}

/** What is recorded of a cluster that has nothing yet. */
const noRecords = {
  entries: () => [],
  get: () => undefined,
  gatherWhile: () => undefined,
  update: async () => undefined,
};

/** A reconciler whose artifacts are read only once the test lets them be; reads are numbered in the order in which they were asked for. */
function slowReconciler() {
  const reads: (() => void)[] = [];
  const reconciler = new ClusterReconciler({
    clock: new ManualClock(0),
    view: {
      onChange: () => () => undefined,
      setKinds: () => undefined,
      whenSynced: async () => undefined,
    },
    inventory: noRecords,
    records: noRecords,
    artifacts: {
      getMany: () =>
        new Promise<ReadonlyMap<Digest, Uint8Array>>((resolve) =>
          reads.push(() => resolve(new Map())),
        ),
    },
    log: () => undefined,
    reportChanged: () => undefined,
  } as unknown as ReconcilerOptions);
  return { reconciler, reads };
}

describe("two assignments at once", () => {
  it("never goes back to the older one, whose artifacts came later", async () => {
    const { reconciler, reads } = slowReconciler();
    const older = reconciler.assign(assignmentOf(1));
    const newer = reconciler.assign(assignmentOf(2));
    reads[1]?.();
    await newer;
    expect(reconciler.facts().assignment).toMatchObject({ seq: 2 });
    reads[0]?.();
    await older;
    expect(reconciler.facts().assignment).toMatchObject({ seq: 2 });
  });

  it("reads anew for the newer one what it lacks beside the older", async () => {
    const { reconciler, reads } = slowReconciler();
    const older = reconciler.assign(assignmentOf(1));
    const newer = reconciler.assign(assignmentOf(2));
    reads[0]?.();
    await older;
    expect(reconciler.facts().assignment).toMatchObject({ seq: 1 });
    reads[1]?.();
    await expect.poll(() => reads.length, { timeout: 30_000 }).toBe(3);
    reads[2]?.();
    await newer;
    expect(reconciler.facts().assignment).toMatchObject({ seq: 2 });
  });

  it("does not take an older one once a newer is in force", async () => {
    const { reconciler, reads } = slowReconciler();
    const newer = reconciler.assign(assignmentOf(2));
    reads[0]?.();
    await newer;
    await reconciler.assign(assignmentOf(1));
    expect(reads).toHaveLength(1);
    expect(reconciler.facts().assignment).toMatchObject({ seq: 2 });
  });
});

/** A bundle that is only looked at: by the one object that its health check names. */
const watched = (intervalMs: number) =>
  exampleBundleSpec({
    ...{ suspend: true, artifact: null, intervalMs },
    healthChecks: [
      {
        ...{ apiVersion: "v1", kind: "ConfigMap" },
        ...{ namespace: "shop", name: "flag" },
      },
    ],
  });
const found: KubeObject = {
  ...{ apiVersion: "v1", kind: "ConfigMap" },
  metadata: { namespace: "shop", name: "flag" },
};

/** A reconciler whose live reads are answered only once the test does. */
function slowReader() {
  const reads: (() => void)[] = [];
  const reconciler = new ClusterReconciler({
    ...{ clock: new ManualClock(0), random: () => 0.5 },
    view: {
      onChange: () => () => undefined,
      setKinds: () => undefined,
      whenSynced: async () => undefined,
      isSynced: () => false,
    },
    port: {
      get: () =>
        new Promise<KubeObject>((resolve) => reads.push(() => resolve(found))),
    },
    ...{ inventory: noRecords, records: noRecords },
    artifacts: { getMany: async () => new Map<Digest, Uint8Array>() },
    ...{ log: () => undefined, reportChanged: () => undefined },
  } as unknown as ReconcilerOptions);
  const reading = (count: number) =>
    expect.poll(() => reads.length, { timeout: 30_000 }).toBe(count);
  return { reconciler, reads, reading };
}

describe("artifacts that were lost in the cluster", () => {
  const object = { ...found, data: { on: "yes" } };
  const artifact = encodeObjects([object]);
  const lost = exampleBundleSpec({
    suspend: true,
    artifact: artifact.reference,
  });

  /** A reconciler of a cluster whose artifacts the test lets be there; their reads are answered only once it does. */
  function losingReconciler() {
    const there = new Map<Digest, Uint8Array>();
    const reads: (() => void)[] = [];
    const reconciler = new ClusterReconciler({
      ...{ clock: new ManualClock(0), random: () => 0.5 },
      view: {
        onChange: () => () => undefined,
        setKinds: () => undefined,
        whenSynced: async () => undefined,
        isSynced: () => false,
      },
      port: { get: async () => object },
      ...{ inventory: noRecords, records: noRecords },
      artifacts: {
        getMany: (digests: readonly Digest[]) =>
          new Promise<ReadonlyMap<Digest, Uint8Array>>((resolve) => {
            const have = digests.filter((digest) => there.has(digest));
            const bytes = have.map(
              (one) => [one, there.get(one) ?? Buffer.of()] as const,
            );
            reads.push(() => resolve(new Map(bytes)));
          }),
      },
      ...{ log: () => undefined, reportChanged: () => undefined },
    } as unknown as ReconcilerOptions);
    const totals = () =>
      reconciler.facts().bundles.map(({ objects }) => objects.total);
    return { there, reads, reconciler, totals };
  }

  it("are read anew once they are there, and their bundles looked at", async () => {
    const { there, reads, reconciler, totals } = losingReconciler();
    const assigned = reconciler.assign(assignmentOf(1, [lost]));
    reads[0]?.();
    await assigned;
    await expect.poll(totals, { timeout: 30_000 }).toEqual([0]);
    there.set(artifact.reference.digest, artifact.bytes);
    const read = reconciler.readArtifactsAnew();
    reads[1]?.();
    await read;
    await expect.poll(totals, { timeout: 30_000 }).toEqual([1]);
    // Nothing is lacking any more.
    await reconciler.readArtifactsAnew();
    expect(reads).toHaveLength(2);
    await reconciler.stop();
  });

  it("bring nothing back of an assignment that another one followed meanwhile", async () => {
    const { there, reads, reconciler } = losingReconciler();
    const first = reconciler.assign(assignmentOf(1, [lost]));
    reads[0]?.();
    await first;
    there.set(artifact.reference.digest, artifact.bytes);
    const read = reconciler.readArtifactsAnew();
    const second = reconciler.assign(assignmentOf(2));
    reads[2]?.();
    await second;
    reads[1]?.();
    await read;
    expect(reconciler.facts()).toMatchObject({
      assignment: { seq: 2 },
      bundles: [],
    });
    await reconciler.stop();
  });
});

describe("a pass that ends under the next assignment", () => {
  it("says nothing about a bundle that has changed since", async () => {
    const { reconciler, reads, reading } = slowReader();
    await reconciler.assign(assignmentOf(1, [watched(60_000)]));
    await reading(1);
    const next = assignmentOf(2, [watched(90_000)]);
    await reconciler.assign(next);
    reads[0]?.();
    // Never two passes of one bundle: once the next reads, this one has ended.
    await reading(2);
    expect(reconciler.facts().bundles).toEqual([]);
    reads[1]?.();
    const [bundle] = next.envelope.bundles;
    await expect
      .poll(() => reconciler.facts().bundles, { timeout: 30_000 })
      .toMatchObject([{ digest: bundle?.digest }]);
    await reconciler.stop();
  });

  it("says nothing about a bundle that has left since", async () => {
    const { reconciler, reads, reading } = slowReader();
    await reconciler.assign(assignmentOf(1, [watched(60_000)]));
    await reading(1);
    await reconciler.assign(assignmentOf(2));
    reads[0]?.();
    await expect.poll(() => reconciler.isIdle, { timeout: 30_000 }).toBe(true);
    // It comes back as it was: of the pass before nothing is known.
    await reconciler.assign(assignmentOf(3, [watched(60_000)]));
    await reading(2);
    expect(reconciler.facts().bundles).toEqual([]);
    reads[1]?.();
    await reconciler.stop();
  });
});
