import {
  type FleetView,
  type HubClient,
  HubProblem,
} from "@wheelhouse/rest-api";
import { exitCodes } from "@wheelhouse/programs";
import { CliProblem } from "./cli-problem.ts";
import { type Terminal } from "./output.ts";

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

/** The fleet as it changes, until the signal. A stream that ends by itself ends the command: what was waited for has not come. */
export async function* followFleet(
  hub: HubClient,
  signal: AbortSignal,
): AsyncIterable<FleetView> {
  try {
    yield* hub.watchFleet(signal);
  } catch (error) {
    if (!signal.aborted && error instanceof HubProblem) throw error;
  }
  if (signal.aborted) return;
  throw CliProblem.refused(
    "the hub ended the connection",
    "it stopped or restarts: run the command again once it answers",
  );
}
