import { createHash } from "node:crypto";
import {
  type Decoded,
  type DuplexCall,
  type LinkFailure,
  type RenewAnswer,
  type RenewRequest,
  createLinkClient,
  readLinkFailure,
  renewalSignatureDomain,
} from "@wheelhouse/protocol";
import { type RequestingKey } from "./ports.ts";

/** How a hub is found, and by what it must prove itself. */
export interface HubEndpoint {
  /** `host:port`. */
  readonly hubAddress: string;
  /** PEM of the pinned root. */
  readonly rootCertificate: string;
}

/** What a join needs. */
export interface JoinFleetOptions extends HubEndpoint {
  /** The 32 bytes of the token's secret. Its fingerprint has been compared with the pin. */
  readonly token: Uint8Array;
  readonly key: RequestingKey;
  readonly kubeSystemUid: string;
  readonly signal: AbortSignal;
}

/** What a join yields: a chain (DER, leaf first) and whom it names. */
export type JoinFleetResult =
  | {
      readonly ok: true;
      readonly certificateChain: readonly Uint8Array[];
      readonly fleet: string;
      readonly cluster: string;
      readonly uid: string;
    }
  | { readonly ok: false; readonly failure: LinkFailure };

/** Spends a join token for a certificate. The key has to be durable before: what a token bought is lost without it. */
export async function joinFleet(
  options: JoinFleetOptions,
): Promise<JoinFleetResult> {
  const { hubAddress, rootCertificate, token, kubeSystemUid } = options;
  const client = createLinkClient({
    address: hubAddress,
    rootCertificate,
    identity: null,
  });
  try {
    const answer = await client.join(
      {
        kind: "joinRequest",
        token,
        certificateRequest: await options.key.createRequest(),
        kubeSystemUid,
      },
      options.signal,
    );
    if (answer.kind !== "joinAnswer") return refuse(malformed());
    const { certificateChain, fleet, cluster, uid } = answer;
    return { ok: true, certificateChain, fleet, cluster, uid };
  } catch (error) {
    return refuse(readLinkFailure(error));
  } finally {
    client.close();
  }
}

/** What a renewal needs. */
export interface RenewCertificateOptions extends HubEndpoint {
  /** DER, leaf first; it may have ended up to 90 days ago. */
  readonly certificateChain: readonly Uint8Array[];
  readonly key: RequestingKey;
  readonly signal: AbortSignal;
}

/** What a renewal yields. */
export type RenewCertificateResult =
  | { readonly ok: true; readonly certificateChain: readonly Uint8Array[] }
  | { readonly ok: false; readonly failure: LinkFailure };

/** Renews a certificate by proving its key over the hub's nonce. */
export async function renewCertificate(
  options: RenewCertificateOptions,
): Promise<RenewCertificateResult> {
  const { hubAddress, rootCertificate, signal } = options;
  const client = createLinkClient({
    address: hubAddress,
    rootCertificate,
    identity: null,
  });
  try {
    return await renewOver(client.renew(signal), options);
  } catch (error) {
    return refuse(readLinkFailure(error));
  } finally {
    client.close();
  }
}

async function renewOver(
  call: DuplexCall<RenewRequest, RenewAnswer>,
  { certificateChain, key }: RenewCertificateOptions,
): Promise<RenewCertificateResult> {
  call.send({ kind: "renewalStart", certificateChain });
  for await (const answer of call.messages) {
    const chain = await step(call, answer, key);
    if (chain !== undefined) {
      call.end();
      return { ok: true, certificateChain: chain };
    }
  }
  return refuse(malformed());
}

/** Answers a nonce, or returns the new chain. */
async function step(
  call: DuplexCall<RenewRequest, RenewAnswer>,
  answer: Decoded<RenewAnswer>,
  key: RequestingKey,
): Promise<readonly Uint8Array[] | undefined> {
  if (answer.kind === "renewalResult") return answer.certificateChain;
  if (answer.kind !== "renewalNonce") return undefined;
  const certificateRequest = await key.createRequest();
  const signature = key.sign(
    Buffer.concat([
      Buffer.from(renewalSignatureDomain),
      answer.nonce,
      createHash("sha256").update(certificateRequest).digest(),
    ]),
  );
  call.send({ kind: "renewalProof", certificateRequest, signature });
  return undefined;
}

function refuse(failure: LinkFailure): { ok: false; failure: LinkFailure } {
  return { ok: false, failure };
}

function malformed(): LinkFailure {
  return {
    reason: "Malformed",
    code: "UNKNOWN",
    details: "the hub's answer cannot be read",
  };
}
