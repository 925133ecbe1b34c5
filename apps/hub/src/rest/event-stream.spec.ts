import { once } from "node:events";
import { type AddressInfo } from "node:net";
import { request } from "node:http";
import { systemClock } from "@wheelhouse/system-clock";
import { waitUntil } from "@wheelhouse/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEventStream } from "./event-stream.ts";
import { FleetEvents, type FleetWatcher, maxWatchers } from "./fleet-events.ts";

/** A latch that a test opens. */
function createLatch() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

const watcher = (): FleetWatcher => ({
  ...{ send: () => undefined, close: () => undefined },
  isWelcome: () => Promise.resolve(true),
});

let server: FastifyInstance;
let events: FleetEvents;
let authenticated: ReturnType<typeof createLatch>;
let viewed: ReturnType<typeof createLatch>;
let views = 0;
let hasGone = false;
let hasEnded = false;

beforeEach(async () => {
  authenticated = createLatch();
  viewed = createLatch();
  views = 0;
  hasGone = false;
  hasEnded = false;
  events = new FleetEvents({
    view: async () => {
      views += 1;
      await viewed.opened;
      return {} as never;
    },
    clock: systemClock,
    onError: () => undefined,
  });
  server = Fastify();
  server.get("/events", async (_, reply) => {
    reply.raw.on("close", () => (hasGone = true));
    await authenticated.opened;
    await openEventStream(reply, events, () => Promise.resolve(true)).finally(
      () => (hasEnded = true),
    );
  });
  await server.listen({ port: 0, host: "127.0.0.1" });
});

afterEach(async () => {
  events.close();
  await server.close();
});

/** A client that asks, and goes away once `when` holds. */
async function askAndGo(when: () => boolean): Promise<void> {
  const { port } = server.server.address() as AddressInfo;
  const asked = request({ port, host: "127.0.0.1", path: "/events" });
  asked.on("error", () => undefined).end();
  await once(server.server, "request");
  await waitUntil("its moment", when);
  asked.destroy();
  await waitUntil("gone", () => hasGone);
}

/** How many more may watch. */
async function countPlaces(): Promise<number> {
  for (let places = 0; ; places += 1) {
    if (places > maxWatchers || !(await events.watch(watcher()))) return places;
  }
}

describe("the place of one who watches", () => {
  it("is not taken for one who left before it was known who asks", async () => {
    await askAndGo(() => true);
    authenticated.open();
    viewed.open();
    await waitUntil("served", () => hasEnded);
    expect(await countPlaces()).toBe(maxWatchers);
  });

  it("is free again for one who left while the first view was made", async () => {
    authenticated.open();
    await askAndGo(() => views > 0);
    viewed.open();
    await waitUntil("served", () => hasEnded);
    expect(await countPlaces()).toBe(maxWatchers);
  });
});
