import {
  type Envelope,
  type RatchetPosition,
  type RatchetProblem,
  type SignedEnvelope,
  decodeEnvelope,
  digestOf,
  encodeEnvelope,
  envelopeSignatureDomain,
  judgeRatchet,
} from "@wheelhouse/assignment";
import {
  type Delegation,
  readDelegation,
  verifyDelegation,
} from "./delegation.ts";
import { isSignedBy, signBytes } from "./ed25519.ts";
import { type HubKeys } from "./hub-keys.ts";
import { type RootPin } from "./root-pin.ts";

/** Signs an envelope under the hub's delegation. */
export function signEnvelope(
  keys: HubKeys,
  envelope: Envelope,
): SignedEnvelope {
  const bytes = encodeEnvelope(envelope);
  return {
    bytes,
    signature: signBytes(keys.signingKey, envelopeSignatureDomain, bytes),
    delegation: keys.signedDelegation,
  };
}

/** Why an assignment is refused. */
export type AssignmentProblem =
  | RatchetProblem
  | "BadDelegation"
  | "DelegationExpired"
  | "BadSignature"
  | "WrongFleet"
  | "WrongAudience"
  | "WrongEpoch"
  | "Malformed";

/** What verifying yields; the message is for people. */
export type AssignmentVerdict =
  | {
      readonly ok: true;
      readonly envelope: Envelope;
      /** `same`: the very assignment that is acknowledged. */
      readonly step: "forward" | "same";
    }
  | {
      readonly ok: false;
      readonly problem: AssignmentProblem;
      readonly message: string;
    };

/** What a spoke knows when it judges an assignment. */
export interface VerifyAssignmentOptions {
  readonly signed: SignedEnvelope;
  readonly pin: RootPin;
  /** The uid of this incarnation of the cluster. */
  readonly audience: string;
  /** What is durable in the cluster; null before the first. */
  readonly acknowledged: SignedEnvelope | null;
  /** Null to leave the delegation's end aside: an assignment that was taken in time stays valid. */
  readonly nowMs: number | null;
}

/** Judges an assignment: delegation, signature, content, fleet, epoch, audience, ratchet, in this order. Nothing of it is parsed before its signature fits. */
export function verifyAssignment(
  options: VerifyAssignmentOptions,
): AssignmentVerdict {
  const { signed, pin, audience, acknowledged, nowMs } = options;
  const delegation = verifyDelegation(signed.delegation, pin);
  if (delegation === undefined) {
    return refuse("BadDelegation", "delegation: not by the pinned root");
  }
  const refusal =
    judgeDelegation(delegation, pin, nowMs) ??
    judgeSignature(delegation, signed);
  if (refusal !== undefined) return refusal;
  const decoded = decodeEnvelope(signed.bytes);
  if (!decoded.ok) return refuse("Malformed", decoded.problem);
  const { envelope } = decoded;
  return (
    judgeAddress(envelope, delegation, pin, audience) ??
    judgePosition(acknowledged, signed, envelope, delegation)
  );
}

function judgeDelegation(
  delegation: Delegation,
  pin: RootPin,
  nowMs: number | null,
): AssignmentVerdict | undefined {
  if (delegation.fleet !== pin.fleet) {
    return refuse("WrongFleet", `delegation: for ${delegation.fleet}`);
  }
  return nowMs !== null && nowMs > Date.parse(delegation.notAfter)
    ? refuse("DelegationExpired", `delegation: ended ${delegation.notAfter}`)
    : undefined;
}

function judgeSignature(
  delegation: Delegation,
  signed: SignedEnvelope,
): AssignmentVerdict | undefined {
  return isSignedBy(
    delegation.signingKey,
    envelopeSignatureDomain,
    signed.bytes,
    signed.signature,
  )
    ? undefined
    : refuse("BadSignature", "envelope: not by the delegated key");
}

function judgeAddress(
  envelope: Envelope,
  delegation: Delegation,
  pin: RootPin,
  audience: string,
): AssignmentVerdict | undefined {
  if (envelope.fleet !== pin.fleet) {
    return refuse("WrongFleet", `envelope: for fleet ${envelope.fleet}`);
  }
  if (envelope.epoch !== delegation.epoch) {
    return refuse(
      "WrongEpoch",
      `envelope: epoch ${envelope.epoch} under a delegation for ${delegation.epoch}`,
    );
  }
  return envelope.audience === audience
    ? undefined
    : refuse("WrongAudience", `envelope: for uid ${envelope.audience}`);
}

function judgePosition(
  acknowledged: SignedEnvelope | null,
  signed: SignedEnvelope,
  envelope: Envelope,
  delegation: Delegation,
): AssignmentVerdict {
  const held = acknowledged === null ? null : positionOfHeld(acknowledged);
  if (held === undefined) {
    return refuse("Malformed", "acknowledged assignment: cannot be read");
  }
  const offered = position(signed, envelope, delegation);
  positions.set(signed, offered);
  const verdict = judgeRatchet(held, offered);
  const named = (at: { epoch: number; seq: number }) => `${at.epoch}/${at.seq}`;
  return verdict.ok
    ? { ok: true, envelope, step: verdict.step }
    : refuse(
        verdict.problem,
        `envelope: ${named(envelope)} after ${held === null ? "none" : named(held)}`,
      );
}

/** What was judged is most often held when the next one is: thousands of bundles are not read again for a pair of numbers. */
const positions = new WeakMap<SignedEnvelope, RatchetPosition>();

function positionOfHeld(signed: SignedEnvelope): RatchetPosition | undefined {
  const known = positions.get(signed);
  if (known !== undefined) return known;
  const decoded = decodeEnvelope(signed.bytes);
  const delegation = readDelegation(signed.delegation);
  return decoded.ok && delegation !== undefined
    ? position(signed, decoded.envelope, delegation)
    : undefined;
}

function position(
  signed: SignedEnvelope,
  { epoch, seq }: Envelope,
  { signingKey }: Delegation,
): RatchetPosition {
  return {
    epoch,
    seq,
    bytesDigest: digestOf(signed.bytes),
    signingKey: digestOf(signingKey),
  };
}

function refuse(
  problem: AssignmentProblem,
  message: string,
): AssignmentVerdict {
  return { ok: false, problem, message };
}
