import { type LinkFailure } from "@wheelhouse/protocol";

/**
 * Where the link stands. `disconnected`: waiting for the next attempt.
 * `connecting`: dialled, not welcomed. `ready`: welcomed, and heard of lately.
 * `draining`: ending on purpose. `rejected`: the hub will not have this
 * identity, and trying soon again is no use.
 */
export type LinkPhase =
  | { readonly kind: "disconnected"; readonly failure: LinkFailure | null }
  | { readonly kind: "connecting" }
  | { readonly kind: "ready"; readonly session: string }
  | { readonly kind: "draining" }
  | { readonly kind: "rejected"; readonly failure: LinkFailure };

/** What moves the link from one phase to another. */
export type LinkEvent =
  | { readonly kind: "dialled" }
  | { readonly kind: "welcomed"; readonly session: string }
  | { readonly kind: "lost"; readonly failure: LinkFailure | null }
  | { readonly kind: "refused"; readonly failure: LinkFailure }
  | { readonly kind: "stopping" };

/** Which events each phase takes. */
const exits: Readonly<Record<LinkPhase["kind"], readonly LinkEvent["kind"][]>> =
  {
    disconnected: ["dialled", "refused", "stopping"],
    connecting: ["welcomed", "lost", "refused", "stopping"],
    ready: ["lost", "refused", "stopping"],
    draining: ["lost", "stopping"],
    rejected: ["dialled", "stopping"],
  };

/** The phase after an event. Throws for an event that the phase does not take: that is a bug. */
export function nextPhase(phase: LinkPhase, event: LinkEvent): LinkPhase {
  if (!exits[phase.kind].includes(event.kind)) {
    throw new Error(`link: ${event.kind} while ${phase.kind}`);
  }
  switch (event.kind) {
    case "dialled":
      return { kind: "connecting" };
    case "welcomed":
      return { kind: "ready", session: event.session };
    case "lost":
      return { kind: "disconnected", failure: event.failure };
    case "refused":
      return { kind: "rejected", failure: event.failure };
    case "stopping":
      return { kind: "draining" };
  }
}
