import { setTimeout as delay } from "node:timers/promises";
import {
  type FleetView,
  HubProblem,
  type HubClient,
} from "@wheelhouse/rest-api";

/** Follows a hub's fleet over restarts, and waits for what a story waits for. */
export interface FleetFollower {
  /** The newest view, or undefined before the first. */
  readonly latest: () => FleetView | undefined;
  /** Called with each new view. */
  onView(listener: (view: FleetView) => void): void;
  /** Resolves with the first view for which it holds; rejects after `timeoutMs`, naming what was waited for, and at once where the following has ended. */
  until(
    what: string,
    holds: (view: FleetView) => boolean,
    timeoutMs?: number,
  ): Promise<FleetView>;
  stop(): void;
}

const retryMs = 200;

/** Starts to follow. The stream is opened again whenever it ends. */
export function followFleet(client: HubClient): FleetFollower {
  const stop = new AbortController();
  const listeners = new Set<(view: FleetView) => void>();
  let latest: FleetView | undefined;
  const follow = async () => {
    while (!stop.signal.aborted) {
      try {
        for await (const view of client.watchFleet(stop.signal)) {
          latest = view;
          for (const listener of listeners) listener(view);
        }
      } catch (error) {
        if (isRefusal(error)) throw error;
      }
      await delay(retryMs, undefined, { signal: stop.signal }).catch(
        () => undefined,
      );
    }
  };
  // Nobody waits on for what cannot come any more.
  follow().catch((error: unknown) => stop.abort(error));
  return {
    latest: () => latest,
    onView: (listener) => void listeners.add(listener),
    until: (what, holds, timeoutMs = 120_000) =>
      waitFor({
        what,
        holds,
        timeoutMs,
        listeners,
        latest,
        signal: stop.signal,
      }),
    stop: () => stop.abort(new Error("the demo ended")),
  };
}

/** The hub answered, and said no: asking again will not help. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof HubProblem && error.status >= 400 && error.status < 500
  );
}

function waitFor(wait: {
  readonly what: string;
  readonly holds: (view: FleetView) => boolean;
  readonly timeoutMs: number;
  readonly listeners: Set<(view: FleetView) => void>;
  readonly latest: FleetView | undefined;
  readonly signal: AbortSignal;
}): Promise<FleetView> {
  const { what, holds, timeoutMs, listeners, latest, signal } = wait;
  if (latest !== undefined && holds(latest)) return Promise.resolve(latest);
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      listeners.delete(look);
      signal.removeEventListener("abort", abort);
    };
    const abort = () => {
      end();
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      end();
      const seconds = Math.round(timeoutMs / 1000);
      reject(new Error(`waited ${seconds}s in vain: ${what}`));
    }, timeoutMs);
    const look = (view: FleetView) => {
      if (!holds(view)) return;
      end();
      resolve(view);
    };
    listeners.add(look);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
  });
}
