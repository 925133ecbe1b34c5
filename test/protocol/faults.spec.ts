import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type FaultProxy,
  ManualClock,
  startFaultProxy,
  waitUntil,
} from "@wheelhouse/testing";
import { createSpokeKey, readSpokeIdentity } from "@wheelhouse/trust";
import { createAssignment, createKeys } from "./harness/fleet.ts";
import { dial } from "./harness/raw-link.ts";
import { type TestHub, startTestHub } from "./harness/test-hub.ts";
import { type TestSpoke, joinSpoke } from "./harness/test-spoke.ts";

const uid = "00000000-0000-4000-8000-000000000001";

describe("a bad network", () => {
  let hub: TestHub;
  let proxy: FaultProxy;
  let spoke: TestSpoke;

  beforeEach(async () => {
    const { keys } = await createKeys(Date.now());
    hub = await startTestHub({ keys });
    proxy = await startFaultProxy(hub.port);
    spoke = await joinSpoke(hub, "prod-eu-1", uid);
  });

  afterEach(async () => {
    await spoke.stop();
    await proxy.close();
    await hub.stop();
  });

  const ready = () => waitUntil("ready", () => spoke.phase === "ready");

  it("that resets connections costs a new one, and nothing else", async () => {
    spoke.report("web", "one");
    spoke.start(proxy.port);
    await ready();
    for (let round = 2; round <= 5; round += 1) {
      proxy.resetAll();
      await waitUntil("again", () => hub.observer.hellos.length >= round);
    }
    await waitUntil("told", () => hub.observer.messageOf("web") === "one");
    spoke.report("web", "two");
    await waitUntil("told", () => hub.observer.messageOf("web") === "two");
    await waitUntil("one left", () => hub.server.sessions().length === 1);
  });

  it("that falls silent is noticed after 45 s, and left", async () => {
    const clock = new ManualClock(Date.now());
    spoke.start(proxy.port, { clock });
    await ready();
    proxy.setFault("down", { kind: "stall" });
    clock.advance(44_000);
    expect(spoke.phase).toBe("ready");
    clock.advance(1_000);
    await waitUntil("left", () => spoke.phase === "disconnected");
    expect(spoke.session?.status().phase).toMatchObject({
      failure: { reason: "Idle" },
    });
    proxy.setFault("down", { kind: "none" });
    await waitUntil("a timer", () => clock.pending > 0);
    await waitUntil("back", () => {
      clock.advance(100);
      return spoke.phase === "ready";
    });
  });

  it("on which a hub never answers the hello is given up after 20 s", async () => {
    const clock = new ManualClock(Date.now());
    proxy.setFault("down", { kind: "stall" });
    spoke.start(proxy.port, { clock });
    await waitUntil("dialled", () => proxy.connections() > 0);
    expect(spoke.phase).toBe("connecting");
    clock.advance(20_000);
    await waitUntil("given up", () => spoke.phase === "disconnected");
    proxy.setFault("down", { kind: "none" });
    await waitUntil("ready", () => {
      clock.advance(100);
      return spoke.phase === "ready";
    });
  });

  it("that refuses connections is tried again within bounds", async () => {
    const clock = new ManualClock(Date.now());
    const waits: number[] = [];
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (delayMs, callback) => {
      waits.push(delayMs);
      return setTimer(delayMs, callback);
    };
    proxy.setRefusing(true);
    spoke.start(proxy.port, { clock, random: () => 0.999 });
    for (let round = 1; round <= 5; round += 1) {
      await waitUntil(
        "lost",
        () => spoke.log.length >= round && spoke.phase === "disconnected",
      );
      clock.advance(30_000);
    }
    const backoffs = waits.filter(
      (ms) => ms > 4_000 && ms < 30_000 && ms !== 20_000,
    );
    // Half of the absence, which is 0, 30, 60 and 90 s; 5 at least, 30 at most.
    expect(backoffs.slice(0, 4)).toEqual([4_995, 14_985, 29_970, 29_970]);
  });

  it("that breaks in the middle of an artifact goes on at the byte where it broke", async () => {
    const bytes = Buffer.alloc(4_000_000);
    for (let at = 0; at < bytes.length; at += 1)
      bytes[at] = (at * 2_654_435_761) >>> 24;
    const large = createAssignment(hub.keys, spoke, 1, { web: bytes });
    hub.assignments.issue(uid, large);
    proxy.setFault("down", { kind: "cutAfter", bytes: 2_500_000 });
    spoke.start(proxy.port);
    await waitUntil("broken", () => hub.observer.hellos.length >= 1);
    await waitUntil("cut", () => proxy.passed("down") >= 2_500_000);
    proxy.setFault("down", { kind: "none" });
    await waitUntil("taken", () => spoke.taken.length === 1);
    expect(proxy.passed("down")).toBeLessThan(4_700_000);
    expect(hub.observer.refused).toEqual([]);
  });

  it("that turns a bit is seen by TLS, and costs a connection", async () => {
    const first = createAssignment(hub.keys, spoke, 1, {
      web: "x".repeat(500_000),
    });
    spoke.start(proxy.port);
    await ready();
    proxy.setFault("down", { kind: "corruptAt", offset: 200_000 });
    hub.assignments.issue(uid, first);
    await hub.server.notify(uid);
    await waitUntil("taken", () => spoke.taken.length === 1);
    expect(hub.observer.hellos.length).toBeGreaterThan(1);
    expect(hub.observer.refused).toEqual([]);
  });

  it("that is slow delays, and does not break", async () => {
    const first = createAssignment(hub.keys, spoke, 1, {
      web: "x".repeat(300_000),
    });
    hub.assignments.issue(uid, first);
    proxy.setFault("down", { kind: "slow", bytesPerSecond: 600_000 });
    spoke.start(proxy.port);
    await waitUntil("taken", () => spoke.taken.length === 1);
    expect(hub.observer.hellos).toHaveLength(1);
  });
});

