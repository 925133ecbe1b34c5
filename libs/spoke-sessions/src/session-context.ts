import { type Clock } from "@wheelhouse/clock";
import { type Admission } from "./admission.ts";
import { type SessionLimits } from "./limits.ts";
import {
  type AssignmentSource,
  type SessionLog,
  type SessionObserver,
} from "./ports.ts";

/** What every session of a hub shares. */
export interface SessionContext {
  readonly hubVersion: string;
  /** How often a spoke sends a heartbeat. */
  readonly heartbeatMs: number;
  readonly limits: SessionLimits;
  readonly clock: Clock;
  readonly admission: Pick<Admission, "identify" | "check">;
  readonly assignments: AssignmentSource;
  readonly observer: SessionObserver;
  readonly log: SessionLog;
  /** Whether offers to a uid are held back, since two clusters seem to have it. */
  isSuspectedClone(uid: string): boolean;
  /** Whether a session is the newest of its uid. */
  isCurrent(session: { readonly uid: string; readonly id: string }): boolean;
}
