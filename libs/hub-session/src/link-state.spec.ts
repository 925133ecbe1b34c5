import { type LinkFailure } from "@wheelhouse/protocol";
import { describe, expect, it } from "vitest";
import { backoffMs } from "./backoff.ts";
import { classifyFailure } from "./failure-class.ts";
import { type LinkEvent, type LinkPhase, nextPhase } from "./link-state.ts";
import { renewalDueMs } from "./renewal.ts";

const failure: LinkFailure = { reason: "Idle", code: "UNKNOWN", details: "" };
const phases: readonly LinkPhase[] = [
  { kind: "disconnected", failure: null },
  { kind: "connecting" },
  { kind: "ready", session: "s" },
  { kind: "draining" },
  { kind: "rejected", failure },
];
const events: readonly LinkEvent[] = [
  { kind: "dialled" },
  { kind: "welcomed", session: "s" },
  { kind: "lost", failure },
  { kind: "refused", failure },
  { kind: "stopping" },
];

/** What comes of each event in each phase; `-` is a bug. */
const table: Readonly<Record<LinkPhase["kind"], readonly string[]>> = {
  disconnected: ["connecting", "-", "-", "rejected", "draining"],
  connecting: ["-", "ready", "disconnected", "rejected", "draining"],
  ready: ["-", "-", "disconnected", "rejected", "draining"],
  draining: ["-", "-", "disconnected", "-", "draining"],
  rejected: ["connecting", "-", "-", "-", "draining"],
};

describe("the link's state", () => {
  it.each(phases)("leaves $kind only by the exits it has", (phase) => {
    const outcomes = events.map((event) => {
      try {
        return nextPhase(phase, event).kind;
      } catch {
        return "-";
      }
    });
    expect(outcomes).toEqual(table[phase.kind]);
  });
});

describe("a failure", () => {
  it.each([
    ["Revoked", "stop"],
    ["Superseded", "stop"],
    ["LeftFleet", "register"],
    ["UnknownKey", "register"],
    ["WrongIdentity", "register"],
    ["CertificateExpired", "renew"],
    ["UnknownCluster", "retry"],
    ["Draining", "retry"],
    ["Internal", "retry"],
    [null, "retry"],
  ] as const)("of reason %s means %s", (reason, kind) => {
    expect(classifyFailure({ ...failure, reason })).toBe(kind);
  });
});

describe("waiting", () => {
  it("begins within 5 s, doubles, and stays under 30 s", () => {
    const longest = [0, 1, 2, 3, 4, 99].map((n) => backoffMs(n, 0.999_999));
    expect(longest).toEqual([4_999, 9_999, 19_999, 29_999, 29_999, 29_999]);
    expect(backoffMs(7, 0)).toBe(0);
  });

  it("for renewal ends between half and two thirds of a certificate's life", () => {
    const life = { beginMs: 1_000, endMs: 61_000 };
    expect(renewalDueMs(life, 0)).toBe(31_000);
    expect(renewalDueMs(life, 1)).toBe(41_000);
  });
});
