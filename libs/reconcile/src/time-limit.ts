import { Script, createContext } from "node:vm";

/** Only a script can be stopped from outside; this one does nothing but call what it is given. */
const script = new Script("compute()");
const context = createContext({ compute: undefined });

/** Runs a synchronous computation to its end, or for so many milliseconds; tells whether it came to its end. Throws what it throws. */
export function runWithin(limitMs: number, compute: () => void): boolean {
  context["compute"] = compute;
  try {
    script.runInContext(context, { timeout: limitMs });
    return true;
  } catch (error) {
    if (isTimeout(error)) return false;
    throw error;
  } finally {
    context["compute"] = undefined;
  }
}

/** The error is one of the script's own realm, and no `Error` of ours. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
  );
}
