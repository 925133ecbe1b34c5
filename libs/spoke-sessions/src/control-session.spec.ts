import {
  type BundleReport,
  type HubMessage,
  type StatusReport,
  protocolLimits,
} from "@wheelhouse/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { SessionsUnderTest, markOf, registered } from "./link.fixture.ts";

const heartbeat = (counter: number, seq: number | null = null) =>
  ({
    kind: "heartbeat",
    counter,
    acknowledged: seq === null ? null : markOf(seq),
    reportCounter: 0,
  }) as const;

const bundle = (name: string): BundleReport => ({
  bundle: name,
  digest: `sha256:${"1".repeat(64)}`,
  applied: null,
  ready: false,
  failed: false,
  status: "Unknown",
  objects: { total: 0, ready: 0 },
  message: "",
  held: null,
  notes: [],
  drifted: false,
  since: "",
});

const report = (
  counter: number,
  change: Partial<StatusReport> = {},
): StatusReport => ({
  kind: "statusReport",
  counter,
  full: false,
  assignment: null,
  bundles: [],
  dropped: [],
  ...change,
});

const kinds = (sent: readonly HubMessage[]) => sent.map(({ kind }) => kind);

/** What the hub names as newest in each heartbeat reply. */
const named = (sent: readonly HubMessage[]) =>
  sent.flatMap((message) =>
    message.kind === "heartbeatReply" ? [message.latest?.seq ?? null] : [],
  );

let under: SessionsUnderTest;
beforeEach(() => {
  under = new SessionsUnderTest();
});

describe("a welcome", () => {
  it("comes before the offer, and the hello is observed", async () => {
    under.latest = markOf(2);
    const { session, sent } = under.open({ acknowledged: markOf(1) });
    await session.welcome();
    expect(sent).toMatchObject([
      { kind: "welcome", session: session.id, heartbeatMs: 15_000 },
      { kind: "assignmentOffer", offer: markOf(2) },
    ]);
    expect(under.observed).toEqual(["hello of 0"]);
  });

  it.each([
    ["nothing to one that has it", markOf(1), 0],
    ["it where nothing is acknowledged", null, 1],
    ["it where another epoch is", { ...markOf(1), epoch: 2 }, 1],
    ["it where another seq is", { ...markOf(1), seq: 2 }, 1],
    ["it where another root is", { ...markOf(1), root: markOf(9).root }, 1],
  ])("offers %s", async (_what, acknowledged, offers) => {
    under.latest = markOf(1);
    const { session, sent } = under.open({ acknowledged });
    await session.welcome();
    expect(sent).toHaveLength(1 + offers);
  });

  it("offers nothing where nothing was issued", async () => {
    const { session, sent } = under.open({ acknowledged: markOf(1) });
    await session.welcome();
    expect(kinds(sent)).toEqual(["welcome"]);
  });
});

describe("while two clusters seem to be one", () => {
  /** A session that took seq 1, and seq 2 waiting for it. */
  const openWaiting = async () => {
    const older = under.open({ acknowledged: markOf(1) });
    await older.session.welcome();
    under.latest = markOf(2);
    return older;
  };

  it.each([
    ["different kube-system uids", "ks-2", 0],
    ["over a minute together", "ks-1", 60_001],
  ])(
    "neither is offered anything new: %s",
    async (_why, kubeSystemUid, laterMs) => {
      const older = await openWaiting();
      const newer = under.open({ kubeSystemUid, acknowledged: markOf(1) });
      under.clock.advance(laterMs);
      for (const { session } of [older, newer]) {
        await session.offerLatest();
        await session.take(heartbeat(1, 1));
      }
      expect([...older.sent, ...newer.sent].map(({ kind }) => kind)).toEqual([
        "welcome",
        "heartbeatReply",
        "heartbeatReply",
      ]);
      // Each is told that what it has is the newest.
      expect([named(older.sent), named(newer.sent)]).toEqual([[1], [1]]);
      under.table.remove(newer.session);
      await older.session.take(heartbeat(2, 1));
      await older.session.offerLatest();
      expect(named(older.sent)).toEqual([1, 2]);
      expect(kinds(older.sent)).toContain("assignmentOffer");
    },
  );

  it("nothing is offered by the welcome either, not even to one without anything", async () => {
    await openWaiting();
    const twin = under.open({ kubeSystemUid: "ks-2" });
    await twin.session.welcome();
    expect(kinds(twin.sent)).toEqual(["welcome"]);
  });

  it("a short restart is not taken for one", async () => {
    await openWaiting();
    const { session, sent } = under.open({ acknowledged: markOf(1) });
    under.clock.advance(60_000);
    await session.take(heartbeat(1, 1));
    expect(named(sent)).toEqual([2]);
  });
});

