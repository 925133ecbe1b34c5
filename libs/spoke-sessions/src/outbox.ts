import { type HubMessage } from "@wheelhouse/protocol";

/** The stream that an outbox writes to. */
export interface OutboxStream {
  write(message: HubMessage): boolean;
  once(event: "drain", listener: () => void): unknown;
}

/** Reconcile requests that wait; more become one for all bundles. */
export const maxReconcileRequests = 64;

/**
 * What is to be sent to one spoke. While the spoke does not read, messages
 * are merged by what they are about, the newest winning, so that it never
 * holds more than one of each kind and 64 requests.
 */
export class Outbox {
  readonly #stream: OutboxStream;
  readonly #monotonicMs: () => number;
  readonly #waiting = new Map<string, HubMessage>();
  #blockedSinceMs: number | undefined;

  constructor(stream: OutboxStream, monotonicMs: () => number) {
    this.#stream = stream;
    this.#monotonicMs = monotonicMs;
  }

  /** Since when the spoke has not read, or undefined. */
  get blockedSinceMs(): number | undefined {
    return this.#blockedSinceMs;
  }

  /** Sends now, or when the spoke reads again. */
  send(message: HubMessage): void {
    if (this.#blockedSinceMs === undefined) {
      this.#write(message);
      return;
    }
    const key = keyOf(message);
    this.#waiting.delete(key);
    this.#waiting.set(key, message);
    if (this.#waiting.size > maxReconcileRequests) this.#mergeRequests();
  }

  #write(message: HubMessage): void {
    if (this.#stream.write(message)) return;
    this.#blockedSinceMs = this.#monotonicMs();
    this.#stream.once("drain", () => this.#drain());
  }

  #drain(): void {
    this.#blockedSinceMs = undefined;
    for (const [key, message] of this.#waiting) {
      this.#waiting.delete(key);
      this.#write(message);
      if (this.#blockedSinceMs !== undefined) return;
    }
  }

  #mergeRequests(): void {
    for (const [key, message] of this.#waiting) {
      if (message.kind === "reconcileRequest") this.#waiting.delete(key);
    }
    const all: HubMessage = { kind: "reconcileRequest", bundle: "" };
    this.#waiting.set(keyOf(all), all);
  }
}

function keyOf(message: HubMessage): string {
  return message.kind === "reconcileRequest"
    ? `${message.kind} ${message.bundle}`
    : message.kind;
}
