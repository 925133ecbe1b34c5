import { stringify } from "yaml";
import { type Problem } from "@wheelhouse/fleet-model";
import { type Signs } from "@wheelhouse/programs";
import { type ValidateOutput } from "./validate-arguments.ts";
import { type Validation } from "./validate-fleet.ts";

/** How a report looks: signs beyond ASCII only where somebody looks at them. */
export interface ReportStyle {
  readonly signs: Signs;
}

/** A problem and the clusters that have it. */
interface Finding {
  readonly problem: Problem;
  readonly clusters: readonly string[];
}

/** What `validate` prints: `json` and `yaml` are the validation itself, and nothing else. */
export function printValidation(
  validation: Validation,
  { output, ...style }: ReportStyle & { readonly output: ValidateOutput },
): string {
  switch (output) {
    case "json":
      return `${JSON.stringify(validation, null, 2)}\n`;
    case "yaml":
      return stringify(validation);
    case "table":
      return formatValidation(validation, style);
  }
}

/** Formats a validation for people: each problem once, with what, where, why and what to do. */
export function formatValidation(
  validation: Validation,
  { signs }: ReportStyle,
): string {
  const problems = gather(validation, "problems");
  const warnings = gather(validation, "warnings");
  const bundles = validation.clusters.reduce(
    (sum, cluster) => sum + cluster.bundles.length,
    0,
  );
  const counts = [
    count(validation.clusters.length, "cluster"),
    count(bundles, "bundle"),
    count(problems.length, "problem"),
    count(warnings.length, "warning"),
  ].join(", ");
  const sign = problems.length > 0 ? signs.failed : signs.done;
  return [
    ...warnings.map((finding) => formatFinding(signs.warning, finding)),
    ...problems.map((finding) => formatFinding(signs.failed, finding)),
    `${sign} ${counts}\n`,
  ].join("\n");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function gather(
  validation: Validation,
  field: "problems" | "warnings",
): readonly Finding[] {
  const found = new Map<string, { problem: Problem; clusters: string[] }>();
  for (const problem of validation[field]) {
    found.set(JSON.stringify(problem), { problem, clusters: [] });
  }
  for (const cluster of validation.clusters) {
    for (const problem of cluster[field]) {
      const key = JSON.stringify(problem);
      const finding = found.get(key) ?? { problem, clusters: [] };
      finding.clusters.push(cluster.name);
      found.set(key, finding);
    }
  }
  return [...found.values()];
}

/** What comes from a repository must not steer the terminal: control characters become spaces, but for line breaks. */
function scrub(text: string): string {
  return text.replace(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu, " ");
}

function formatFinding(sign: string, finding: Finding): string {
  return scrub(describeFinding(sign, finding));
}

function describeFinding(sign: string, { problem, clusters }: Finding): string {
  const { subject, reason, message, location, advice } = problem;
  const where = clusters.length === 0 ? "" : ` on ${shorten(clusters)}`;
  const line = location?.line === undefined ? "" : `:${location.line}`;
  return [
    `${sign} ${subject}: ${reason}${where}`,
    "",
    ...(location === undefined ? [] : [`  ${location.file}${line}`]),
    ...message.split("\n").map((text) => `  ${text}`),
    ...(advice === undefined ? [] : ["", `  ${advice}`]),
    "",
  ].join("\n");
}

function shorten(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