describe("a certificate that is short-lived", () => {
  let hub: TestHub;

  afterEach(() => hub.stop());

  it("is renewed on the way, and the stream outlives it by a new one", async () => {
    const { keys } = await createKeys(Date.now());
    hub = await startTestHub({ keys, certificateLifetimeMs: 10_000 });
    const spoke = await joinSpoke(hub, "prod-eu-1", uid);
    spoke.start(hub.port);
    await waitUntil("renewed", () => spoke.chains.length >= 1);
    expect(hub.observer.hellos).toHaveLength(1);
    await waitUntil("came back", () => hub.observer.hellos.length >= 2);
    expect(spoke.log.map(({ reason }) => reason)).toContain(
      "CertificateExpired",
    );
    const [leaf = new Uint8Array()] = spoke.chain;
    expect(readSpokeIdentity(leaf)?.uid).toBe(uid);
    await spoke.stop();
  });

  it("is renewed first when it ended while the spoke was away", async () => {
    const { keys } = await createKeys(Date.now());
    hub = await startTestHub({ keys, certificateLifetimeMs: 3_000 });
    const spoke = await joinSpoke(hub, "prod-eu-1", uid);
    const ended = spoke.chain;
    await waitUntil("ended", () => {
      const [leaf = new Uint8Array()] = ended;
      return (readSpokeIdentity(leaf)?.notAfterMs ?? 0) < Date.now();
    });
    const client = dial(hub, {
      chain: ended,
      privateKey: spoke.key.privateKey,
    });
    const refused = client.control(AbortSignal.timeout(60_000));
    refused.send({
      kind: "heartbeat",
      counter: 1,
      acknowledged: null,
      reportCounter: 0,
    });
    await expect(
      (async () => {
        for await (const _message of refused.messages);
      })(),
    ).rejects.toMatchObject({ code: 16 });
    client.close();
    spoke.start(hub.port);
    await waitUntil("ready", () => hub.observer.hellos.length > 0);
    expect(spoke.chains.length).toBeGreaterThan(0);
    await spoke.stop();
  });

  it("is renewed when the hub says that it ended, though the spoke's clock is behind", async () => {
    const { keys } = await createKeys(Date.now());
    const hubClock = new ManualClock(Date.now());
    hub = await startTestHub({ keys, clock: hubClock });
    const spoke = await joinSpoke(hub, "prod-eu-1", uid);
    hubClock.advance(25 * 3_600_000);
    spoke.start(hub.port);
    await waitUntil("renewed", () => spoke.chains.length === 1);
    await spoke.stop();
  });

  it("of a key that the hub no longer knows leaves the spoke waiting, not stopped", async () => {
    const { keys } = await createKeys(Date.now());
    hub = await startTestHub({ keys });
    const spoke = await joinSpoke(hub, "prod-eu-1", uid);
    hub.registry.update(uid, { keys: ["0".repeat(64)] });
    const clock = new ManualClock(Date.now());
    spoke.start(hub.port, { clock });
    await waitUntil("rejected", () => spoke.phase === "rejected");
    hub.registry.update(uid, { keys: [] });
    clock.advance(600_000);
    await waitUntil("ready", () => spoke.phase === "ready");
    await spoke.stop();
  });
});

// A key of its own for each spoke is what the tests above rest on.
it("two keys are never the same", async () => {
  const [a, b] = await Promise.all([createSpokeKey(), createSpokeKey()]);
  expect(a.privateKey).not.toBe(b.privateKey);
});