describe("an acknowledgement", () => {
  it("is observed, and ends the offers of that assignment", async () => {
    under.latest = markOf(1);
    const { session, sent } = under.open();
    const acknowledged = markOf(1);
    await session.take({ kind: "assignmentAcknowledged", acknowledged });
    await session.offerLatest();
    expect(under.observed).toEqual(["acknowledged of 0"]);
    expect(session.acknowledged).toEqual(markOf(1));
    expect(sent).toEqual([]);
  });

  it("that got lost is in the next heartbeat", async () => {
    const { session } = under.open();
    await session.take(heartbeat(1, 4));
    expect(session.acknowledged).toEqual(markOf(4));
  });
});

describe("an older session", () => {
  it("tells nobody what it says while a newer one lives", async () => {
    const older = under.open();
    under.open();
    const { session } = older;
    await session.take(heartbeat(1));
    await session.take(report(1, { full: true }));
    await session.take({
      kind: "assignmentAcknowledged",
      acknowledged: markOf(1),
    });
    await session.take({
      kind: "assignmentRefused",
      refused: markOf(1),
      reason: "BadSignature",
      message: "",
    });
    expect(under.observed).toEqual([]);
    expect(kinds(older.sent)).toEqual(["heartbeatReply"]);
  });

  it("is heard as from its hello, and asked for all, when the newer ends", async () => {
    const older = under.open();
    const newer = under.open();
    await older.session.take(heartbeat(1, 3));
    older.sent.length = 0;
    under.table.remove(newer.session);
    expect(under.observed).toEqual(["hello of 0"]);
    expect(kinds(older.sent)).toEqual(["reportRequest"]);
  });

  it("that has ended stays silent when the newer ends", () => {
    const older = under.open();
    const newer = under.open();
    older.session.cut("Idle", "nothing was heard");
    under.table.remove(newer.session);
    expect(under.observed).toEqual([]);
    expect(older.sent).toEqual([]);
  });
});

describe("a heartbeat", () => {
  it.each([
    ["revoked", "Revoked"],
    ["superseded", "Superseded"],
    ["left", "LeftFleet"],
  ] as const)(
    "of a cluster that is %s by now ends the session",
    async (state, reason) => {
      const { session, sent, ends } = under.open();
      under.cluster = { ...registered, state };
      await session.take(heartbeat(1, 1));
      expect(ends).toEqual([reason]);
      expect(sent).toEqual([]);
      expect(under.observed).toEqual([]);
      expect(session.acknowledged).toBeNull();
    },
  );

  it("asks for the reports that got lost", async () => {
    const { session, sent } = under.open();
    await session.take({ ...heartbeat(1), reportCounter: 1 });
    expect(kinds(sent)).toEqual(["heartbeatReply", "reportRequest"]);
  });

  it("cuts a spoke that has not read for 45 seconds, and not before", async () => {
    const { session, stream, ends } = under.open();
    stream.isReading = false;
    session.requestReconcile("");
    under.clock.advance(45_000);
    await session.take(heartbeat(1));
    expect(ends).toEqual([]);
    under.clock.advance(1);
    await session.take(heartbeat(2));
    expect(ends).toEqual(["Idle"]);
  });
});

describe("reports", () => {
  it("that leave a gap make the hub ask for all, once", async () => {
    const { session, sent } = under.open();
    await session.take(report(1, { full: true }));
    await session.take(report(3));
    await session.take(report(4));
    expect(kinds(sent)).toEqual(["reportRequest"]);
    expect(under.observed).toEqual(["report of 0"]);
  });

  it("of more bundles than may be cut the session", async () => {
    const { session, ends } = under.open();
    const bundles = Array.from(
      { length: protocolLimits.bundles + 1 },
      (_, at) => bundle(`b-${at}`),
    );
    await session.take(report(1, { full: true, bundles }));
    expect(ends).toEqual(["Malformed"]);
    expect(under.observed).toEqual([]);
  });

  it("that would still have been told are forgotten with the session", async () => {
    const { session } = under.open();
    await session.take(report(1, { full: true }));
    await session.take(report(2));
    session.cut("Revoked", "");
    under.clock.advance(1_000);
    expect(under.observed).toEqual(["report of 0"]);
  });
});

describe("a session", () => {
  it("is cut once, for the first reason, and logs it", () => {
    const { session, ends } = under.open();
    session.cut("Revoked", "u1: cut by the hub");
    session.cut("Idle", "nothing was heard");
    expect(ends).toEqual(["Revoked"]);
    expect(under.log).toMatchObject([{ reason: "Revoked", uid: "u1" }]);
  });

  it("that has been cut tells nobody what still comes in", async () => {
    const { session } = under.open();
    session.cut("Idle", "nothing was heard");
    const acknowledged = markOf(1);
    await session.take({ kind: "assignmentAcknowledged", acknowledged });
    await session.take(heartbeat(1));
    expect(under.observed).toEqual([]);
  });

  it("ends with a second hello", async () => {
    const { session, ends } = under.open();
    await session.take(session.hello);
    expect(ends).toEqual(["Malformed"]);
  });

  it("notes when it was heard", () => {
    const { session } = under.open();
    under.clock.advance(5_000);
    session.hear();
    expect(session.lastHeardMs).toBe(5_000);
  });
});
