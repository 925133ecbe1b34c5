import { redactedText } from "@wheelhouse/drift";
import { type ObjectResult, type ObservedDrift } from "@wheelhouse/kube-apply";
import { type HealthVerdict } from "./bundle-state.ts";
import { type FinishedTemplate } from "./late-values.ts";

/** What became of a bundle's objects, without the late values that the server's words or drift may repeat. */
export function redactResults(
  results: readonly ObjectResult[],
  late: Pick<FinishedTemplate, "scrub" | "hasValues">,
): readonly ObjectResult[] {
  return results.map(({ desired, outcome }) => {
    const hasValues = late.hasValues(desired.key);
    if (outcome.kind === "skipped") return { desired, outcome };
    const drift =
      outcome.drift && redactDrift(outcome.drift, hasValues, late.scrub);
    const redacted = { ...outcome, ...(drift === undefined ? {} : { drift }) };
    return {
      desired,
      outcome:
        redacted.kind === "refused"
          ? { ...redacted, message: late.scrub(redacted.message) }
          : redacted,
    };
  });
}

/** Another's value may be an older one of ours, so all values of an object that has late ones are left out. */
function redactDrift(
  drift: ObservedDrift,
  hasValues: boolean,
  scrub: (text: string) => string,
): ObservedDrift {
  const hide = (value: string | null) =>
    value === null || !hasValues ? value && scrub(value) : redactedText;
  return {
    ...drift,
    message: scrub(drift.message),
    fields: drift.fields.map(({ path, wanted, found, writer }) => ({
      writer,
      path: scrub(path),
      wanted: hide(wanted),
      found: hide(found),
    })),
  };
}

/** A bundle's health, with notes that repeat no late value; without any words of others where the values are not known. */
export function redactHealth(
  health: HealthVerdict,
  late: Pick<FinishedTemplate, "scrub"> | undefined,
): HealthVerdict {
  return {
    ...health,
    notes: health.notes.map((note) => ({
      ...note,
      message: late === undefined ? "" : late.scrub(note.message),
    })),
  };
}
