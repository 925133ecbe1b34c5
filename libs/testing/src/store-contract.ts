import { digestOf } from "@wheelhouse/assignment";
import { type HubStore, type JournalEntry } from "@wheelhouse/hub-store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  exampleArtifact,
  exampleAssignment,
  exampleBundle,
  exampleRevision,
  exampleRolloutState,
  exampleTarget,
} from "./store-examples.ts";

/** A store under test, which can be closed and opened again on the same state. */
export interface StoreUnderTest {
  open(): Promise<HubStore>;
  discard(): Promise<void>;
}

const early = "2026-01-01T00:00:00.000Z";
const now = "2026-01-02T00:00:00.000Z";
const late = "2026-01-03T00:00:00.000Z";

const line = (action: string): JournalEntry => ({
  at: now,
  actor: "operator-1",
  action,
  subject: "Cluster/prod-eu-1",
  message: "",
});

/** What every side of the hub's store must do, in the words of its ports. */
export function describeStoreContract(
  name: string,
  create: () => StoreUnderTest,
): void {
  describe(`${name}: a hub's store`, () => {
    let underTest: StoreUnderTest;
    let store: HubStore;

    beforeEach(async () => {
      underTest = create();
      store = await underTest.open();
    });
    afterEach(async () => {
      await store.close();
      await underTest.discard();
    });

    const reopen = async () => {
      await store.close();
      store = await underTest.open();
    };
    const actions = async () =>
      (await store.journal.list({ limit: 100 })).map(({ action }) => action);
    const addCluster = (cluster: string, uid: string) =>
      store.registry.add(
        {
          ...{ name: cluster, uid, labels: {}, source: "api" as const },
          registeredAt: "2026-01-01T00:00:00.000Z",
        },
        [line("ClusterAdded")],
      );

    describe("registry", () => {
      it("notes from when on Git names a cluster no longer, or has it suspended", async () => {
        await addCluster("prod-eu-1", "u1");
        await addCluster("prod-us-1", "u2");
        await store.registry.claimForGit(["prod-eu-1"]);
        const standing = async (
          named: readonly string[],
          suspended: readonly string[],
          at: string,
        ) => {
          await store.registry.recordStanding({ named, suspended }, at);
          await reopen();
          return (await store.registry.list()).map(
            ({ leftAt, suspendedAt }) => [leftAt, suspendedAt],
          );
        };
        const none = [null, null];
        const both = ["prod-eu-1", "prod-us-1"];
        expect(await standing([], ["prod-us-1"], "t1")).toEqual([
          ["t1", null],
          [null, "t1"],
        ]);
        expect(await standing([], ["prod-us-1"], "t2")).toEqual([
          ["t1", null],
          [null, "t1"],
        ]);
        expect(await standing(both, [], "t3")).toEqual([none, none]);
        expect(await standing([], [], "t4")).toEqual([["t4", null], none]);
      });

      it("adds a cluster once, with its line in the journal", async () => {
        expect(await addCluster("prod-eu-1", "u1")).toEqual({ ok: true });
        expect(await addCluster("prod-eu-1", "u2")).toEqual({
          ok: false,
          problem: "exists",
        });
        await reopen();
        expect(await store.registry.list()).toMatchObject([
          { name: "prod-eu-1", uid: "u1", phase: "Pending" },
        ]);
        expect(await actions()).toEqual(["ClusterAdded"]);
      });

      it("lets Git claim clusters that were added before, and only those that it names", async () => {
        await addCluster("prod-eu-1", "u1");
        await addCluster("edge-1", "u2");
        const registeredAt = "2026-01-01T00:00:00.000Z";
        expect(await store.registry.get("prod-eu-1")).toMatchObject({
          ...{ registeredAt, leftAt: null, suspendedAt: null },
        });
        await store.registry.claimForGit(["prod-eu-1", "none"]);
        await store.registry.claimForGit([]);
        await reopen();
        expect(await store.registry.list()).toMatchObject([
          { name: "edge-1", source: "api" },
          { name: "prod-eu-1", source: "git" },
        ]);
      });

      it("gives a join token to exactly one of many callers, also after a restart", async () => {
        await addCluster("prod-eu-1", "u1");
        const hash = "h1";
        await store.registry.addJoinToken({ hash, uid: "u1", expiresAt: late });
        const results = await Promise.all(
          Array.from({ length: 200 }, (_, index) =>
            store.registry.consumeJoinToken(hash, { key: `k${index}`, now }),
          ),
        );
        expect(results.filter(({ ok }) => ok)).toEqual([
          { ok: true, cluster: "prod-eu-1", uid: "u1" },
        ]);
        await reopen();
        expect(
          await store.registry.consumeJoinToken(hash, { key: "k", now }),
        ).toEqual({
          ok: false,
          problem: "used",
        });
      });

      it("keeps one unused token of an incarnation, and says when the one before would have expired", async () => {
        await addCluster("prod-eu-1", "u1");
        await addCluster("prod-us-1", "u2");
        const add = (hash: string, uid: string) =>
          store.registry.addJoinToken({ hash, uid, expiresAt: late });
        const consume = (hash: string) =>
          store.registry.consumeJoinToken(hash, { key: hash, now });
        expect(await add("a1", "u1")).toBeNull();
        expect(await add("b1", "u2")).toBeNull();
        expect(await add("a2", "u1")).toBe(late);
        expect(await consume("a1")).toMatchObject({ problem: "unknown" });
        expect(await consume("a2")).toMatchObject({ ok: true });
        expect(await consume("b1")).toMatchObject({ ok: true });
        // A token that was used is not ended: its spender may ask again.
        expect(await add("a3", "u1")).toBeNull();
      });

      it("gives a spent token again to the key that spent it, whose answer may have been lost, and to no other", async () => {
        await addCluster("prod-eu-1", "u1");
        const token = { hash: "h1", uid: "u1", expiresAt: late };
        await store.registry.addJoinToken(token);
        const consume = (key: string, at = now) =>
          store.registry.consumeJoinToken("h1", { key, now: at });
        expect(await consume("k1")).toMatchObject({ ok: true });
        // Also where the hub was killed before it gave that key a certificate.
        await reopen();
        expect(await consume("k1")).toMatchObject({ ok: true, uid: "u1" });
        expect(await consume("k2")).toMatchObject({ problem: "used" });
        await store.registry.recordCertificate(
          { uid: "u1", keys: ["k1"], notAfter: late, at: now },
          [],
        );
        expect(await consume("k1")).toMatchObject({ ok: true, uid: "u1" });
        expect(await consume("k2")).toMatchObject({ problem: "used" });
        expect(await consume("k1", late)).toMatchObject({ problem: "expired" });
      });

      it("does not give a spent token again to a key that has another incarnation by now", async () => {
        await addCluster("prod-eu-1", "u1");
        await addCluster("prod-us-1", "u2");
        const ask = async (hash: string) =>
          store.registry.consumeJoinToken(hash, { key: "k", now });
        for (const uid of ["u1", "u2"]) {
          const token = { hash: `of ${uid}`, uid, expiresAt: late };
          await store.registry.addJoinToken(token);
          expect(await ask(token.hash)).toMatchObject({ ok: true });
        }
        await store.registry.recordCertificate(
          { uid: "u2", keys: ["k"], notAfter: late, at: now },
          [],
        );
        expect(await ask("of u1")).toMatchObject({ problem: "keyInUse" });
        expect(await ask("of u2")).toMatchObject({ ok: true, uid: "u2" });
      });

      it("does not give a spent token again to a key that was renewed, but to one that joins anew", async () => {
        await addCluster("prod-eu-1", "u1");
        const add = (hash: string) =>
          store.registry.addJoinToken({ hash, uid: "u1", expiresAt: late });
        const ask = (hash: string, key: string) =>
          store.registry.consumeJoinToken(hash, { key, now });
        const record = (...keys: readonly string[]) =>
          store.registry.recordCertificate(
            { uid: "u1", keys, notAfter: late, at: now },
            [],
          );
        await add("h1");
        await ask("h1", "k1");
        await record("k1");
        await record("k2", "k1");
        expect(await ask("h1", "k1")).toMatchObject({ problem: "used" });
        expect(await ask("h1", "k2")).toMatchObject({ problem: "used" });
        await add("h2");
        await ask("h2", "k3");
        expect(await ask("h2", "k3")).toMatchObject({ ok: true });
      });

      it("refuses a token that is unknown, too old, or of a revoked incarnation", async () => {
        await addCluster("prod-eu-1", "u1");
        const consume = (hash: string) =>
          store.registry.consumeJoinToken(hash, { key: "k", now });
        expect(await consume("none")).toMatchObject({ problem: "unknown" });
        await store.registry.addJoinToken({
          hash: "old",
          uid: "u1",
          expiresAt: early,
        });
        expect(await consume("old")).toMatchObject({ problem: "expired" });
        await store.registry.addJoinToken({
          hash: "h",
          uid: "u1",
          expiresAt: late,
        });
        await store.registry.remove("prod-eu-1", [line("ClusterRemoved")]);
        expect(await consume("h")).toMatchObject({ problem: "revoked" });
      });

      it("keeps a token whose caller has the key of another incarnation", async () => {
        await addCluster("prod-eu-1", "u1");
        await addCluster("prod-us-1", "u2");
        const certificate = {
          uid: "u1",
          keys: ["k1"],
          notAfter: late,
          at: now,
        };
        await store.registry.recordCertificate(certificate, []);
        const token = { hash: "h", uid: "u2", expiresAt: late };
        await store.registry.addJoinToken(token);
        const consume = (key: string) =>
          store.registry.consumeJoinToken("h", { key, now });
        expect(await consume("k1")).toMatchObject({ problem: "keyInUse" });
        expect(await consume("k2")).toMatchObject({ ok: true });
      });

      it("makes a cluster Joined by its first certificate, and refuses one to a revoked uid", async () => {
        await addCluster("prod-eu-1", "u1");
        const certificate = {
          uid: "u1",
          keys: ["k1"],
          notAfter: late,
          at: now,
        };
        const record = () =>
          store.registry.recordCertificate(certificate, [line("Joined")]);
        expect(await record()).toBe(true);
        expect(await store.registry.get("prod-eu-1")).toMatchObject({
          phase: "Joined",
          joinedAt: now,
          keys: ["k1"],
          certificateNotAfter: late,
        });
        await store.registry.remove("prod-eu-1", []);
        expect(await record()).toBe(false);
        expect(await actions()).toEqual(["Joined", "ClusterAdded"]);
      });

      it("repoints a name to a new uid, revoking the old one, and remembers the proof", async () => {
        await addCluster("prod-eu-1", "u1");
        const change = {
          name: "prod-eu-1",
          uid: "u2",
          formerUid: "u1",
          startedAt: now,
        };
        expect(await store.registry.repoint(change, [line("Repoint")])).toEqual(
          { ok: true },
        );
        const record = await store.registry.findByUid("u1");
        expect(record).toMatchObject({
          name: "prod-eu-1",
          uid: "u2",
          phase: "Pending",
          revokedUids: ["u1"],
          repoint: { formerUid: "u1", readyAt: null },
        });
        expect(
          await store.registry.repoint({ ...change, name: "none" }, [
            line("Repoint"),
          ]),
        ).toMatchObject({ problem: "notFound" });
        expect(await actions()).toEqual(["Repoint", "ClusterAdded"]);
      });

      it("lets one of two repoints of an incarnation through, and stores nothing of the other", async () => {
        await addCluster("prod-eu-1", "u1");
        const to = { name: "prod-eu-1", formerUid: "u1", startedAt: now };
        const results = await Promise.all(
          ["u2", "u3"].map((uid) =>
            store.registry.repoint({ ...to, uid }, [line(`Repoint ${uid}`)]),
          ),
        );
        expect(results).toContainEqual({ ok: true });
        expect(results).toContainEqual({ ok: false, problem: "superseded" });
        const winner = results[0]?.ok === true ? "u2" : "u3";
        const loser = winner === "u2" ? "u3" : "u2";
        expect(await store.registry.get("prod-eu-1")).toMatchObject({
          ...{ uid: winner, revokedUids: ["u1"] },
        });
        expect(await store.registry.findByUid(loser)).toBeNull();
        expect(await actions()).toEqual([`Repoint ${winner}`, "ClusterAdded"]);
      });

      it("takes a removed cluster back with a new uid", async () => {
        await addCluster("prod-eu-1", "u1");
        await store.registry.remove("prod-eu-1", []);
        expect(await store.registry.remove("prod-eu-1", [])).toMatchObject({
          problem: "notFound",
        });
        expect(await addCluster("prod-eu-1", "u2")).toEqual({ ok: true });
        expect(await store.registry.get("prod-eu-1")).toMatchObject({
          phase: "Pending",
          revokedUids: ["u1"],
        });
      });

      it("revokes what it is told to for good, also a uid that it never had, and none of another cluster", async () => {
        await addCluster("prod-eu-1", "u1");
        await addCluster("prod-us-1", "v1");
        const { registry } = store;
        await registry.revokeUids("prod-eu-1", ["u1", "u0", "v1"]);
        await registry.revokeUids("prod-eu-1", ["u1"]);
        await registry.revokeUids("none", ["x1"]);
        expect(await registry.get("prod-eu-1")).toMatchObject({
          ...{ uid: "u1", revokedUids: ["u0", "u1"] },
        });
        expect((await registry.get("prod-us-1"))?.revokedUids).toEqual([]);
        expect((await registry.findByUid("u0"))?.name).toBe("prod-eu-1");
        expect(await registry.findByUid("x1")).toBeNull();
        await registry.remove("prod-eu-1", []);
        await addCluster("prod-eu-1", "u2");
        expect((await registry.get("prod-eu-1"))?.revokedUids).toEqual([
          "u0",
          "u1",
        ]);
      });

      it("remembers only the highest acknowledged version", async () => {
        await addCluster("prod-eu-1", "u1");
        for (const [epoch, seq] of [
          [1, 5],
          [1, 3],
          [2, 1],
          [1, 9],
        ] as const) {
          await store.registry.recordAcknowledgedFloor("u1", { epoch, seq });
        }
        expect(await store.registry.get("prod-eu-1")).toMatchObject({
          acknowledgedFloor: { epoch: 2, seq: 1 },
        });
      });
    });

    describe("credentials", () => {
      const credential = (
        kind: "token" | "session" | "code",
        hash: string,
        ends = late,
      ) =>
        ({
          hash,
          kind,
          name: "ci",
          role: "viewer",
          createdAt: early,
          expiresAt: ends,
        }) as const;

      it("finds a token by its hash until it ends", async () => {
        await store.credentials.add(credential("token", "h"), []);
        expect(await store.credentials.find("h", now)).toMatchObject({
          name: "ci",
          role: "viewer",
        });
        expect(await store.credentials.find("h", late)).toBeNull();
        expect(await store.credentials.find("x", now)).toBeNull();
      });

      it("refuses a second token of one name", async () => {
        const added = [line("TokenCreated")];
        expect(
          await store.credentials.add(credential("token", "h"), added),
        ).toBe(true);
        expect(
          await store.credentials.add(credential("token", "i"), added),
        ).toBe(false);
        expect(await actions()).toEqual(["TokenCreated"]);
      });

      it("gives a login code to exactly one caller, and never takes it for a token", async () => {
        await store.credentials.add(credential("code", "c"), []);
        expect(await store.credentials.find("c", now)).toBeNull();
        const results = await Promise.all([
          store.credentials.consumeCode("c", now),
          store.credentials.consumeCode("c", now),
        ]);
        expect(results.filter((found) => found !== null)).toHaveLength(1);
      });

      it("ends the sessions of a token with it", async () => {
        await store.credentials.add(credential("token", "h"), []);
        await store.credentials.add(credential("session", "s"), []);
        expect(await store.credentials.deleteToken("ci", [])).toBe(true);
        expect(await store.credentials.deleteToken("ci", [])).toBe(false);
        expect(await store.credentials.find("s", now)).toBeNull();
      });

      it("drops what has ended", async () => {
        await store.credentials.add(credential("session", "s", early), []);
        await store.credentials.deleteExpired(now);
        expect(await store.credentials.find("s", "2025")).toBeNull();
      });
    });

    describe("revisions, targets and artifacts", () => {
      it("makes the revision that was put last the head, with its targets", async () => {
        const a = exampleRevision("a");
        const b = exampleRevision("b");
        await store.revisions.putHead(a, [exampleTarget("prod-eu-1", "a")]);
        await store.revisions.putHead(b, [exampleTarget("prod-eu-1", "b")]);
        await reopen();
        expect(await store.revisions.head()).toEqual(b);
        expect(await store.revisions.get(a.revision.commit)).toEqual(a);
        expect(
          await store.revisions.target(a.revision.commit, "prod-eu-1"),
        ).toEqual(exampleTarget("prod-eu-1", "a"));
        expect(await store.revisions.targets(b.revision.commit)).toHaveLength(
          1,
        );
      });

      it("keeps artifacts byte by byte, and drops what nothing names", async () => {
        const kept = exampleArtifact("a");
        const dropped = exampleArtifact("other");
        await store.artifacts.put(
          new Map([
            [kept.reference.digest, kept.bytes],
            [dropped.reference.digest, dropped.bytes],
          ]),
        );
        const a = exampleRevision("a");
        await store.revisions.putHead(a, [exampleTarget("prod-eu-1", "a")]);
        expect(await store.artifacts.collectGarbage()).toBe(1);
        const bytes = await store.artifacts.get(kept.reference.digest);
        expect(Buffer.from(bytes ?? [])).toEqual(Buffer.from(kept.bytes));
        expect(
          await store.artifacts.missing([
            kept.reference.digest,
            dropped.reference.digest,
          ]),
        ).toEqual([dropped.reference.digest]);
      });

      it("retains the head and what it is told to", async () => {
        const all = ["a", "b", "c"].map(exampleRevision);
        for (const revision of all) await store.revisions.putHead(revision, []);
        await store.revisions.retain([all[1]?.revision.commit ?? ""]);
        const there = await Promise.all(
          all.map(({ revision }) => store.revisions.get(revision.commit)),
        );
        expect(there.map((found) => found !== null)).toEqual([
          false,
          true,
          true,
        ]);
      });

      it("keeps the renders that were used last", async () => {
        const [a, b, c] = ["a", "b", "c"].map(digestOf);
        if (a === undefined || b === undefined || c === undefined) return;
        for (const key of [a, b, c]) await store.renders.put(key, `${key} é`);
        expect(await store.renders.get(a)).toBe(`${a} é`);
        await store.renders.retain(2);
        expect(await store.renders.get(b)).toBeNull();
        expect(await store.renders.get(c)).not.toBeNull();
      });
    });

    describe("rollouts and assignments", () => {
      const commit = (
        expectedVersion: number,
        seqs: readonly number[] = [],
        confirmed: readonly number[] = [],
      ) =>
        store.rollouts.commit({
          name: "default",
          expectedVersion,
          state: exampleRolloutState("a"),
          issued: seqs.map((seq) => exampleAssignment("prod-eu-1", "u1", seq)),
          confirmed: confirmed.map((seq) => ({ uid: "u1", epoch: 1, seq })),
          at: now,
          journal: [line("Stepped")],
        });

      beforeEach(() => addCluster("prod-eu-1", "u1"));

      it("completes a repoint with its incarnation's first confirmation, and with no other's", async () => {
        const readyAt = async () =>
          (await store.registry.get("prod-eu-1"))?.repoint?.readyAt;
        const confirm = (uid: string, seq: number, at: string) =>
          store.rollouts.commit({
            ...{ name: "default", expectedVersion: 0, state: null, at },
            issued: [exampleAssignment("prod-eu-1", uid, seq)],
            confirmed: [{ uid, epoch: 1, seq }],
            journal: [],
          });
        await confirm("u1", 1, early);
        const change = { uid: "u2", formerUid: "u1", startedAt: now };
        await store.registry.repoint({ name: "prod-eu-1", ...change }, []);
        expect((await store.registry.get("prod-eu-1"))?.repoint).toMatchObject({
          formerRoot: exampleAssignment("prod-eu-1", "u1", 1).envelope.root,
          readyAt: null,
        });
        expect(await confirm("u1", 2, now)).toMatchObject({ ok: false });
        expect(await readyAt()).toBeNull();
        await confirm("u2", 2, now);
        await confirm("u2", 3, late);
        expect(await readyAt()).toBe(now);
        // By what held then, whatever it was issued and confirmed at later.
        const root = exampleAssignment("prod-eu-1", "u2", 2).envelope.root;
        expect((await store.registry.get("prod-eu-1"))?.repoint).toMatchObject({
          readyRoot: root,
          readyDiffering: [exampleBundle("2").spec.name],
        });
      });

      it("stores a step whole: state, assignments, confirmations and lines", async () => {
        expect(await commit(0, [1])).toEqual({ ok: true, version: 1 });
        expect(await commit(1, [], [1])).toEqual({ ok: true, version: 2 });
        await reopen();
        const stored = await store.rollouts.get("default");
        expect(stored).toEqual({
          version: 2,
          state: exampleRolloutState("a"),
          startedAt: now,
          completedAt: now,
        });
        const newest = await store.assignments.newest("u1");
        expect(newest?.envelope).toEqual(
          exampleAssignment("prod-eu-1", "u1", 1).envelope,
        );
        expect(newest?.confirmedAt).toBe(now);
        expect(await store.assignments.lastConfirmed("prod-eu-1")).toEqual(
          newest,
        );
        expect(await actions()).toEqual(["Stepped", "Stepped", "ClusterAdded"]);
      });

      it("lets one of two steps from the same version through, and stores nothing of the other", async () => {
        await commit(0);
        const results = await Promise.all([commit(1, [1]), commit(1, [2])]);
        expect(results.filter(({ ok }) => ok)).toHaveLength(1);
        expect(results).toContainEqual({ ok: false, problem: "conflict" });
        expect(await actions()).toHaveLength(3);
        expect((await store.registry.get("prod-eu-1"))?.issuedNumber).toEqual({
          ...{ epoch: 1, seq: 1, leaps: 0 },
        });
      });

      it("refuses a seq that is not new under the cluster's name, with all of its step", async () => {
        await commit(0, [5]);
        expect(await commit(1, [5])).toEqual({
          ok: false,
          problem: "seqNotNew",
        });
        expect(await commit(1, [4])).toMatchObject({ ok: false });
        expect(await store.rollouts.get("default")).toMatchObject({
          version: 1,
        });
      });

      it("refuses what is issued to an incarnation that was replaced, removed or never there, or confirms it, with all of its step", async () => {
        await commit(0, [1]);
        const superseded = { ok: false, problem: "superseded" };
        const change = { uid: "u2", formerUid: "u1", startedAt: now };
        await store.registry.repoint({ name: "prod-eu-1", ...change }, []);
        expect(await commit(1, [2])).toEqual(superseded);
        expect(await commit(1, [], [1])).toEqual(superseded);
        await store.registry.remove("prod-eu-1", []);
        const issue = (uid: string) =>
          store.rollouts.commit({
            ...{ name: "default", expectedVersion: 1, state: null, at: now },
            issued: [exampleAssignment("prod-eu-1", uid, 2)],
            ...{ confirmed: [], journal: [line("Issued")] },
          });
        expect(await issue("u2")).toEqual(superseded);
        expect(await issue("u3")).toEqual(superseded);
        expect((await store.registry.get("prod-eu-1"))?.issuedNumber).toEqual({
          ...{ epoch: 1, seq: 1, leaps: 0 },
        });
        expect(await store.assignments.lastConfirmed("prod-eu-1")).toBeNull();
        expect(await actions()).toEqual(["Stepped", "ClusterAdded"]);
      });

      it("counts numbers that were passed over under a name, whoever has it, and keeps the count", async () => {
        await commit(0, [1, 2, 9]);
        const change = { uid: "u2", formerUid: "u1", startedAt: now };
        await store.registry.repoint({ name: "prod-eu-1", ...change }, []);
        await reopen();
        expect((await store.registry.get("prod-eu-1"))?.issuedNumber).toEqual({
          ...{ epoch: 1, seq: 9, leaps: 1 },
        });
      });

      it("takes an assignment that cannot be read for lost, says so, and issues above it", async () => {
        await addCluster("prod-us-1", "v1");
        const { envelope, signed } = exampleAssignment("prod-eu-1", "u1", 2);
        const damaged = { ...signed, bytes: Buffer.from("{") };
        await commit(0, [1], [1]);
        const stored = await store.rollouts.commit({
          ...{ name: "default", expectedVersion: 1, state: null, at: now },
          issued: [
            { envelope, signed: damaged },
            exampleAssignment("prod-us-1", "v1", 1),
          ],
          confirmed: [{ uid: "u1", epoch: 1, seq: 2 }],
          journal: [],
        });
        expect(stored.ok).toBe(true);
        const { assignments } = store;
        const version = { epoch: 1, seq: 2 };
        expect((await assignments.newest("u1"))?.envelope.seq).toBe(1);
        expect(await assignments.get("u1", version)).toBeNull();
        const confirmed = await assignments.lastConfirmed("prod-eu-1");
        expect(confirmed?.envelope.seq).toBe(1);
        expect((await assignments.newest("v1"))?.envelope.seq).toBe(1);
        expect(assignments.unreadable()).toMatchObject([
          { cluster: "prod-eu-1", ...version },
        ]);
        expect(await commit(1, [2])).toMatchObject({ problem: "seqNotNew" });
        expect(await commit(1, [3])).toMatchObject({ ok: true });
      });

      it("keeps the first acknowledgement and the first confirmation", async () => {
        await commit(0, [1]);
        const version = { epoch: 1, seq: 1 };
        await store.assignments.acknowledge("u1", version, now);
        await store.assignments.acknowledge("u1", version, late);
        expect(await store.assignments.get("u1", version)).toMatchObject({
          acknowledgedAt: now,
          confirmedAt: null,
        });
      });

      it("tells which artifacts an incarnation may have", async () => {
        await commit(0, [1]);
        const { digest } = exampleArtifact("1").reference;
        expect(await store.assignments.names("u1", digest)).toBe(true);
        expect(await store.assignments.names("u2", digest)).toBe(false);
        expect(await store.assignments.names("u1", digestOf("no"))).toBe(false);
      });

      it("retains the newest and the newest confirmed", async () => {
        await commit(0, [1]);
        await commit(1, [2], [1, 2]);
        await commit(2, [3]);
        await commit(3, [4]);
        await store.assignments.retain(1);
        const seqs = await Promise.all(
          [1, 2, 3, 4].map((seq) =>
            store.assignments.get("u1", { epoch: 1, seq }),
          ),
        );
        expect(seqs.map((found) => found !== null)).toEqual([
          false,
          true,
          false,
          true,
        ]);
      });
    });

    describe("overrides and journal", () => {
      it("suspends a cluster and a bundle apart, once, and resumes them", async () => {
        const at = now;
        const actor = "operator-1";
        const cluster = "prod-eu-1";
        const whole = { cluster, bundle: null };
        const one = { cluster, bundle: "Kustomization/flux-system/webapp" };
        for (const subject of [whole, one, one]) {
          await store.overrides.suspend({ ...subject, actor, at }, []);
        }
        expect(await store.overrides.suspensions()).toEqual([
          { ...whole, actor, at },
          { ...one, actor, at },
        ]);
        expect(await store.overrides.resume(whole, [line("Resumed")])).toBe(
          true,
        );
        expect(await store.overrides.resume(whole, [line("Resumed")])).toBe(
          false,
        );
        expect(await actions()).toEqual(["Resumed"]);
      });

      it("keeps approved deletions until they are used", async () => {
        const approval = {
          cluster: "prod-eu-1",
          key: "ConfigMap/webapp/old",
          object: { group: "", kind: "ConfigMap", namespace: "w", name: "old" },
          actor: "operator-1",
          at: now,
        };
        await store.overrides.approvePrunes([approval], [line("Approved")]);
        expect(await store.overrides.pruneApprovals()).toEqual([approval]);
        await store.overrides.dropPruneApprovals([approval]);
        expect(await store.overrides.pruneApprovals()).toEqual([]);
      });

      it("lists lines newest first, in pages", async () => {
        await store.journal.append(["A", "B", "C"].map(line));
        const [first] = await store.journal.list({ limit: 1 });
        expect(first).toMatchObject({ action: "C", actor: "operator-1" });
        const rest = await store.journal.list({
          limit: 5,
          before: first?.id ?? 0,
        });
        expect(rest.map(({ action }) => action)).toEqual(["B", "A"]);
      });

      it.each([
        [0, []],
        [2, ["C", "B"]],
        [3, ["C", "B", "A"]],
        [9, ["C", "B", "A"]],
      ])("keeps the newest %i lines", async (count, expected) => {
        await store.journal.append(["A", "B", "C"].map(line));
        await store.journal.retain(count);
        const lines = await store.journal.list({ limit: 9 });
        expect(lines.map(({ action }) => action)).toEqual(expected);
      });
    });
  });
}
