import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { errorText } from "@wheelhouse/kube-object";

/** Why a hub ends a call, with the status of gRPC that it goes under. Both sides act on the reason, never on a text. */
const codes = {
  /** No client certificate, or one that does not lead to the fleet's root. */
  Unauthenticated: status.UNAUTHENTICATED,
  /** The certificate has ended: renew it. */
  CertificateExpired: status.UNAUTHENTICATED,
  /** The registry does not know this uid. */
  UnknownCluster: status.PERMISSION_DENIED,
  /** The registry knows the uid with other keys: register again. */
  UnknownKey: status.PERMISSION_DENIED,
  /** Git names the cluster no longer; it may come back. */
  LeftFleet: status.PERMISSION_DENIED,
  /** The uid was taken out of the fleet. */
  Revoked: status.PERMISSION_DENIED,
  /** The cluster's name was given to another incarnation. */
  Superseded: status.PERMISSION_DENIED,
  /** A message names another cluster or fleet than the certificate. */
  WrongIdentity: status.PERMISSION_DENIED,
  TokenUnknown: status.PERMISSION_DENIED,
  TokenExpired: status.PERMISSION_DENIED,
  TokenUsed: status.PERMISSION_DENIED,
  /** The public key is registered for another cluster. */
  KeyInUse: status.PERMISSION_DENIED,
  /** The proof of possession does not fit the registered key. */
  BadProof: status.PERMISSION_DENIED,
  /** The request for a certificate is not well made, or its key is too weak. */
  BadCertificateRequest: status.INVALID_ARGUMENT,
  /** A message could not be read, or came out of turn. */
  Malformed: status.INVALID_ARGUMENT,
  /** The peer speaks another major version of the link. */
  IncompatibleVersion: status.FAILED_PRECONDITION,
  /** The hub's delegation has ended: it issues no certificates. */
  DelegationExpired: status.FAILED_PRECONDITION,
  /** Not of this cluster's own assignments, or not there. */
  NotFound: status.NOT_FOUND,
  /** Nothing came in time. */
  Idle: status.DEADLINE_EXCEEDED,
  /** More sessions, calls or unread messages than the limits allow. */
  TooMany: status.RESOURCE_EXHAUSTED,
  /** The hub stops: come back. */
  Draining: status.UNAVAILABLE,
  /** Something broke at the hub; its log has it. */
  Internal: status.INTERNAL,
} as const;

/** The closed set of reasons. */
export type LinkReason = keyof typeof codes;

/** All reasons, for tables and tests. */
export const linkReasons = Object.keys(codes) as readonly LinkReason[];

/** The trailer that carries the reason. */
const reasonKey = "wheelhouse-reason";

/** The most that is said in words. */
const detailLength = 512;

/** What a gRPC handler answers to end its call for a reason. */
export function writeLinkFailure(
  reason: LinkReason,
  details: string,
): { code: status; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set(reasonKey, reason);
  return {
    code: codes[reason],
    details: details.slice(0, detailLength),
    metadata,
  };
}

/** Why a call ended, as the caller reads it. */
export interface LinkFailure {
  /** Null where the other side gave none: the connection broke, or something else than a hub answered. */
  readonly reason: LinkReason | null;
  /** gRPC's word for it, such as `UNAVAILABLE`. */
  readonly code: string;
  readonly details: string;
}

/** Reads an error of a call, through its whole chain of causes. */
export function readLinkFailure(error: unknown): LinkFailure {
  for (let at = error, depth = 0; depth < 8; depth += 1) {
    if (isServiceError(at)) {
      const said = at.metadata.get(reasonKey)[0];
      return {
        reason: linkReasons.find((reason) => reason === said) ?? null,
        code: status[at.code] ?? "UNKNOWN",
        details: at.details,
      };
    }
    if (!(at instanceof Error) || at.cause === undefined) break;
    at = at.cause;
  }
  const details = errorText(error);
  return { reason: null, code: "UNKNOWN", details };
}

function isServiceError(error: unknown): error is ServiceError {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "number" &&
    "metadata" in error &&
    error.metadata instanceof Metadata
  );
}
