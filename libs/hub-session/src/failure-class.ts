import { type LinkFailure, type LinkReason } from "@wheelhouse/protocol";

/**
 * What follows a failure. `retry`: the same again, later. `renew`: a new
 * certificate first. `register`: the hub does not know this key, or Git not
 * this cluster; a person has to act, such as by a new join. `stop`: this incarnation is out of the fleet.
 */
export type FailureClass = "retry" | "renew" | "register" | "stop";

/** An unknown cluster is retried: the registry may be restored from a backup. A hub that lost its data never knows this uid again, and a person has the cluster join anew. */
const classes: Readonly<Partial<Record<LinkReason, FailureClass>>> = {
  CertificateExpired: "renew",
  LeftFleet: "register",
  UnknownKey: "register",
  WrongIdentity: "register",
  Revoked: "stop",
  Superseded: "stop",
};

/** Judges a failure by its reason, never by its text. */
export function classifyFailure({ reason }: LinkFailure): FailureClass {
  return reason === null ? "retry" : (classes[reason] ?? "retry");
}
