import {
  type FleetView,
  type HubClient,
  HubProblem,
} from "@wheelhouse/rest-api";
import { CliProblem } from "./cli-problem.ts";

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
