import { createInterface } from "node:readline/promises";
import { CliProblem } from "../cli-problem.ts";
import { type Terminal } from "../output.ts";

/** Asks a person on the terminal, and ends the command unless the answer is yes; `--yes` answers beforehand, and is needed where nobody can be asked. */
export async function confirm(
  { input, err }: Pick<Terminal, "input" | "err">,
  question: string,
  options: { readonly yes?: boolean },
): Promise<void> {
  if (options.yes === true) return;
  if (input.isTTY !== true) {
    throw CliProblem.usage(
      `${question} Nobody can be asked: the input is no terminal`,
      "give --yes to answer beforehand; nothing was changed",
    );
  }
  const reader = createInterface({ input, output: err });
  try {
    const answer = await reader.question(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    reader.close();
  }
  throw CliProblem.refused("not confirmed: nothing was changed");
}
