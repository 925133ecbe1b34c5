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
  /** Resolves with the first view for which it holds; rejects after `timeoutMs`, naming what was waited for. */
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
  const following = follow();
  following.catch(() => undefined);
  return {
    latest: () => latest,
    onView: (listener) => void listeners.add(listener),
    until: (what, holds, timeoutMs = 120_000) =>
      Promise.race([
        waitFor({ what, holds, timeoutMs, listeners, latest }),
        following.then(() => Promise.reject(new Error("the demo ended"))),
      ]),
    stop: () => stop.abort(),
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
}): Promise<FleetView> {
  const { what, holds, timeoutMs, listeners, latest } = wait;
  if (latest !== undefined && holds(latest)) return Promise.resolve(latest);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      listeners.delete(look);
      const seconds = Math.round(timeoutMs / 1000);
      reject(new Error(`waited ${seconds}s in vain: ${what}`));
    }, timeoutMs);
    const look = (view: FleetView) => {
      if (!holds(view)) return;
      clearTimeout(timer);
      listeners.delete(look);
      resolve(view);
    };
    listeners.add(look);
  });
}
