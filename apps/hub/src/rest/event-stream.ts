import { type FastifyReply } from "fastify";
import { type FleetEvents, type FleetWatcher } from "./fleet-events.ts";
import { HttpProblem } from "./hub-problem.ts";

/** A client that does not read for this many bytes is dropped: it comes back and gets the newest view. */
const maxUnreadBytes = 4 * 2 ** 20;

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};

/** Serves server-sent events on a reply until either side ends it. */
export async function openEventStream(
  reply: FastifyReply,
  events: FleetEvents,
  isWelcome: () => Promise<boolean>,
): Promise<void> {
  // A HEAD has no stream: it would wait for ever, in the place of one who watches.
  if (reply.request.method === "HEAD") {
    void reply.headers(streamHeaders).send();
    return;
  }
  const { raw } = reply;
  let isOpen = false;
  const watcher: FleetWatcher = {
    isWelcome,
    send: (json) => {
      if (!isOpen) open();
      if (raw.writableLength > maxUnreadBytes) raw.destroy();
      else raw.write(`event: fleet\ndata: ${json}\n\n`);
    },
    close: () => raw.end(),
  };
  const open = () => {
    isOpen = true;
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) raw.setHeader(name, value);
    }
    raw.writeHead(200, streamHeaders);
  };
  // Whoever left while it was found out who asks is told to nobody any more.
  if (raw.destroyed) return;
  raw.on("close", () => events.unwatch(watcher));
  const isTaken = await events.watch(watcher);
  if (raw.destroyed) events.unwatch(watcher);
  if (!isTaken) {
    throw new HttpProblem(503, "too many watch the fleet", {
      retryAfterMs: 10_000,
    });
  }
}
