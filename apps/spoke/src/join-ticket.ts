import {
  parseJoinToken,
  pinFingerprint,
  type RootPin,
} from "@wheelhouse/trust";

/** What a spoke needs to join a fleet, as `cluster add` and `cluster repoint` give it. */
export interface JoinTicket {
  /** `host:port`. */
  readonly hubAddress: string;
  readonly token: Uint8Array;
  readonly pin: RootPin;
  /** The cluster's name in the fleet; empty where the ticket does not say. */
  readonly cluster: string;
  /** The uid that the cluster is to have in the fleet; empty where the ticket does not say. */
  readonly uid: string;
}

/** What reading a ticket yields. */
export type JoinTicketResult =
  | { readonly ok: true; readonly ticket: JoinTicket }
  | { readonly ok: false; readonly problem: string };

/** Reads a ticket, and compares the root that it names with the one that its token is for. The text is secret and in no message. */
export function parseJoinTicket(text: string): JoinTicketResult {
  const value = parse(text);
  const field = (name: string) => {
    const found = value?.[name];
    return typeof found === "string" ? found : "";
  };
  const token = parseJoinToken(field("token"));
  const hubAddress = field("hubAddress");
  if (token === undefined || hubAddress === "") {
    return refuse("give what `wheelhouse cluster add` printed, whole");
  }
  const pin: RootPin = {
    format: 1,
    fleet: field("fleet"),
    certificate: field("rootCertificate"),
    delegationKey: field("rootPublicKey"),
  };
  return pinFingerprint(pin) === token.fingerprint
    ? {
        ok: true,
        ticket: {
          hubAddress,
          token: token.secret,
          pin,
          cluster: field("cluster"),
          uid: field("uid"),
        },
      }
    : refuse("the token is for another fleet root than the one beside it");
}

function refuse(problem: string): JoinTicketResult {
  return { ok: false, problem: `join: ${problem}` };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
