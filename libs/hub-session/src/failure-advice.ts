import { type LinkFailure, type LinkReason } from "@wheelhouse/protocol";

/** What brings a cluster back whose identity is of no use any more. */
export const newJoin =
  "give the spoke what `wheelhouse cluster repoint NAME` prints (`cluster add NAME` where it never joined, or was removed)";

const advice: Readonly<Partial<Record<LinkReason, string>>> = {
  UnknownKey: newJoin,
  WrongIdentity: newJoin,
  Revoked: newJoin,
  Superseded:
    "another cluster has taken this one's place; stop this spoke when it is no longer needed",
  LeftFleet: "put its `Cluster` object back into Git to have it back",
  TokenUnknown: newJoin,
  TokenExpired: `a token is good for 15 minutes; ${newJoin}`,
  TokenUsed: `a token is good for one join, and another key spent it; ${newJoin}`,
  KeyInUse:
    "this cluster's key belongs to another cluster of the fleet; give the spoke a namespace of its own, without a copied identity",
  IncompatibleVersion: "run a spoke of the hub's major version",
  DelegationExpired: "the hub needs `wheelhouse hub delegate`",
};

/** What a person does about a failure, as half a sentence; undefined where waiting is all there is to do. */
export function adviseOn({ reason }: LinkFailure): string | undefined {
  return reason === null ? undefined : advice[reason];
}
