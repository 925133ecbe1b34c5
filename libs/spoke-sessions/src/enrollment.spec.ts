import { holdingSystemClock } from "@wheelhouse/system-clock";
import { type RenewRequest } from "@wheelhouse/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { Enrollment } from "./enrollment.ts";
import { authorityOf, identity, registered } from "./link.fixture.ts";
import {
  type CertificateAuthority,
  type JoinTokenResult,
  type RegisteredCluster,
} from "./ports.ts";

let spent: unknown[];
let recorded: { uid: string; keys: readonly string[] }[];
beforeEach(() => {
  [spent, recorded] = [[], []];
});

const enrollmentOf = (
  options: {
    readonly authority?: Partial<CertificateAuthority>;
    readonly token?: JoinTokenResult;
    readonly cluster?: RegisteredCluster | null;
    readonly isKept?: boolean;
  } = {},
) =>
  new Enrollment({
    fleet: "harbour",
    authority: authorityOf(options.authority),
    clock: { ...holdingSystemClock, nowMs: () => 1_000 },
    log: () => undefined,
    registry: {
      findByUid: () =>
        options.cluster === null ? undefined : (options.cluster ?? registered),
      consumeJoinToken: (hash, facts) => {
        spent.push([hash, facts]);
        return options.token ?? { ok: true, cluster: "prod-eu-1", uid: "u1" };
      },
      recordCertificate: (uid, { keys }) => {
        recorded.push({ uid, keys });
        return options.isKept ?? true;
      },
    },
  });

const joinRequest = {
  kind: "joinRequest",
  token: Buffer.from("secret"),
  certificateRequest: Buffer.from("csr"),
  kubeSystemUid: "ks-1",
} as const;

describe("a join", () => {
  it("spends the token's hash for the key that asks, and names what the registry names", async () => {
    expect(await enrollmentOf().join(joinRequest)).toMatchObject({
      ok: true,
      answer: { fleet: "harbour", cluster: "prod-eu-1", uid: "u1" },
    });
    expect(spent).toEqual([
      [
        "hash of secret",
        { keyHash: "hash of public", kubeSystemUid: "ks-1", nowMs: 1_000 },
      ],
    ]);
    expect(recorded).toEqual([{ uid: "u1", keys: ["new"] }]);
  });

  it.each<[string, Partial<CertificateAuthority>, string]>([
    [
      "the delegation has ended",
      { canIssue: () => false },
      "DelegationExpired",
    ],
    [
      "the request is bad",
      { readRequest: () => ({ ok: false, problem: "weak" }) },
      "BadCertificateRequest",
    ],
  ])("does not touch the token where %s", async (_why, authority, reason) => {
    const result = await enrollmentOf({ authority }).join(joinRequest);
    expect(result).toMatchObject({ ok: false, refusal: { reason } });
    expect([spent, recorded]).toEqual([[], []]);
  });

  it.each([
    ["unknown", "TokenUnknown"],
    ["expired", "TokenExpired"],
    ["used", "TokenUsed"],
    ["revoked", "Revoked"],
    ["keyInUse", "KeyInUse"],
  ] as const)(
    "issues nothing for a token that is %s",
    async (problem, reason) => {
      const token = { ok: false, problem } as const;
      const result = await enrollmentOf({ token }).join(joinRequest);
      expect(result).toMatchObject({ ok: false, refusal: { reason } });
      expect(recorded).toEqual([]);
    },
  );

  it("hands nothing out for a cluster that is revoked meanwhile", async () => {
    const result = await enrollmentOf({ isKept: false }).join(joinRequest);
    expect(result).toMatchObject({ refusal: { reason: "Revoked" } });
  });

  it("refuses what cannot be read", async () => {
    const malformed = { kind: "malformed", problem: "" } as const;
    expect(await enrollmentOf().join(malformed)).toMatchObject({
      refusal: { reason: "Malformed" },
    });
  });
});

describe("a renewal", () => {
  const start: RenewRequest = {
    kind: "renewalStart",
    certificateChain: [Buffer.from("leaf")],
  };
  const proof: RenewRequest = {
    kind: "renewalProof",
    certificateRequest: Buffer.from("csr"),
    signature: Buffer.from("signature"),
  };
  const renew = (options: Parameters<typeof enrollmentOf>[0] = {}) =>
    enrollmentOf(options).renew(start, () => Promise.resolve(proof));

  it("keeps the key that asks and the one that it asks for, newest first", async () => {
    expect(await renew()).toMatchObject({ ok: true });
    expect(recorded).toEqual([{ uid: "u1", keys: ["new", "k1"] }]);
  });

  it("takes a fresh nonce for each call", async () => {
    const nonces: string[] = [];
    for (const _ of [1, 2]) {
      await enrollmentOf().renew(start, (answer) => {
        if (answer.kind === "renewalNonce") {
          nonces.push(Buffer.from(answer.nonce).toString("hex"));
        }
        return Promise.resolve(proof);
      });
    }
    expect(nonces.map(({ length }) => length)).toEqual([64, 64]);
    expect(new Set(nonces).size).toBe(2);
  });

  it.each<[string, Parameters<typeof enrollmentOf>[0], string]>([
    [
      "a chain that cannot be renewed",
      { authority: { readRenewal: () => undefined } },
      "Unauthenticated",
    ],
    [
      "a proof by another key",
      { authority: { isProof: () => false } },
      "BadProof",
    ],
    [
      "a delegation that has ended",
      { authority: { canIssue: () => false } },
      "DelegationExpired",
    ],
    ["a cluster that nobody knows", { cluster: null }, "UnknownCluster"],
    [
      "a revoked cluster",
      { cluster: { ...registered, state: "revoked" } },
      "Revoked",
    ],
    [
      "a superseded cluster",
      { cluster: { ...registered, state: "superseded" } },
      "Superseded",
    ],
    [
      "a key that is not the registered one",
      { cluster: { ...registered, keys: ["k2"] } },
      "UnknownKey",
    ],
    [
      "a certificate that names another cluster",
      { cluster: { ...registered, cluster: "prod-us-1" } },
      "WrongIdentity",
    ],
  ])("is refused for %s", async (_what, options, reason) => {
    expect(await renew(options)).toMatchObject({
      ok: false,
      refusal: { reason },
    });
    expect(recorded).toEqual([]);
  });

  it("is open to a cluster that Git names no longer, but to its own key only", async () => {
    const left = { ...registered, state: "left" } as const;
    expect(await renew({ cluster: left })).toMatchObject({ ok: true });
    const other = { ...left, keys: ["k2"] };
    expect(await renew({ cluster: other })).toMatchObject({
      refusal: { reason: "UnknownKey" },
    });
    expect(identity.keyHash).toBe("k1");
  });
});
