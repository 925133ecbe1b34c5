import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type HubStore, openSqliteHubStore } from "@wheelhouse/hub-store";
import { LiveSessions } from "@wheelhouse/spoke-sessions";
import { ManualClock } from "@wheelhouse/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FleetOperations } from "./fleet-operations.ts";
import { type RolloutRunner } from "./rollout-runner.ts";

const cluster = "prod-eu-1";
const key = { uid: "uid-1", cluster, session: "s1" };

let folder: string;
let store: HubStore;
let live: LiveSessions;
/** What was asked of Git and of clusters, each with the journal as it stood then. */
let asked: Promise<readonly string[]>[];
let isHere: boolean;
let operations: FleetOperations;

const lines = async () =>
  (await store.journal.list({ limit: 10 })).map(
    ({ actor, action, subject }) => `${actor} ${action} ${subject}`,
  );
const openSession = () =>
  live.onHello(key, {
    ...{ kind: "hello", protocol: { major: 1, minor: 0 } },
    ...{ spokeVersion: "0.1.0", fleet: "test", cluster, uid: key.uid },
    ...{ kubeSystemUid: "k", instance: "i", acknowledged: null },
    capabilities: { kubeVersion: "v1.36.3", apiVersions: [] },
  });

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "operations-"));
  store = await openSqliteHubStore({ file: path.join(folder, "hub.db") });
  const clock = new ManualClock(Date.parse("2026-01-01T00:00:00Z"));
  live = new LiveSessions(clock, () => undefined);
  asked = [];
  isHere = true;
  operations = new FleetOperations({
    ...{ store, live, clock },
    // A request to compare is no business of the rollout.
    runner: {} as RolloutRunner,
    link: () => ({
      requestReconcile: () => {
        if (isHere) asked.push(lines());
        return isHere;
      },
    }),
    follow: () => {
      asked.push(lines());
      return Promise.resolve();
    },
    stepSoon: () => undefined,
  });
  const uid = key.uid;
  const record = {
    ...{ name: cluster, labels: {}, uid, source: "git" as const },
    registeredAt: "2026-01-01T00:00:00Z",
  };
  await store.registry.add(record, []);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a request to compare now", () => {
  it.each([
    [{}, "fleet repo"],
    [{ cluster }, `Cluster/${cluster}`],
  ])("of %j is in the journal before anybody is asked", async (request, of) => {
    openSession();
    await operations.reconcile("on-call", request);
    expect(await Promise.all(asked)).toEqual([
      [`on-call ReconcileRequested ${of}`],
    ]);
  });

  it.each([{}, { cluster }])(
    "of %j asks nobody where the line cannot be written",
    async (request) => {
      openSession();
      const full = new Error("database or disk is full");
      vi.spyOn(store.journal, "append").mockRejectedValue(full);
      await expect(operations.reconcile("on-call", request)).rejects.toBe(full);
      expect(asked).toEqual([]);
    },
  );

  it("is refused, and leaves no line, where the cluster has no session", async () => {
    const refusal = {
      kind: "conflict",
      message: `Cluster ${cluster} has no session`,
    };
    const ask = () => operations.reconcile("on-call", { cluster });
    await expect(ask()).rejects.toMatchObject(refusal);
    openSession();
    live.onClosed(key);
    await expect(ask()).rejects.toMatchObject(refusal);
    expect(await lines()).toEqual([]);
  });

  it("is refused where the session ends while the line is written", async () => {
    openSession();
    isHere = false;
    await expect(
      operations.reconcile("on-call", { cluster }),
    ).rejects.toMatchObject({ kind: "conflict" });
    expect(asked).toEqual([]);
  });
});
