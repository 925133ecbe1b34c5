import { pinFingerprint } from "@wheelhouse/trust";
import { type JoinTicket } from "./join-ticket.ts";
import { type IdentityFacts } from "./spoke-identity.ts";

/** What a cluster that has joined makes of a ticket: nothing, another join, or a refusal in words. */
export type JoinJudgement =
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "rejoin" }
  | { readonly kind: "refused"; readonly problem: string };

/** What a ticket is held against. */
export interface JudgedCluster {
  /** Who the cluster is, by the identity that it keeps. */
  readonly facts: IdentityFacts;
  /** Its API server, for the words. */
  readonly server: string;
  /** The cluster's name that a person gave to have it replaced. */
  readonly replaceIdentity: string | undefined;
}

type NamedTicket = Pick<JoinTicket, "cluster" | "uid" | "pin">;

/** Judges a ticket before its token is spent. One for another cluster or fleet is most likely a kubeconfig mixed up, and would write that cluster's objects over this one's. */
export function judgeJoin(
  ticket: NamedTicket,
  { facts, server, replaceIdentity }: JudgedCluster,
): JoinJudgement {
  const joined = "this cluster has joined with it";
  if (ticket.uid === facts.uid) return { kind: "ignored", reason: joined };
  const isSameFleet = pinFingerprint(ticket.pin) === pinFingerprint(facts.pin);
  if (isSameFleet && ticket.cluster === facts.cluster) {
    return ticket.uid === ""
      ? { kind: "ignored", reason: joined }
      : { kind: "rejoin" };
  }
  if (replaceIdentity === facts.cluster) return { kind: "rejoin" };
  return { kind: "refused", problem: refusal(ticket, facts, server) };
}

function refusal(
  { cluster, pin }: NamedTicket,
  facts: IdentityFacts,
  server: string,
): string {
  const asked = `${cluster === "" ? "a cluster that it does not name" : `cluster ${cluster}`} of fleet ${pin.fleet}`;
  const root = pin.fleet === facts.fleet ? ", by another root" : "";
  const isSameFleet = pinFingerprint(pin) === pinFingerprint(facts.pin);
  return (
    `the cluster at ${server} already is ${facts.cluster} of fleet ${facts.fleet}, and the join is for ${asked}${isSameFleet ? "" : root}; nothing was written, and the token is not spent. ` +
    `Give the --kubeconfig and --context of the cluster that the join is for. ` +
    `Only where this cluster is to be ${facts.cluster} no longer: --replace-identity ${facts.cluster}`
  );
}
