import {
  type FleetView,
  type HubClient,
  HubProblem,
} from "@wheelhouse/rest-api";
import { exitCodes } from "@wheelhouse/programs";
import { type Terminal, note } from "./output.ts";

/** Ends a watch by Ctrl-C, with the exit code of what was ended before it was done. */
export function stopOnInterrupt(
  terminal: Pick<Terminal, "setExitCode">,
): AbortController {
  const stop = new AbortController();
  const interrupt = () => {
    terminal.setExitCode(exitCodes.interrupted);
    stop.abort("interrupted");
  };
  process.once("SIGINT", interrupt);
  stop.signal.addEventListener("abort", () => {
    process.off("SIGINT", interrupt);
  });
  return stop;
}

/** The first wait before the hub is dialled again, doubled up to the longest. */
const firstWaitMs = 250;
const longestWaitMs = 10_000;

/** A connection that lasted so long was a good one: the next wait is the first again. */
const lastingMs = 10_000;

/**
 * The fleet as it changes, until the signal. A first connection that fails
 * rejects with why. One that ends later is dialled again, and said to be, for
 * as long as nothing but the hub's silence speaks against it: a hub that
 * refuses, such as a token that has ended, rejects too.
 */
export async function* followFleet(
  hub: HubClient,
  signal: AbortSignal,
  terminal: Terminal,
): AsyncIterable<FleetView> {
  let waitMs = firstWaitMs;
  let isLost = false;
  for (let dialled = 0; !signal.aborted; dialled += 1) {
    const since = performance.now();
    try {
      for await (const fleet of hub.watchFleet(signal)) {
        if (isLost) note(terminal, "the hub is back\n");
        isLost = false;
        yield fleet;
      }
    } catch (error) {
      if (!signal.aborted && !isOutage(error, dialled)) throw error;
    }
    if (signal.aborted) return;
    if (performance.now() - since > lastingMs) waitMs = firstWaitMs;
    if (!isLost) note(terminal, lostText);
    isLost = true;
    await wait(waitMs, signal);
    waitMs = Math.min(longestWaitMs, waitMs * 2);
  }
}

const lostText =
  "! the hub ended the connection: it stopped or restarts. It is dialled again until it answers; Ctrl-C ends this\n";

/** A hub that is not there, or starts; the first time, that is an answer. */
function isOutage(error: unknown, dialled: number): boolean {
  if (!(error instanceof HubProblem)) return true;
  return dialled > 0 && (error.status === 0 || error.status >= 500);
}

/** Cut short by the signal. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
