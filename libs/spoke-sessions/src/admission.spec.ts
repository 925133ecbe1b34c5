import { describe, expect, it } from "vitest";
import { Admission, judge } from "./admission.ts";
import { authorityOf, identity, registered } from "./link.fixture.ts";
import { type PeerIdentity, type RegisteredCluster } from "./ports.ts";

describe("the registry's word about an identity", () => {
  it.each<[string, Partial<RegisteredCluster> | undefined, string | undefined]>(
    [
      ["lets the registered key in", {}, undefined],
      ["lets either of two keys in", { keys: ["k2", "k1"] }, undefined],
      ["lets the first in where no key is known", { keys: [] }, undefined],
      ["refuses another key", { keys: ["k2"] }, "UnknownKey"],
      ["refuses whom it does not know", undefined, "UnknownCluster"],
      ["refuses a revoked one", { state: "revoked" }, "Revoked"],
      ["refuses a superseded one", { state: "superseded" }, "Superseded"],
      ["refuses one that left", { state: "left" }, "LeftFleet"],
      [
        "refuses a certificate that names another cluster",
        { cluster: "prod-us-1" },
        "WrongIdentity",
      ],
      [
        "refuses that also where no key is known",
        { cluster: "prod-us-1", keys: [] },
        "WrongIdentity",
      ],
      [
        "says first that it is revoked, whatever its key",
        { state: "revoked", keys: ["k2"], cluster: "other" },
        "Revoked",
      ],
    ],
  )("%s", (_what, change, reason) => {
    const cluster = change && { ...registered, ...change };
    expect(judge(cluster, identity)?.reason).toBe(reason);
  });
});

describe("admission", () => {
  const admissionOf = (options: {
    readonly cluster?: RegisteredCluster | undefined;
    readonly certified?: PeerIdentity | undefined;
    readonly nowMs?: number;
    readonly isKept?: boolean;
  }) => {
    const recorded: unknown[] = [];
    const admission = new Admission({
      fleet: "harbour",
      authority: authorityOf({ readIdentity: () => options.certified }),
      clock: {
        nowMs: () => options.nowMs ?? 0,
        monotonicMs: () => 0,
        setTimer: () => () => undefined,
      },
      registry: {
        findByUid: () => options.cluster,
        consumeJoinToken: () => ({ ok: false, problem: "unknown" }),
        recordCertificate: (uid, facts) => {
          recorded.push([uid, facts]);
          return options.isKept ?? true;
        },
      },
    });
    return { admission, recorded };
  };
  const call = (raw?: Uint8Array) => ({
    getAuthContext: () => ({ sslPeerCertificate: raw && { raw } }),
  });
  const raw = Buffer.from("certificate");

  it("knows a caller by the certificate of the connection", () => {
    const { admission } = admissionOf({ certified: identity });
    expect(admission.identify(call(raw))).toEqual({ ok: true, identity });
  });

  it.each([
    ["no certificate", call(), identity, "Unauthenticated"],
    ["one that cannot be read", call(raw), undefined, "Unauthenticated"],
    [
      "one of another fleet",
      call(raw),
      { ...identity, fleet: "other" },
      "Unauthenticated",
    ],
    [
      "one that has ended",
      call(raw),
      { ...identity, notAfterMs: 1_000 },
      "CertificateExpired",
    ],
  ])("knows nobody by %s", (_what, from, certified, reason) => {
    const { admission } = admissionOf({ certified, nowMs: 1_000 });
    expect(admission.identify(from)).toMatchObject({
      ok: false,
      refusal: { reason },
    });
  });

  it("keeps the first key where none is known, and no other", async () => {
    const first = admissionOf({ cluster: { ...registered, keys: [] } });
    expect(await first.admission.check(identity)).toBeUndefined();
    expect(first.recorded).toEqual([
      ["u1", { keys: ["k1"], notAfterMs: identity.notAfterMs }],
    ]);
    const known = admissionOf({ cluster: registered });
    expect(await known.admission.check(identity)).toBeUndefined();
    const wrong = admissionOf({ cluster: { ...registered, keys: ["k2"] } });
    expect(await wrong.admission.check(identity)).toMatchObject({
      reason: "UnknownKey",
    });
    const revoked = admissionOf({
      cluster: { ...registered, keys: [], state: "revoked" },
    });
    expect(await revoked.admission.check(identity)).toMatchObject({
      reason: "Revoked",
    });
    const untouched = [known, wrong, revoked].map(({ recorded }) => recorded);
    expect(untouched).toEqual([[], [], []]);
  });

  it("refuses a first key that is revoked while it is kept", async () => {
    const { admission } = admissionOf({
      cluster: { ...registered, keys: [] },
      isKept: false,
    });
    expect(await admission.check(identity)).toMatchObject({
      reason: "Revoked",
    });
  });
});
