import { type HubMessage } from "@wheelhouse/protocol";
import { describe, expect, it } from "vitest";
import { Outbox } from "./outbox.ts";
import { TokenBucket } from "./token-bucket.ts";

/** A spoke that reads when it is told to. */
class TestStream {
  readonly read: HubMessage[] = [];
  isReading = true;
  #onDrain: (() => void) | undefined;

  write(message: HubMessage): boolean {
    this.read.push(message);
    return this.isReading;
  }
  once(_event: "drain", listener: () => void): void {
    this.#onDrain = listener;
  }
  drain(): void {
    this.isReading = true;
    this.#onDrain?.();
  }
}

const reply = (counter: number): HubMessage => ({
  kind: "heartbeatReply",
  counter,
  latest: null,
  hubTime: "",
});
const request = (bundle: string): HubMessage => ({
  kind: "reconcileRequest",
  bundle,
});

describe("an outbox", () => {
  it("sends at once to a spoke that reads", () => {
    const stream = new TestStream();
    new Outbox(stream, () => 0).send(reply(1));
    expect(stream.read).toEqual([reply(1)]);
  });

  it("keeps the newest of each kind for one that does not", () => {
    const stream = new TestStream();
    const outbox = new Outbox(stream, () => 7);
    stream.isReading = false;
    outbox.send(reply(1));
    expect(outbox.blockedSinceMs).toBe(7);
    for (let counter = 2; counter < 500; counter += 1) {
      outbox.send(reply(counter));
    }
    outbox.send(request("a"));
    outbox.send(request("a"));
    outbox.send(request("b"));
    stream.drain();
    expect(stream.read).toEqual([
      reply(1),
      reply(499),
      request("a"),
      request("b"),
    ]);
    expect(outbox.blockedSinceMs).toBeUndefined();
  });

  it("makes one request for all bundles out of too many", () => {
    const stream = new TestStream();
    const outbox = new Outbox(stream, () => 0);
    stream.isReading = false;
    outbox.send(reply(1));
    for (let at = 0; at < 65; at += 1) outbox.send(request(`b-${at}`));
    stream.drain();
    expect(stream.read).toEqual([reply(1), request("")]);
  });
});

describe("a token bucket", () => {
  it("lets a burst pass, and then so many a second", () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
    expect([0, 0, 0, 0, 0].map((now) => bucket.take(now))).toEqual([
      0, 0, 0, 100, 200,
    ]);
    expect(bucket.take(10_000)).toBe(0);
  });
});
