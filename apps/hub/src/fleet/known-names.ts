import { nearestWord } from "@wheelhouse/fleet-model";
import { Refusal } from "./refusal.ts";

/** At most so many names are listed. */
const maxNames = 20;

/** That something is not there, with what is: the nearest name first. */
export function missingAmong(
  kind: string,
  name: string,
  known: readonly string[],
): Refusal {
  const near = nearestWord(name, known);
  const names = [...known].sort();
  const rest = names.length - maxNames;
  const list = names.slice(0, maxNames).join(", ");
  const advice = [
    near === undefined ? "" : `Did you mean ${near}?`,
    names.length === 0
      ? "There is none yet."
      : `There are: ${list}${rest > 0 ? ` and ${rest} more` : ""}`,
  ];
  return Refusal.notFound(
    `${kind} ${name}`,
    advice.filter((part) => part !== "").join(" "),
  );
}
