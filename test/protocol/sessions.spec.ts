import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SessionLimits } from "@wheelhouse/spoke-sessions";
import { ManualClock, waitUntil } from "@wheelhouse/testing";
import { createAssignment, createKeys } from "./harness/fleet.ts";
import { dial, failureOf, helloOf, soon } from "./harness/raw-link.ts";
import { type TestHub, startTestHub } from "./harness/test-hub.ts";
import { type TestSpoke, joinSpoke } from "./harness/test-spoke.ts";

const uid = "00000000-0000-4000-8000-000000000001";
const dayMs = 86_400_000;

describe("sessions", () => {
  let hub: TestHub;
  let clock: ManualClock;
  let spoke: TestSpoke;

  const open = async (limits: Partial<SessionLimits> = {}) => {
    clock = new ManualClock(Date.now());
    const { keys } = await createKeys(clock.nowMs());
    hub = await startTestHub({
      keys,
      clock,
      limits: { reportIntervalMs: 0, ...limits },
    });
    spoke = await joinSpoke(hub, "prod-eu-1", uid);
  };

  beforeEach(() => open());
  afterEach(() => hub.stop());

  const control = () =>
    dial(hub, { chain: spoke.chain, privateKey: spoke.key.privateKey }).control(
      soon(),
    );

  /** Opens a session of the cluster by hand. */
  const openSession = async (kubeSystemUid = "ks-1", instance = "i-raw") => {
    const before = hub.server.sessions().length;
    const call = control();
    call.send(helloOf(spoke, { kubeSystemUid, instance }));
    const failure = failureOf(call.messages);
    await waitUntil(
      "session",
      () => hub.server.sessions().length === before + 1,
    );
    return { call, failure };
  };

  it("are seen with what their spoke said of itself", async () => {
    await openSession("ks-9", "i-9");
    expect(hub.server.sessions()).toMatchObject([
      {
        uid,
        cluster: "prod-eu-1",
        current: true,
        kubeSystemUid: "ks-9",
        instance: "i-9",
        spokeVersion: "0.1.0",
        acknowledged: null,
        suspectedClone: false,
      },
    ]);
  });

  it("are cut without a hello in ten seconds", async () => {
    const call = control();
    const failure = failureOf(call.messages);
    await waitUntil("the hub waits", () => clock.pending > 0);
    clock.advance(10_000);
    expect(await failure).toMatchObject({ reason: "Idle" });
  });

  it("are cut when nothing is heard for 45 seconds, and not before", async () => {
    const { failure } = await openSession();
    clock.advance(44_999);
    expect(hub.server.sessions()).toHaveLength(1);
    clock.advance(1);
    expect(await failure).toMatchObject({ reason: "Idle" });
    expect(hub.server.sessions()).toHaveLength(0);
    expect(hub.observer.closed).toMatchObject([{ uid }]);
  });

  it("live on by heartbeats, each answered with the newest assignment", async () => {
    const first = createAssignment(hub.keys, spoke, 1, { web: "a" });
    hub.assignments.issue(uid, first);
    spoke.start(hub.port);
    await waitUntil("taken", () => spoke.taken.length === 1);
    for (let round = 1; round <= 3; round += 1) {
      await waitUntil("heartbeat", () => hub.observer.heartbeats >= round);
      clock.advance(40_000);
    }
    expect(hub.server.sessions()).toHaveLength(1);
    expect(spoke.session?.status()).toMatchObject({
      phase: { kind: "ready" },
      latest: first.mark,
      acknowledged: first.mark,
    });
    await spoke.stop();
  });

  it("leave a spoke that says so when no assignment was named for a day", async () => {
    hub.assignments.issue(
      uid,
      createAssignment(hub.keys, spoke, 1, { web: "a" }),
    );
    spoke.start(hub.port, { clock });
    await waitUntil("taken", () => spoke.taken.length === 1);
    expect(spoke.session?.status().isUnfresh).toBe(false);
    clock.advance(dayMs);
    expect(spoke.session?.status().isUnfresh).toBe(true);
    await waitUntil("said", () =>
      spoke.log.some(({ reason }) => reason === "Unfresh"),
    );
    expect(spoke.taken).toHaveLength(1);
    await spoke.stop();
  });

  it("end with their certificate", async () => {
    await hub.stop();
    await open({ idleMs: 10 * dayMs });
    const { failure } = await openSession();
    clock.advance(dayMs - 2_000);
    expect(hub.server.sessions()).toHaveLength(1);
    clock.advance(4_000);
    expect(await failure).toMatchObject({ reason: "CertificateExpired" });
  });

  it.each([
    ["revoked", "Revoked"],
    ["superseded", "Superseded"],
  ] as const)(
    "are cut at once when the cluster is %s",
    async (state, reason) => {
      spoke.start(hub.port);
      await waitUntil("ready", () => spoke.phase === "ready");
      hub.registry.update(uid, { state });
      hub.server.cut(uid, reason);
      expect(await spoke.end).toMatchObject({
        kind: "refused",
        failure: { reason },
      });
      expect(spoke.phase).toBe("rejected");
    },
  );

  it("are cut at the next heartbeat when another replica revoked the cluster", async () => {
    spoke.start(hub.port);
    await waitUntil("ready", () => spoke.phase === "ready");
    hub.registry.update(uid, { state: "revoked" });
    expect(await spoke.end).toMatchObject({ failure: { reason: "Revoked" } });
  });

  it("end at the next heartbeat when Git names the cluster no longer, and begin again when it does", async () => {
    spoke.start(hub.port, { clock });
    await waitUntil("ready", () => spoke.phase === "ready");
    hub.registry.update(uid, { state: "left" });
    clock.advance(1_000);
    await waitUntil("rejected", () => spoke.phase === "rejected");
    expect(spoke.log.map(({ reason }) => reason)).toContain("LeftFleet");
    hub.registry.update(uid, { state: "active" });
    await waitUntil("it waits", () => clock.pending > 0);
    clock.advance(299_000);
    expect(spoke.phase).toBe("rejected");
    clock.advance(2_000);
    await waitUntil("ready again", () => spoke.phase === "ready");
    await spoke.stop();
  });

  it("are cut before their hello too", async () => {
    const call = control();
    const failure = failureOf(call.messages);
    await waitUntil("the hub waits", () => clock.pending > 0);
    hub.server.cut(uid, "Revoked");
    expect(await failure).toMatchObject({ reason: "Revoked" });
  });

  it("of an older stream do not clear the newer when they end", async () => {
    const older = await openSession("ks-1", "i-1");
    await openSession("ks-1", "i-2");
    older.call.end();
    await older.failure;
    await waitUntil("one left", () => hub.server.sessions().length === 1);
    expect(hub.server.sessions()).toMatchObject([
      { instance: "i-2", current: true },
    ]);
    expect(hub.observer.closed).toEqual([]);
  });

  it("of an older stream count again when the newer ends", async () => {
    spoke.start(hub.port, { instance: "i-1" });
    await waitUntil("ready", () => spoke.phase === "ready");
    const newer = await openSession("ks-1", "i-2");
    spoke.report("web", "said to nobody");
    newer.call.cancel();
    await waitUntil(
      "told",
      () => hub.observer.messageOf("web") === "said to nobody",
    );
    // Who observes learns whose word counts now, or it would not listen.
    const instances = hub.observer.hellos.map(({ hello }) => hello.instance);
    expect(instances).toEqual(["i-1", "i-2", "i-1"]);
    await spoke.stop();
  });

  it("do not count by reports while a newer one lives", async () => {
    spoke.start(hub.port, { instance: "i-1" });
    // Each session begins with a report, which must not come in between.
    await waitUntil("told", () => hub.observer.reports.length > 0);
    const before = hub.observer.reports.length;
    await openSession("ks-1", "i-2");
    spoke.report("web", "old news");
    const { heartbeats } = hub.observer;
    clock.advance(1_000);
    await waitUntil(
      "heard",
      () =>
        hub.server.sessions().find(({ instance }) => instance === "i-1")
          ?.lastHeardMs === 1_000,
    );
    expect(hub.observer.reports).toHaveLength(before);
    expect(hub.observer.heartbeats).toBe(heartbeats);
    await spoke.stop();
  });

  it("are at most two of one cluster: a third cuts the oldest", async () => {
    const first = await openSession("ks-1", "i-1");
    await openSession("ks-1", "i-2");
    const call = control();
    call.send(helloOf(spoke, { instance: "i-3" }));
    expect(await first.failure).toMatchObject({ reason: "TooMany" });
    expect(
      hub.server.sessions().map(({ instance, current }) => [instance, current]),
    ).toEqual([
      ["i-2", false],
      ["i-3", true],
    ]);
  });

  it("are at most four of one cluster before their hello: a fifth cuts the oldest, and a spoke gets in between them", async () => {
    const opened: { failure: Promise<unknown>; call: { cancel(): void } }[] =
      [];
    const open = async () => {
      const pending = clock.pending;
      const call = control();
      opened.push({ call, failure: failureOf(call.messages) });
      await waitUntil("the hub waits", () => clock.pending > pending);
    };
    for (let index = 0; index < 4; index += 1) await open();
    const [first, ...others] = opened;
    const ended = new Set<number>();
    others.forEach(({ failure }, index) => {
      void failure.then(() => ended.add(index));
    });
    spoke.start(hub.port);
    expect(await first?.failure).toMatchObject({ reason: "TooMany" });
    await waitUntil("ready", () => spoke.phase === "ready");
    expect([...ended]).toEqual([]);
    expect(hub.server.sessions()).toHaveLength(1);
    for (const { call } of others) call.cancel();
    await spoke.stop();
  });

  it("look like a clone when two live together for over a minute", async () => {
    await hub.stop();
    await open({ idleMs: dayMs });
    await openSession("ks-1", "i-1");
    await openSession("ks-1", "i-2");
    clock.advance(60_000);
    expect(hub.server.sessions()[0]?.suspectedClone).toBe(false);
    clock.advance(1);
    expect(hub.server.sessions()[0]?.suspectedClone).toBe(true);
  });

  it("look like a clone at once when they name different clusters, and are offered nothing new", async () => {
    spoke.start(hub.port, { instance: "i-1", kubeSystemUid: "ks-1" });
    await waitUntil("ready", () => spoke.phase === "ready");
    const twin = await openSession("ks-2", "i-2");
    expect(hub.server.sessions()[0]?.suspectedClone).toBe(true);
    hub.assignments.issue(
      uid,
      createAssignment(hub.keys, spoke, 1, { web: "a" }),
    );
    await hub.server.notify(uid);
    const session = () => hub.server.sessions()[0];
    clock.advance(1_000);
    await waitUntil("heard", () => session()?.lastHeardMs === 1_000);
    expect(spoke.taken).toEqual([]);
    twin.call.cancel();
    await waitUntil("taken", () => spoke.taken.length === 1);
    await spoke.stop();
  });

  it("are told to come back when the hub stops, and come back", async () => {
    spoke.start(hub.port);
    await waitUntil("ready", () => spoke.phase === "ready");
    const { registry, assignments, keys, port } = hub;
    await hub.stop();
    hub = await startTestHub({ registry, assignments, keys, port, clock });
    await waitUntil("back", () => hub.server.sessions().length === 1);
    expect(spoke.log.map(({ reason }) => reason)).toContain("Draining");
    await spoke.stop();
  });

  it("end as an end when the spoke stops", async () => {
    spoke.start(hub.port);
    await waitUntil("ready", () => spoke.phase === "ready");
    await spoke.stop();
    expect(await spoke.end).toEqual({ kind: "stopped" });
    expect(spoke.phase).toBe("draining");
    await waitUntil("gone", () => hub.server.sessions().length === 0);
  });
});
