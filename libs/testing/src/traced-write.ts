import { type Json } from "@wheelhouse/kube-object";
import { type ApiCall } from "./api-call.ts";

/** One write that a server answered, with its bodies: a line of its audit log, or what a simulated one recorded. */
export interface TracedWrite {
  readonly call: ApiCall;
  readonly userAgent: string;
  readonly code: number;
  /** When the server took it up and when it had answered: any unit, the same for all, and never less later on. */
  readonly receivedAt: number;
  readonly endedAt: number;
  /** Undefined where the body is empty or was not kept. */
  readonly sent: Json | undefined;
  readonly answered: Json | undefined;
}
