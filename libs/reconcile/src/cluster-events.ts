import { createHash } from "node:crypto";
import { type Clock } from "@wheelhouse/clock";
import { type ApplyPort } from "@wheelhouse/kube-apply";
import {
  type KubeObject,
  errorText,
  spokeNamespace,
} from "@wheelhouse/kube-object";
import { type ClusterEvent, type Log } from "./reconciler-options.ts";

/** The component that Events of a spoke name as their source. */
export const eventSource = "wheelhouse-spoke";

/** At most so many Events at once, and so many a minute after; the rest are only in the log. */
export const eventBudget = { burst: 60, perMinute: 30 } as const;

/** Tells what happened as Kubernetes Events in the spoke's namespace. Best effort: nothing waits for it. */
export class ClusterEvents {
  readonly #port: ApplyPort;
  readonly #clock: Clock;
  readonly #log: Log;
  #tokens: number = eventBudget.burst;
  #filledMs: number;
  #count = 0;

  constructor(options: {
    readonly port: ApplyPort;
    readonly clock: Clock;
    readonly log: Log;
  }) {
    this.#port = options.port;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#filledMs = this.#clock.monotonicMs();
  }

  /** Tells one event, where the budget allows it. */
  emit(event: ClusterEvent): void {
    if (!this.#take()) return;
    this.#port.create(this.#objectOf(event)).catch((error: unknown) => {
      this.#log("warn", "event not written", { why: errorText(error) });
    });
  }

  #take(): boolean {
    const now = this.#clock.monotonicMs();
    const refill = ((now - this.#filledMs) / 60_000) * eventBudget.perMinute;
    this.#tokens = Math.min(eventBudget.burst, this.#tokens + refill);
    this.#filledMs = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #objectOf({ reason, kind, bundle, message }: ClusterEvent): KubeObject {
    this.#count += 1;
    const time = new Date(this.#clock.nowMs()).toISOString();
    const seed = `${time}/${this.#count}/${bundle}`;
    const suffix = createHash("sha256").update(seed).digest("hex").slice(0, 16);
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `wheelhouse.${suffix}`, namespace: spokeNamespace },
      // An Event must be about something in its own namespace: the records of bundles are.
      involvedObject: {
        apiVersion: "v1",
        kind: "ConfigMap",
        namespace: spokeNamespace,
        name: "wheelhouse-bundles-00",
        fieldPath: bundle,
      },
      type: kind,
      reason,
      message: `${bundle}: ${message}`.slice(0, 1024),
      source: { component: eventSource },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
  }
}
