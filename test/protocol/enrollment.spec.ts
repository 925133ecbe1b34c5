import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { joinFleet, renewCertificate } from "@wheelhouse/hub-session";
import { renewalSignatureDomain } from "@wheelhouse/protocol";
import { defaultSessionLimits } from "@wheelhouse/spoke-sessions";
import { ManualClock, waitUntil } from "@wheelhouse/testing";
import {
  type SpokeKey,
  createSpokeKey,
  issueSpokeCertificate,
  readCertificateRequest,
  readSpokeIdentity,
} from "@wheelhouse/trust";
import { createKeys, fleet } from "./harness/fleet.ts";
import { dial, failureOf, soon } from "./harness/raw-link.ts";
import { type TestHub, startTestHub } from "./harness/test-hub.ts";
import { joinSpoke } from "./harness/test-spoke.ts";

const uid = "00000000-0000-4000-8000-000000000001";
const dayMs = 86_400_000;

describe("enrolment", () => {
  let hub: TestHub;
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    const { keys } = await createKeys(clock.nowMs());
    hub = await startTestHub({ keys, clock });
  });

  afterEach(() => hub.stop());

  const join = async (token: Uint8Array, key?: SpokeKey, port = hub.port) =>
    joinFleet({
      hubAddress: `localhost:${port}`,
      rootCertificate: hub.keys.pin.certificate,
      token,
      key: key ?? (await createSpokeKey()),
      kubeSystemUid: "ks-1",
      signal: soon(),
    });

  const renew = (
    certificateChain: readonly Uint8Array[],
    key: Pick<SpokeKey, "createRequest" | "sign">,
  ) =>
    renewCertificate({
      hubAddress: `localhost:${hub.port}`,
      rootCertificate: hub.keys.pin.certificate,
      certificateChain,
      key,
      signal: soon(),
    });

  describe("by a token", () => {
    it("gives a certificate of the registry's facts for a day", async () => {
      const result = await join(hub.invite("prod-eu-1", uid));
      expect(result).toMatchObject({ ok: true, cluster: "prod-eu-1", uid });
      const [leaf = new Uint8Array()] = result.ok
        ? result.certificateChain
        : [];
      const identity = readSpokeIdentity(leaf);
      expect(identity).toMatchObject({ fleet, cluster: "prod-eu-1", uid });
      const leftMs = (identity?.notAfterMs ?? 0) - clock.nowMs();
      expect(Math.abs(leftMs - dayMs)).toBeLessThan(2_000);
      expect(hub.registry.findByUid(uid)?.keys).toEqual([identity?.keyHash]);
    });

    it("works once", async () => {
      const token = hub.invite("prod-eu-1", uid);
      await join(token);
      expect(await join(token)).toMatchObject({
        ok: false,
        failure: { reason: "TokenUsed" },
      });
      expect(hub.log.some(({ reason }) => reason === "TokenUsed")).toBe(true);
    });

    it("does not work when the token has ended or was never made", async () => {
      const token = hub.invite("prod-eu-1", uid, 60_000);
      clock.advance(60_001);
      expect(await join(token)).toMatchObject({
        failure: { reason: "TokenExpired" },
      });
      expect(await join(new Uint8Array(32))).toMatchObject({
        failure: { reason: "TokenUnknown" },
      });
    });

    it("lets exactly one of many that race win", async () => {
      const token = hub.invite("prod-eu-1", uid);
      const keys = await Promise.all(
        Array.from({ length: 40 }, () => createSpokeKey()),
      );
      const results = await Promise.all(keys.map((key) => join(token, key)));
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      expect(hub.registry.findByUid(uid)?.keys).toHaveLength(1);
    });

    it("answers a key that asks again, as after a lost answer, and no second key", async () => {
      const token = hub.invite("prod-eu-1", uid);
      const key = await createSpokeKey();
      const results = await Promise.all(
        Array.from({ length: 40 }, () => join(token, key)),
      );
      expect(results.some(({ ok }) => ok)).toBe(true);
      expect(hub.registry.findByUid(uid)?.keys).toHaveLength(1);
    });

    it("does not spend the token on a request that cannot be read", async () => {
      const token = hub.invite("prod-eu-1", uid);
      const key = await createSpokeKey();
      const bad = {
        ...key,
        createRequest: async () =>
          (await key.createRequest()).map((b) => b ^ 1),
      };
      expect(await join(token, bad)).toMatchObject({
        failure: { reason: "BadCertificateRequest" },
      });
      expect(await join(token, key)).toMatchObject({ ok: true });
    });

    it("is refused when the hub's delegation has ended", async () => {
      const token = hub.invite("prod-eu-1", uid, 500 * dayMs);
      clock.advance(366 * dayMs);
      expect(await join(token)).toMatchObject({
        failure: { reason: "DelegationExpired" },
      });
    });

    it("is not offered to a hub of another root", async () => {
      const other = await createKeys(Date.now());
      const result = await joinFleet({
        hubAddress: `localhost:${hub.port}`,
        rootCertificate: other.keys.pin.certificate,
        token: hub.invite("prod-eu-1", uid),
        key: await createSpokeKey(),
        kubeSystemUid: "ks-1",
        signal: soon(),
      });
      expect(result).toMatchObject({ failure: { reason: null } });
      expect([...hub.registry.tokens.values()][0]?.isUsed).toBe(false);
    });
  });

  describe("by renewal", () => {
    it("is open to a cluster that Git names no longer: it may come back", async () => {
      const spoke = await joinSpoke(hub, "prod-eu-1", uid);
      hub.registry.update(uid, { state: "left" });
      expect(await renew(spoke.chain, spoke.key)).toMatchObject({ ok: true });
    });

    it("gives a new certificate for the registered key", async () => {
      const spoke = await joinSpoke(hub, "prod-eu-1", uid);
      clock.advance(dayMs / 2);
      const result = await renew(spoke.chain, spoke.key);
      expect(result).toMatchObject({ ok: true });
      const [leaf = new Uint8Array()] = result.ok
        ? result.certificateChain
        : [];
      expect(readSpokeIdentity(leaf)).toMatchObject({ uid });
    });

    it("works 89 days after the end, and not 92", async () => {
      const spoke = await joinSpoke(hub, "prod-eu-1", uid);
      clock.advance(90 * dayMs);
      expect(await renew(spoke.chain, spoke.key)).toMatchObject({ ok: true });
      clock.advance(3 * dayMs);
      expect(await renew(spoke.chain, spoke.key)).toMatchObject({
        failure: { reason: "Unauthenticated" },
      });
    });

    it.each([
      ["revoked", "Revoked"],
      ["superseded", "Superseded"],
    ] as const)("is refused to one that is %s", async (state, reason) => {
      const spoke = await joinSpoke(hub, "prod-eu-1", uid);
      hub.registry.update(uid, { state });
      expect(await renew(spoke.chain, spoke.key)).toMatchObject({
        failure: { reason },
      });
    });

    it("is refused to one who has the certificate and not the key", async () => {
      const spoke = await joinSpoke(hub, "prod-eu-1", uid);
      const thief = await createSpokeKey();
      expect(await renew(spoke.chain, thief)).toMatchObject({
        failure: { reason: "BadProof" },
      });
    });

    it("is refused to a key that the registry does not know", async () => {
      const spoke = await joinSpoke(hub, "prod-eu-1", uid);
      hub.registry.update(uid, { keys: ["0".repeat(64)] });
      expect(await renew(spoke.chain, spoke.key)).toMatchObject({
        failure: { reason: "UnknownKey" },
      });
    });

    it("is refused to a chain of another root that names a registered cluster", async () => {
      await joinSpoke(hub, "prod-eu-1", uid);
      const { keys } = await createKeys(clock.nowMs());
      const key = await createSpokeKey();
      const forged = await forge(keys, key, clock.nowMs());
      expect(await renew(forged, key)).toMatchObject({
        failure: { reason: "Unauthenticated" },
      });
    });

    it("keeps at most the key that asked and the one it asked for", async () => {
      const spoke = await joinSpoke(hub, "prod-eu-1", uid);
      for (let round = 0; round < 3; round += 1) {
        const next = await createSpokeKey();
        await renew(spoke.chain, {
          createRequest: () => next.createRequest(),
          sign: (bytes) => spoke.key.sign(bytes),
        });
      }
      expect(hub.registry.findByUid(uid)?.keys).toHaveLength(2);
    });

    it("does not take a proof over another nonce", async () => {
      const spoke = await joinSpoke(hub, "prod-eu-1", uid);
      const call = dial(hub, null).renew(soon());
      const request = await spoke.key.createRequest();
      const signed = Buffer.concat([
        Buffer.from(renewalSignatureDomain),
        new Uint8Array(32),
        createHash("sha256").update(request).digest(),
      ]);
      call.send({ kind: "renewalStart", certificateChain: spoke.chain });
      call.send({
        kind: "renewalProof",
        certificateRequest: request,
        signature: spoke.key.sign(signed),
      });
      expect(await failureOf(call.messages)).toMatchObject({
        reason: "BadProof",
      });
    });

    it("ends a call whose caller says nothing", async () => {
      const call = dial(hub, null).renew(soon());
      const failure = failureOf(call.messages);
      call.onceDrained(() => undefined);
      await waitUntil("the hub waits", () => clock.pending > 0);
      clock.advance(10_000);
      expect(await failure).toMatchObject({ reason: "Malformed" });
    });
  });

  describe("from many at once", () => {
    /** Renewals that begin from this address, and say nothing; resolves once one more was refused. */
    async function fillShare() {
      const client = dial(hub, null);
      const { enrollmentsPerAddress } = defaultSessionLimits;
      const calls = Array.from({ length: enrollmentsPerAddress + 1 }, () =>
        failureOf(client.renew(soon()).messages),
      );
      const first = await Promise.race(calls);
      expect(first).toMatchObject({ reason: "TooMany" });
      return { client, calls };
    }

    it("leaves others their places where one address has taken all of its own", async () => {
      const { client, calls } = await fillShare();
      const token = hub.invite("prod-eu-1", uid);
      expect(await join(token)).toMatchObject({
        failure: { reason: "TooMany" },
      });
      const other = await startSideDoor(hub.port, "127.0.0.2");
      expect(
        await join(token, await createSpokeKey(), other.port),
      ).toMatchObject({ ok: true, uid });
      await other.close();
      client.close();
      await Promise.all(calls);
    });

    it("takes a place back from whom nothing is heard for 10 s", async () => {
      const { client, calls } = await fillShare();
      const token = hub.invite("prod-eu-1", uid);
      clock.advance(defaultSessionLimits.firstMessageMs - 1);
      expect(await join(token)).toMatchObject({
        failure: { reason: "TooMany" },
      });
      clock.advance(1);
      const reasons = (await Promise.all(calls)).map((one) => one?.reason);
      expect(reasons.filter((one) => one === "Malformed")).toHaveLength(16);
      expect(await join(token)).toMatchObject({ ok: true, uid });
      client.close();
    });
  });

  async function forge(
    keys: Awaited<ReturnType<typeof createKeys>>["keys"],
    key: SpokeKey,
    nowMs: number,
  ) {
    const request = await readCertificateRequest(await key.createRequest());
    if (!request.ok) throw new Error(request.problem);
    const { chain } = await issueSpokeCertificate(keys, {
      cluster: "prod-eu-1",
      uid,
      publicKey: request.publicKey,
      nowMs,
    });
    return chain;
  }
});

/** Passes connections on to a port, and dials it from another address of this machine. */
async function startSideDoor(port: number, localAddress: string) {
  const server = createServer((socket) => {
    const onward = connect({ host: "127.0.0.1", port, localAddress });
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
