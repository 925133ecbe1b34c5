import { type HealthExpressions } from "@wheelhouse/assignment";
import {
  type KubeObject,
  gvkOf,
  parseApiVersion,
} from "@wheelhouse/kube-object";
import {
  type CelExpression,
  type CelInput,
  compileObjectExpression,
  toCelInput,
} from "./cel-expression.ts";
import { checkDeletion, checkPlainGeneration } from "./generic-rules.ts";
import { current, failed, healthOf, inProgress } from "./object-health.ts";
import { type ObjectHealth } from "./object-status.ts";

/** In the order in which they are asked. */
const words = ["inProgress", "failed", "current"] as const;

const healthByWord = {
  inProgress: () => inProgress("inProgress expression holds"),
  failed: () => failed("failed expression holds"),
  current: () => current("current expression holds"),
};

/** What is wrong with one of the expressions, and where. */
export interface ExpressionProblem {
  /** Position in the list. */
  readonly index: number;
  /** Undefined where the entry as a whole is meant. */
  readonly field: (typeof words)[number] | undefined;
  readonly message: string;
}

/** Judges an object, or undefined for a kind without expressions. */
export type ExpressionRule = (
  object: KubeObject,
  minGeneration?: number,
) => ObjectHealth | undefined;

/** The outcome of reading a list of health check expressions. */
export type HealthExpressionsResult =
  | { readonly ok: true; readonly rule: ExpressionRule }
  | { readonly ok: false; readonly problems: readonly ExpressionProblem[] };

type Compiled = readonly (readonly [(typeof words)[number], CelExpression])[];

/**
 * Reads `healthCheckExprs`. Every expression must be read and checked; two
 * entries for the same kind are a problem, as in Flux.
 *
 * The rule asks as Flux does: an object that is being deleted or was not
 * observed since its last change is not asked about; then `inProgress`,
 * `failed` and `current`, the first that holds wins, and none means
 * InProgress. An expression without an answer, such as one over a field that
 * is not there yet, makes the object Unknown, and naming the expression.
 */
export function compileHealthExpressions(
  list: readonly HealthExpressions[],
): HealthExpressionsResult {
  const problems: ExpressionProblem[] = [];
  const byKind = new Map<string, Compiled>();
  list.forEach((entry, index) => {
    const key = keyOf(parseApiVersion(entry.apiVersion).group, entry.kind);
    if (byKind.has(key)) {
      const message = "another entry is about the same group and kind";
      problems.push({ index, field: undefined, message });
    }
    byKind.set(key, compileEntry(entry, index, problems));
  });
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    rule: (object, minGeneration) => {
      const { group, kind } = gvkOf(object);
      const compiled =
        byKind.get(keyOf(group, kind)) ?? byKind.get(keyOf(group, undefined));
      return compiled && judge(object, compiled, minGeneration);
    },
  };
}

/** A kind is never empty, so that the empty one may stand for all of a group. */
function keyOf(group: string, kind: string | undefined): string {
  return `${group}/${kind ?? ""}`;
}

function compileEntry(
  entry: HealthExpressions,
  index: number,
  problems: ExpressionProblem[],
): Compiled {
  return words.flatMap((field) => {
    const text = entry[field];
    if (text === undefined) return [];
    const result = compileObjectExpression(text);
    if (result.ok) return [[field, result.expression] as const];
    problems.push({ index, field, message: result.problem });
    return [];
  });
}

function judge(
  object: KubeObject,
  compiled: Compiled,
  minGeneration: number | undefined,
): ObjectHealth {
  const unasked =
    checkDeletion(object) ?? checkPlainGeneration(object, minGeneration);
  if (unasked !== undefined) return unasked;
  const values = toCelInput(object) as Readonly<Record<string, CelInput>>;
  for (const [word, expression] of compiled) {
    const outcome = expression.evaluate(values);
    if (!outcome.ok) {
      return healthOf("Unknown", `${word} expression: ${outcome.problem}`);
    }
    if (outcome.value) return healthByWord[word]();
  }
  return inProgress("no health expression holds yet");
}
