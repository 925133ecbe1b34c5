import { createPublicKey, verify as checkSignature } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Envelope,
  type SignedEnvelope,
  createEnvelope,
  digestOf,
} from "@wheelhouse/assignment";
import fc from "fast-check";
import {
  type HubKeys,
  createFleetRoot,
  createHubKeys,
  delegationLifetimeMs,
  signEnvelope,
  verifyAssignment,
} from "./index.ts";
import { type FleetRoot } from "./fleet-root.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

const envelope = (change: Partial<Envelope> = {}): Envelope =>
  createEnvelope({
    fleet: "harbour",
    cluster: "prod-eu-1",
    audience: "uid-1",
    epoch: 1,
    seq: 5,
    revision: { commit: "0".repeat(40), lock: digestOf("none") },
    issuedAt: "2026-01-01T00:00:00Z",
    bundles: [],
    allowDelete: [],
    ...change,
  });

describe("verifying an assignment", () => {
  let root: FleetRoot;
  let keys: HubKeys;
  let next: HubKeys;
  let twin: HubKeys;
  let good: SignedEnvelope;

  beforeAll(async () => {
    root = await createFleetRoot("harbour", nowMs);
    keys = await createHubKeys(root, 1, nowMs);
    next = await createHubKeys(root, 2, nowMs);
    twin = await createHubKeys(root, 1, nowMs);
    good = signEnvelope(keys, envelope());
  });

  const verify = (
    signed: SignedEnvelope,
    change: {
      acknowledged?: SignedEnvelope | null;
      nowMs?: number | null;
      audience?: string;
    } = {},
  ) =>
    verifyAssignment({
      signed,
      pin: keys.pin,
      audience: "uid-1",
      acknowledged: null,
      nowMs,
      ...change,
    });

  it("takes what the root delegated and the hub signed", () => {
    expect(verify(good)).toMatchObject({ ok: true, step: "forward" });
    expect(verify(good, { acknowledged: good })).toMatchObject({
      ok: true,
      step: "same",
    });
  });

  it("takes a new epoch under the same root, from any seq on", () => {
    const rebuilt = signEnvelope(next, envelope({ epoch: 2, seq: 1 }));
    expect(verify(rebuilt, { acknowledged: good })).toMatchObject({ ok: true });
    expect(verify(good, { acknowledged: rebuilt })).toMatchObject({
      problem: "OlderThanAcknowledged",
    });
  });

  it("names what is wrong", () => {
    const older = signEnvelope(keys, envelope({ seq: 4 }));
    const other = signEnvelope(keys, envelope({ issuedAt: "later" }));
    const wrongEpoch = signEnvelope(keys, envelope({ epoch: 2 }));
    const wrongFleet = signEnvelope(keys, envelope({ fleet: "other" }));
    const noEnvelope = signEnvelope(keys, { ...envelope(), format: 2 as 1 });
    const sameEpoch = signEnvelope(twin, envelope({ seq: 6 }));
    expect(verify(older, { acknowledged: good })).toMatchObject({
      problem: "OlderThanAcknowledged",
    });
    expect(verify(other, { acknowledged: good })).toMatchObject({
      problem: "Equivocation",
    });
    expect(verify(sameEpoch, { acknowledged: good })).toMatchObject({
      problem: "EpochNotGrown",
    });
    expect(verify(wrongEpoch)).toMatchObject({ problem: "WrongEpoch" });
    expect(verify(wrongFleet)).toMatchObject({ problem: "WrongFleet" });
    expect(verify(noEnvelope)).toMatchObject({ problem: "Malformed" });
    expect(verify(good, { audience: "uid-2" })).toMatchObject({
      problem: "WrongAudience",
    });
  });

  it("refuses under a delegation that has ended, unless it was taken in time", () => {
    const later = nowMs + delegationLifetimeMs + 1;
    expect(verify(good, { nowMs: later })).toMatchObject({
      problem: "DelegationExpired",
    });
    expect(verify(good, { nowMs: null })).toMatchObject({ ok: true });
  });

  it("refuses the delegation of another root, and another's signature", async () => {
    const stranger = await createHubKeys(
      await createFleetRoot("harbour", nowMs),
      1,
      nowMs,
    );
    expect(verify(signEnvelope(stranger, envelope()))).toMatchObject({
      problem: "BadDelegation",
    });
    const { delegation } = good;
    const mixed = { ...signEnvelope(stranger, envelope()), delegation };
    expect(verify(mixed)).toMatchObject({ problem: "BadSignature" });
  });

  it("refuses the delegation of another fleet of the same root", () => {
    const pin = { ...keys.pin, fleet: "another" };
    const signed = signEnvelope(keys, envelope({ fleet: "another" }));
    const verdict = verifyAssignment({
      signed,
      pin,
      audience: "uid-1",
      acknowledged: null,
      nowMs,
    });
    expect(verdict).toMatchObject({
      problem: "WrongFleet",
      message: "delegation: for harbour",
    });
  });

  it("puts the domain in front of what is signed", () => {
    const key = createPublicKey({
      key: Buffer.from(keys.delegation.signingKey, "base64"),
      type: "spki",
      format: "der",
    });
    const { bytes, signature } = good;
    const inDomain = Buffer.concat([
      Buffer.from("wheelhouse.dev/assignment/v1\n"),
      bytes,
    ]);
    expect(checkSignature(null, inDomain, key, signature)).toBe(true);
    expect(checkSignature(null, bytes, key, signature)).toBe(false);
  });

  it("refuses any flipped bit, wherever it is", () => {
    const parts = ["bytes", "signature", "delegation"] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...parts),
        fc.nat(),
        fc.nat({ max: 7 }),
        (part, at, bit) => {
          const damaged = Buffer.from(good[part]);
          const index = at % damaged.length;
          damaged.writeUInt8(damaged.readUInt8(index) ^ (1 << bit), index);
          expect(verify({ ...good, [part]: damaged }).ok).toBe(false);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("refuses what is cut short or drawn out", () => {
    for (const part of ["bytes", "signature", "delegation"] as const) {
      const bytes = Buffer.from(good[part]);
      for (const changed of [
        bytes.subarray(0, -1),
        Buffer.concat([bytes, Buffer.of(0)]),
        Buffer.alloc(0),
      ]) {
        expect(verify({ ...good, [part]: changed }).ok).toBe(false);
      }
    }
  });
});
