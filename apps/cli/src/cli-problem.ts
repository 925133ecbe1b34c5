import { errorText } from "@wheelhouse/kube-object";
import { exitCodes } from "@wheelhouse/programs";
import { HubProblem } from "@wheelhouse/rest-api";
import { type Palette } from "./terminal/palette.ts";
import { scrubText } from "./terminal/table.ts";

/** Why a command ends without doing its work: what, why, and what to do. */
export class CliProblem extends Error {
  readonly exitCode: number;
  readonly advice: string;

  constructor(exitCode: number, message: string, advice = "") {
    super(message);
    this.name = "CliProblem";
    this.exitCode = exitCode;
    this.advice = advice;
  }

  /** A wrong argument. */
  static usage(message: string, advice = ""): CliProblem {
    return new CliProblem(exitCodes.usage, message, advice);
  }

  /** Not reached, or not permitted. */
  static refused(message: string, advice = ""): CliProblem {
    return new CliProblem(exitCodes.refused, message, advice);
  }
}

/** An error as a person reads it, with the exit code for scripts. */
export function describeFailure(
  error: unknown,
  palette: Palette,
): { readonly text: string; readonly exitCode: number } {
  const { message, advice, exitCode } = partsOf(error);
  const head = `${palette.signs.failed} ${scrubText(message)}`;
  const tail = advice === "" ? "" : `\n  ${scrubText(advice)}\n`;
  return { text: `\n${palette.paint("bad", head)}\n${tail}\n`, exitCode };
}

function partsOf(error: unknown): {
  message: string;
  advice: string;
  exitCode: number;
} {
  if (error instanceof CliProblem) return error;
  if (error instanceof HubProblem) {
    const isUsage = error.status === 400;
    return {
      message: error.message,
      advice: error.advice,
      exitCode: isUsage ? exitCodes.usage : exitCodes.refused,
    };
  }
  const message = errorText(error);
  return { message, advice: "", exitCode: exitCodes.refused };
}
