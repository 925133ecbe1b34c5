import { createHash, randomBytes } from "node:crypto";
import { type Clock } from "@wheelhouse/clock";
import {
  type Decoded,
  type JoinAnswer,
  type JoinRequest,
  type LinkReason,
  type RenewAnswer,
  type RenewRequest,
  renewalSignatureDomain,
} from "@wheelhouse/protocol";
import { type LinkRefusal, judge } from "./admission.ts";
import {
  type CertificateAuthority,
  type PeerIdentity,
  type RegisteredCluster,
  type SessionLog,
  type SpokeRegistry,
} from "./ports.ts";

/** What an enrolment call yields. */
export type EnrollmentResult<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly refusal: LinkRefusal };

/** What enrolment needs. */
export interface EnrollmentOptions {
  readonly fleet: string;
  readonly registry: SpokeRegistry;
  readonly authority: CertificateAuthority;
  readonly clock: Clock;
  readonly log: SessionLog;
}

const tokenReasons = {
  unknown: "TokenUnknown",
  expired: "TokenExpired",
  used: "TokenUsed",
  revoked: "Revoked",
  keyInUse: "KeyInUse",
} as const satisfies Record<string, LinkReason>;

/** Live keys of one uid: the one that asked, and the one that it asked for. */
const liveKeys = 2;

/** Joins and renewals: certificates from the registry's facts, never from a request's. */
export class Enrollment {
  readonly #options: EnrollmentOptions;

  constructor(options: EnrollmentOptions) {
    this.#options = options;
  }

  /** Spends a token for a certificate. Everything that can be refused without spending it is refused first. */
  async join(
    request: Decoded<JoinRequest>,
  ): Promise<EnrollmentResult<JoinAnswer>> {
    if (request.kind !== "joinRequest") return malformed();
    const { fleet, registry, authority, clock, log } = this.#options;
    const csr = await this.#readRequest(request.certificateRequest);
    if (!csr.ok) return csr;
    const consumed = await registry.consumeJoinToken(
      authority.hashToken(request.token),
      {
        keyHash: authority.hashPublicKey(csr.answer),
        kubeSystemUid: request.kubeSystemUid,
        nowMs: clock.nowMs(),
      },
    );
    if (!consumed.ok) {
      const reason = tokenReasons[consumed.problem];
      const level = consumed.problem === "used" ? "warn" : "info";
      log({ level, message: "join refused", reason });
      return refuse(reason, `join token: ${consumed.problem}`);
    }
    const { cluster, uid } = consumed;
    const issued = await this.#issue(consumed, csr.answer, undefined);
    if (!issued.ok) return issued;
    return {
      ok: true,
      answer: {
        kind: "joinAnswer",
        certificateChain: issued.answer,
        fleet,
        cluster,
        uid,
      },
    };
  }

  /** Renews a certificate; `ask` sends an answer and waits for the next message. */
  async renew(
    start: Decoded<RenewRequest> | undefined,
    ask: (answer: RenewAnswer) => Promise<Decoded<RenewRequest> | undefined>,
  ): Promise<EnrollmentResult<RenewAnswer>> {
    if (start?.kind !== "renewalStart") return malformed();
    const { authority, clock } = this.#options;
    const [leaf] = start.certificateChain;
    const identity = await authority.readRenewal(
      start.certificateChain,
      clock.nowMs(),
    );
    if (identity === undefined || leaf === undefined) {
      return refuse("Unauthenticated", "not a chain that can be renewed");
    }
    const nonce = randomBytes(32);
    const proof = await ask({ kind: "renewalNonce", nonce });
    if (proof?.kind !== "renewalProof") return malformed();
    const request = proof.certificateRequest;
    const signed = Buffer.concat([
      Buffer.from(renewalSignatureDomain),
      nonce,
      createHash("sha256").update(request).digest(),
    ]);
    if (!authority.isProof(leaf, signed, proof.signature)) {
      return refuse("BadProof", "the proof is not by the certificate's key");
    }
    return this.#renewFor(identity, request);
  }

  /** The registry is asked after the proof, so that it is as fresh as can be. A cluster that left the fleet may renew, and do nothing else: it may come back. */
  async #renewFor(
    identity: PeerIdentity,
    request: Uint8Array,
  ): Promise<EnrollmentResult<RenewAnswer>> {
    const csr = await this.#readRequest(request);
    if (!csr.ok) return csr;
    const cluster = await this.#options.registry.findByUid(identity.uid);
    const refusal = judge(
      cluster?.state === "left" ? { ...cluster, state: "active" } : cluster,
      identity,
    );
    if (refusal !== undefined || cluster === undefined) {
      return {
        ok: false,
        refusal: refusal ?? { reason: "UnknownCluster", details: identity.uid },
      };
    }
    const issued = await this.#issue(cluster, csr.answer, identity.keyHash);
    if (!issued.ok) return issued;
    return {
      ok: true,
      answer: { kind: "renewalResult", certificateChain: issued.answer },
    };
  }

  async #readRequest(
    request: Uint8Array,
  ): Promise<EnrollmentResult<Uint8Array>> {
    const { authority, clock } = this.#options;
    if (!authority.canIssue(clock.nowMs())) {
      return refuse("DelegationExpired", "the hub's delegation has ended");
    }
    const csr = await authority.readRequest(request);
    return csr.ok
      ? { ok: true, answer: csr.publicKey }
      : refuse("BadCertificateRequest", csr.problem);
  }

  async #issue(
    { uid, cluster }: Pick<RegisteredCluster, "uid" | "cluster">,
    publicKey: Uint8Array,
    askedBy: string | undefined,
  ): Promise<EnrollmentResult<readonly Uint8Array[]>> {
    const { registry, authority, clock, log } = this.#options;
    const issued = await authority.issue(
      { uid, cluster },
      publicKey,
      clock.nowMs(),
    );
    const keys = new Set([issued.keyHash, askedBy ?? issued.keyHash]);
    const isKept = await registry.recordCertificate(uid, {
      keys: [...keys].slice(0, liveKeys),
      notAfterMs: issued.notAfterMs,
    });
    if (!isKept) return refuse("Revoked", `${uid}: revoked meanwhile`);
    log({ level: "info", message: "certificate issued", uid });
    return { ok: true, answer: issued.chain };
  }
}

function refuse(
  reason: LinkReason,
  details: string,
): { ok: false; refusal: LinkRefusal } {
  return { ok: false, refusal: { reason, details } };
}

function malformed() {
  return refuse("Malformed", "message cannot be read, or is out of turn");
}
