import { errorText } from "@wheelhouse/kube-object";
import { systemClock } from "@wheelhouse/system-clock";
import {
  calledAsIn,
  exitCodes,
  signsFor,
  stopWithStarter,
  writeAsCalled,
  writeHelpAsCalled,
} from "@wheelhouse/programs";
import { collectGarbage } from "./small-heap.ts";
import { createLog } from "./spoke-log.ts";
import { MemoryRelease } from "./memory-release.ts";
import { runSpoke } from "./run-spoke.ts";
import { parseSettings, usage } from "./settings.ts";
import { showStatus } from "./status-command.ts";

/** A stop that takes longer is a crash, which loses nothing. */
const stopWithinMs = 10_000;

/** A signal so soon after the first is the same one: it reached us, and who started us, who passed it on. */
const echoMs = 1_000;

// A hub is often dialled by an address, of which Node's TLS complains once (DEP0123)
// on every start; gRPC sets the name, and there is nothing that a reader could do.
process.noDeprecation = true;

stopWithStarter(process);

/** Runs the command that the arguments name; the result is the exit code. */
async function main(): Promise<number> {
  const parsed = parseSettings(process.argv.slice(2), process.env);
  if (!parsed.ok) {
    refuse(`${parsed.problem}\n  see wheelhouse spoke --help`);
    return exitCodes.usage;
  }
  const { settings } = parsed;
  switch (settings.command) {
    case "help":
      process.stdout.write(writeHelpAsCalled(usage, calledAsIn(process.env)));
      return exitCodes.done;
    case "status":
      return showStatus(settings);
    case "run": {
      const log = createLog(process.stderr);
      const memory = new MemoryRelease(systemClock, collectGarbage);
      const end = await runSpoke(settings, {
        log,
        memory,
        signal: stopSignal(),
      });
      // It never began, and a person is most likely there to read why.
      if (end.kind === "refused") refuse(end.problem);
      else log("info", "spoke stopped");
      // Whatever a library still holds open must not keep a stopped spoke.
      process.exit(end.kind === "stopped" ? exitCodes.done : exitCodes.refused);
    }
  }
}

function refuse(problem: string): void {
  const said = writeAsCalled(problem, calledAsIn(process.env));
  process.stderr.write(`\n${failed()} ${said}\n\n`);
}

function failed(): string {
  return signsFor(process.stderr, process.env).failed;
}

/** Aborted by SIGTERM or SIGINT; another one after that, or a stop that takes too long, ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  let stoppedMs = 0;
  const onSignal = () => {
    if (!stop.signal.aborted) {
      stoppedMs = performance.now();
      stop.abort();
      setTimeout(() => process.exit(exitCodes.refused), stopWithinMs).unref();
    } else if (performance.now() - stoppedMs > echoMs) {
      process.exit(exitCodes.refused);
    }
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return stop.signal;
}

try {
  process.exitCode = await main();
} catch (error) {
  refuse(errorText(error));
  process.exitCode = exitCodes.refused;
}
