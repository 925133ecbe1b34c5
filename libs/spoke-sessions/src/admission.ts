import { type Clock } from "@wheelhouse/clock";
import { type LinkReason } from "@wheelhouse/protocol";
import {
  type CertificateAuthority,
  type PeerIdentity,
  type RegisteredCluster,
  type SpokeRegistry,
} from "./ports.ts";

/** Why a caller is not let in. */
export interface LinkRefusal {
  readonly reason: LinkReason;
  readonly details: string;
}

/** Who calls, or why that is nobody. */
export type IdentityResult =
  | { readonly ok: true; readonly identity: PeerIdentity }
  | { readonly ok: false; readonly refusal: LinkRefusal };

/** The part of a call that tells who calls. */
export interface AuthenticatedCall {
  getAuthContext(): {
    readonly sslPeerCertificate?: { readonly raw?: Uint8Array } | undefined;
  };
}

/** Who may use the link: by certificate, and nothing else. */
export class Admission {
  readonly #fleet: string;
  readonly #authority: CertificateAuthority;
  readonly #registry: SpokeRegistry;
  readonly #clock: Clock;

  constructor(options: {
    fleet: string;
    authority: CertificateAuthority;
    registry: SpokeRegistry;
    clock: Clock;
  }) {
    this.#fleet = options.fleet;
    this.#authority = options.authority;
    this.#registry = options.registry;
    this.#clock = options.clock;
  }

  /** Whom the call's certificate names. The context is empty for no certificate, and for one that does not lead to the root. */
  identify(call: AuthenticatedCall): IdentityResult {
    const { raw } = call.getAuthContext().sslPeerCertificate ?? {};
    const identity =
      raw === undefined ? undefined : this.#authority.readIdentity(raw);
    if (identity === undefined || identity.fleet !== this.#fleet) {
      return refuse("Unauthenticated", "no certificate of this fleet");
    }
    return identity.notAfterMs <= this.#clock.nowMs()
      ? refuse("CertificateExpired", "certificate has ended")
      : { ok: true, identity };
  }

  /** Whether the registry lets an identity in; undefined if so. Where the registry has the uid and no key for it, as after the restore of a backup made before the join, it takes this one. */
  async check(identity: PeerIdentity): Promise<LinkRefusal | undefined> {
    const cluster = await this.#registry.findByUid(identity.uid);
    const refusal = judge(cluster, identity);
    if (refusal !== undefined || cluster?.keys.length !== 0) return refusal;
    const isKept = await this.#registry.recordCertificate(identity.uid, {
      keys: [identity.keyHash],
      notAfterMs: identity.notAfterMs,
    });
    return isKept
      ? undefined
      : { reason: "Revoked", details: `${identity.uid}: revoked meanwhile` };
  }
}

/** What the registry says about an identity. */
export function judge(
  cluster: RegisteredCluster | undefined,
  identity: PeerIdentity,
): LinkRefusal | undefined {
  const { uid, keyHash } = identity;
  if (cluster === undefined) {
    return { reason: "UnknownCluster", details: `${uid}: not registered` };
  }
  switch (cluster.state) {
    case "revoked":
      return { reason: "Revoked", details: `${uid}: revoked` };
    case "superseded":
      return { reason: "Superseded", details: `${uid}: superseded` };
    case "left":
      return {
        reason: "LeftFleet",
        details: `${uid}: Git names its cluster no longer`,
      };
    case "active":
      break;
  }
  if (cluster.cluster !== identity.cluster) {
    return {
      reason: "WrongIdentity",
      details: `${uid}: the certificate names another cluster`,
    };
  }
  return cluster.keys.length === 0 || cluster.keys.includes(keyHash)
    ? undefined
    : { reason: "UnknownKey", details: `${uid}: not its key` };
}

function refuse(reason: LinkReason, details: string): IdentityResult {
  return { ok: false, refusal: { reason, details } };
}
