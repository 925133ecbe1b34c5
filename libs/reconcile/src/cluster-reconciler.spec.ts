import {
  type Digest,
  createEnvelope,
  digestOf,
  encodeEnvelope,
} from "@wheelhouse/assignment";
import { ManualClock } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import { ClusterReconciler } from "./cluster-reconciler.ts";
import {
  type AcknowledgedAssignment,
  type ReconcilerOptions,
} from "./reconciler-options.ts";

/** An assignment without bundles. */
function assignmentOf(seq: number): AcknowledgedAssignment {
  const envelope = createEnvelope({
    ...{ fleet: "demo", cluster: "prod-eu-1", audience: "uid-of-prod-eu-1" },
    ...{ epoch: 1, seq, issuedAt: "2026-01-01T00:00:00Z" },
    revision: { commit: "4".repeat(40), lock: digestOf("no sources") },
    ...{ bundles: [], allowDelete: [] },
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
