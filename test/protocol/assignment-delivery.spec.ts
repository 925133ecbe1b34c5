import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type SignedEnvelope,
  compareVersions,
  maxSeqJump,
} from "@wheelhouse/assignment";
import { waitUntil } from "@wheelhouse/testing";
import {
  type TestAssignment,
  createAssignment,
  createKeys,
} from "./harness/fleet.ts";
import { type TestHub, startTestHub } from "./harness/test-hub.ts";
import { type TestSpoke, joinSpoke } from "./harness/test-spoke.ts";

const uid = "00000000-0000-4000-8000-000000000001";

describe("the delivery of an assignment", () => {
  let hub: TestHub;
  let spoke: TestSpoke;

  beforeEach(async () => {
    const { keys } = await createKeys(Date.now());
    hub = await startTestHub({ keys });
    spoke = await joinSpoke(hub, "prod-eu-1", uid);
  });

  afterEach(async () => {
    await spoke.stop();
    await hub.stop();
    // Whatever a test did: what was acknowledged never went back.
    const { history } = spoke.store;
    history.slice(1).forEach((mark, index) => {
      expect(compareVersions(mark, history[index] ?? mark)).toBeGreaterThan(0);
    });
  });

  const issue = async (
    seq: number,
    contents: Readonly<Record<string, string>>,
  ): Promise<TestAssignment> => {
    const assignment = createAssignment(hub.keys, spoke, seq, contents);
    hub.assignments.issue(uid, assignment);
    await hub.server.notify(uid);
    return assignment;
  };

  const acknowledged = (assignment: TestAssignment) =>
    waitUntil(
      `${assignment.mark.seq} acknowledged`,
      () =>
        hub.observer.acknowledged.at(-1) === assignment.mark ||
        hub.observer.acknowledged.at(-1)?.root === assignment.mark.root,
    );

  const refused = async () => {
    await waitUntil("refused", () => hub.observer.refused.length > 0);
    return hub.observer.refused.at(-1);
  };

  const tamper = (change: (bytes: Buffer) => void) => (bytes: Uint8Array) => {
    const copy = Buffer.from(bytes);
    change(copy);
    return copy;
  };
  const flip = tamper((bytes) => {
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
  });

  it("goes from offer to acknowledgement, with its artifacts durable", async () => {
    const first = await issue(1, { web: "a", db: "b" });
    spoke.start(hub.port);
    await acknowledged(first);
    expect(spoke.store.acknowledged?.mark).toEqual(first.mark);
    expect(spoke.store.artifacts.size).toBe(2);
    expect(spoke.taken).toEqual([first.envelope]);
  });

  it("fetches only the artifacts that are missing", async () => {
    const first = await issue(1, { web: "a", db: "b" });
    spoke.start(hub.port);
    await acknowledged(first);
    hub.assignments.loads.length = 0;
    const second = await issue(2, { web: "a", db: "c" });
    await acknowledged(second);
    expect(hub.assignments.loads).toEqual([
      "1/2",
      second.envelope.bundles[0]?.spec.artifact?.digest,
    ]);
  });

  it("carries an artifact of several megabytes and an empty assignment", async () => {
    const large = await issue(1, { web: "x".repeat(5_000_000) });
    spoke.start(hub.port);
    await acknowledged(large);
    expect([...spoke.store.artifacts.values()][0]?.length).toBe(5_000_000);
    await acknowledged(await issue(2, {}));
  });

  it("costs nothing when the hub restarts", async () => {
    const first = await issue(1, { web: "a" });
    spoke.start(hub.port);
    await acknowledged(first);
    await hub.stop();
    const { registry, assignments, keys, port } = hub;
    assignments.loads.length = 0;
    hub = await startTestHub({ registry, assignments, keys, port });
    await waitUntil("back", () => hub.observer.hellos.length > 0);
    expect(hub.observer.hellos[0]?.hello.acknowledged).toEqual(first.mark);
    await acknowledged(await issue(2, { web: "b" }));
    expect(assignments.loads[0]).toBe("1/2");
    expect(spoke.taken).toHaveLength(2);
  });

  describe("whose artifacts somebody deleted in the cluster", () => {
    const lose = (assignment: TestAssignment) => {
      for (const digest of assignment.artifacts.keys()) {
        spoke.store.artifacts.delete(digest);
      }
      hub.assignments.loads.length = 0;
    };

    const whole = (assignment: TestAssignment) =>
      waitUntil("whole", () =>
        [...assignment.artifacts.keys()].every((digest) =>
          spoke.store.artifacts.has(digest),
        ),
      );

    const heartbeats = async (count: number) => {
      const before = hub.observer.heartbeats;
      await waitUntil(
        `${count} heartbeats`,
        () => hub.observer.heartbeats >= before + count,
      );
    };

    it("is whole again by the next heartbeat, and nothing else is fetched or acknowledged", async () => {
      const first = await issue(1, { web: "a", db: "b" });
      spoke.start(hub.port);
      await acknowledged(first);
      const told = hub.observer.acknowledged.length;
      lose(first);
      await whole(first);
      await heartbeats(2);
      expect(hub.assignments.loads.toSorted()).toEqual(
        [...first.artifacts.keys()].toSorted(),
      );
      expect(hub.observer.acknowledged).toHaveLength(told);
      expect(spoke.taken).toHaveLength(1);
    });

    it("is whole again after a restart, over a hub that has issued nothing new", async () => {
      const first = await issue(1, { web: "a" });
      spoke.start(hub.port);
      await acknowledged(first);
      await spoke.stop();
      lose(first);
      spoke.start(hub.port);
      await whole(first);
    });

    it("does not ask a hub again and again that has none of it any more, and has the rest", async () => {
      const first = await issue(1, { web: "a", db: "b" });
      spoke.start(hub.port);
      await acknowledged(first);
      const [gone, kept] = [...first.artifacts.keys()];
      const { byUid } = hub.assignments;
      byUid.set(uid, [
        { ...first, artifacts: new Map([...first.artifacts].slice(1)) },
      ]);
      lose(first);
      await waitUntil(
        "the other",
        () => kept !== undefined && spoke.store.artifacts.has(kept),
      );
      await heartbeats(3);
      expect(
        hub.assignments.loads.filter((digest) => digest === gone),
      ).toHaveLength(1);
      expect(spoke.log.map(({ reason }) => reason)).toContain(
        "ArtifactNotFound",
      );
      // A hub that is there anew may have it.
      byUid.set(uid, [first]);
      hub.server.cut(uid, "Draining");
      await whole(first);
    });

    it("gets none that only another cluster is to have", async () => {
      const first = await issue(1, { web: "a" });
      spoke.start(hub.port);
      await acknowledged(first);
      const other = createAssignment(
        hub.keys,
        { cluster: "prod-eu-2", uid: "another" },
        1,
        { web: "theirs" },
      );
      hub.assignments.issue("another", other);
      spoke.store.references = other.envelope.bundles.flatMap(
        ({ spec }) => spec.artifact ?? [],
      );
      await waitUntil("refused", () =>
        spoke.log.some(({ reason }) => reason === "ArtifactNotFound"),
      );
      expect(spoke.store.artifacts.size).toBe(1);
    });

    it("asks its cluster once a connection, and when a person wants live state compared", async () => {
      const first = await issue(1, { web: "a" });
      spoke.start(hub.port);
      await acknowledged(first);
      await heartbeats(3);
      expect(spoke.store.looks).toBe(1);
      hub.server.requestReconcile(uid, "");
      await waitUntil("looked", () => spoke.store.looks === 2);
      hub.server.cut(uid, "Draining");
      await waitUntil("looked anew", () => spoke.store.looks === 3);
    });
  });

  it.each<[string, string, (signed: SignedEnvelope) => SignedEnvelope]>([
    [
      "envelope",
      "BadSignature",
      (signed) => ({ ...signed, bytes: flip(signed.bytes) }),
    ],
    [
      "signature",
      "BadSignature",
      (signed) => ({ ...signed, signature: flip(signed.signature) }),
    ],
    [
      "delegation",
      "BadDelegation",
      (signed) => ({ ...signed, delegation: flip(signed.delegation) }),
    ],
  ])(
    "refuses one with a flipped byte in its %s, and keeps the one before",
    async (_part, reason, change) => {
      const first = await issue(1, { web: "a" });
      spoke.start(hub.port);
      await acknowledged(first);
      hub.assignments.tamper = { signed: change };
      const second = await issue(2, { web: "b" });
      expect(await refused()).toMatchObject({ reason, refused: second.mark });
      expect(spoke.store.acknowledged?.mark).toEqual(first.mark);
      expect(spoke.taken).toHaveLength(1);
    },
  );

  it("refuses one with a flipped byte in an artifact, and takes it when it is mended", async () => {
    const first = await issue(1, { web: "a" });
    spoke.start(hub.port);
    await acknowledged(first);
    hub.assignments.tamper = { artifact: flip };
    const second = await issue(2, { web: "bbbb" });
    expect(await refused()).toMatchObject({ reason: "ArtifactWrongDigest" });
    expect(spoke.store.acknowledged?.mark).toEqual(first.mark);
    hub.assignments.tamper = {};
    hub.server.cut(uid, "Draining");
    await acknowledged(second);
  });

  it("refuses an artifact that the hub does not have", async () => {
    const broken = createAssignment(hub.keys, spoke, 1, { web: "a" });
    hub.assignments.issue(uid, { ...broken, artifacts: new Map() });
    spoke.start(hub.port);
    expect(await refused()).toMatchObject({ reason: "ArtifactNotFound" });
  });

  it("refuses an older seq without fetching it", async () => {
    await issue(5, { web: "a" });
    spoke.start(hub.port);
    await waitUntil("taken", () => spoke.taken.length === 1);
    hub.assignments.loads.length = 0;
    await issue(4, { web: "older" });
    expect(await refused()).toMatchObject({ reason: "OlderThanAcknowledged" });
    expect(hub.assignments.loads).toEqual([]);
  });

  it("refuses an older one that is passed off as newer", async () => {
    const first = await issue(5, { web: "a" });
    spoke.start(hub.port);
    await acknowledged(first);
    const older = createAssignment(hub.keys, spoke, 4, { web: "older" });
    hub.assignments.tamper = { signed: () => older.signed };
    await issue(6, { web: "b" });
    expect(await refused()).toMatchObject({ reason: "OlderThanAcknowledged" });
    expect(spoke.taken).toHaveLength(1);
  });

  it("refuses a good one that is not the one that was offered", async () => {
    const first = await issue(5, { web: "a" });
    spoke.start(hub.port);
    await acknowledged(first);
    const newer = createAssignment(hub.keys, spoke, 7, { web: "newer" });
    hub.assignments.tamper = { signed: () => newer.signed };
    const offered = await issue(6, { web: "b" });
    expect(await refused()).toMatchObject({
      reason: "WrongMark",
      refused: offered.mark,
    });
    expect(spoke.store.acknowledged?.mark).toEqual(first.mark);
    expect(spoke.taken).toHaveLength(1);
  });

  it("refuses other bytes under the same version", async () => {
    const first = await issue(5, { web: "a" });
    spoke.start(hub.port);
    await acknowledged(first);
    await issue(5, { web: "b" });
    expect(await refused()).toMatchObject({ reason: "Equivocation" });
  });

  it("refuses one for another cluster", async () => {
    const other = { cluster: "prod-eu-2", uid: "another" };
    hub.assignments.issue(
      uid,
      createAssignment(hub.keys, other, 1, { web: "a" }),
    );
    spoke.start(hub.port);
    expect(await refused()).toMatchObject({ reason: "WrongAudience" });
  });

  it("refuses a leap of seq", async () => {
    await issue(1 + maxSeqJump, { web: "a" });
    spoke.start(hub.port);
    expect(await refused()).toMatchObject({ reason: "SeqJump" });
  });

  it("refuses one signed by a hub of another root", async () => {
    const { keys } = await createKeys(Date.now());
    hub.assignments.issue(uid, createAssignment(keys, spoke, 1, { web: "a" }));
    spoke.start(hub.port);
    expect(await refused()).toMatchObject({ reason: "BadDelegation" });
  });

  it("does not insist on what was refused", async () => {
    const { keys } = await createKeys(Date.now());
    hub.assignments.issue(uid, createAssignment(keys, spoke, 1, { web: "a" }));
    spoke.start(hub.port);
    await refused();
    await waitUntil("two heartbeats", () => hub.observer.heartbeats >= 2);
    expect(hub.observer.refused).toHaveLength(1);
    expect(hub.assignments.loads).toHaveLength(1);
  });

  it("tries again when the cluster cannot be written to", async () => {
    let failures = 2;
    const { putArtifacts } = spoke.store;
    spoke.store.putArtifacts = (artifacts) => {
      failures -= 1;
      return failures >= 0
        ? Promise.reject(new Error("etcd: no leader"))
        : putArtifacts.call(spoke.store, artifacts);
    };
    const first = await issue(1, { web: "a" });
    spoke.start(hub.port);
    await acknowledged(first);
    expect(hub.observer.refused).toEqual([]);
  });

  it("follows another instance of the same spoke that was faster", async () => {
    const first = await issue(1, { web: "a" });
    spoke.start(hub.port);
    await acknowledged(first);
    const { acknowledge } = spoke.store;
    spoke.store.acknowledge = async (signed, mark) => {
      await acknowledge.call(spoke.store, signed, mark);
      return "superseded";
    };
    const second = await issue(2, { web: "b" });
    await acknowledged(second);
    expect(spoke.taken.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it("passes on a wish to compare live state", async () => {
    spoke.start(hub.port);
    await waitUntil("there", () => hub.server.sessions().length === 1);
    expect(hub.server.requestReconcile(uid, "Kustomization/a/b")).toBe(true);
    expect(hub.server.requestReconcile("nobody", "")).toBe(false);
    await waitUntil("asked", () => spoke.reconciles.length === 1);
    expect(spoke.reconciles).toEqual(["Kustomization/a/b"]);
  });
});
