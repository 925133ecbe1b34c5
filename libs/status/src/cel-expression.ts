import { Environment } from "@marcbachmann/cel-js";
import {
  type Json,
  errorText,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { registerFluxFunctions } from "./cel-functions.ts";

/** Longest expression, in characters. */
export const maxExpressionLength = 4_096;

/** Structure beyond this is refused when an expression is read. */
const structureLimits = { maxAstNodes: 1_000, maxDepth: 50 };

/** How many loops may stand inside one another: each multiplies the work by the length of a list. */
const maxLoopDepth = 3;

/** A CEL expression that was read and checked; it gives true or false. */
export interface CelExpression {
  readonly text: string;
  /** Evaluates with values by name. An expression that has no answer for them is a problem, in words. */
  readonly evaluate: (values: Readonly<Record<string, CelInput>>) => CelOutcome;
}

/** A value as expressions see it: whole numbers are `bigint`, which is CEL's int. */
export type CelInput =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly CelInput[]
  | { readonly [name: string]: CelInput };

/** What an expression came to. */
export type CelOutcome =
  | { readonly ok: true; readonly value: boolean }
  | { readonly ok: false; readonly problem: string };

/** The outcome of reading an expression. */
export type CelExpressionResult =
  | { readonly ok: true; readonly expression: CelExpression }
  | { readonly ok: false; readonly problem: string };

/** Fields of an object are not known before there is one, so that any name may stand for one. */
const openEnvironment = registerFluxFunctions(
  new Environment({
    unlistedVariablesAreDyn: true,
    enableOptionalTypes: true,
    limits: structureLimits,
  }),
);

/** Reads an expression over the fields of an object, such as `status.phase == 'Ready'`. */
export function compileObjectExpression(text: string): CelExpressionResult {
  return compile(text, openEnvironment, ["bool", "dyn"]);
}

const dependencyEnvironment = registerFluxFunctions(
  new Environment({ enableOptionalTypes: true, limits: structureLimits }),
)
  .registerVariable("self", "map<string, dyn>")
  .registerVariable("dep", "map<string, dyn>");

/** Reads an expression over `self` and `dep`; any other name is a problem, and so is a bare field, as in Flux: it must compare, or ask. */
export function compileDependencyExpression(text: string): CelExpressionResult {
  return compile(text, dependencyEnvironment, ["bool"]);
}

/** JSON as expressions see it. A fraction of zero cannot be told from a whole number, and counts as one. */
export function toCelInput(value: Json): CelInput {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? BigInt(value) : value;
  }
  if (isJsonList(value)) return value.map(toCelInput);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, toCelInput(item)]),
  );
}

function compile(
  text: string,
  environment: Environment,
  types: readonly string[],
): CelExpressionResult {
  if (text.length > maxExpressionLength) {
    const problem = `has ${text.length} characters; at most ${maxExpressionLength} are read`;
    return { ok: false, problem };
  }
  try {
    const program = environment.parse(text);
    const checked = program.check();
    if (!checked.valid) return { ok: false, problem: sayWhy(checked.error) };
    if (checked.type === undefined || !types.includes(checked.type)) {
      const problem = `gives ${checked.type ?? "nothing"}, not true or false`;
      return { ok: false, problem };
    }
    if (loopDepth(program.ast) > maxLoopDepth) {
      const problem = `more than ${maxLoopDepth} loops stand inside one another`;
      return { ok: false, problem };
    }
    const evaluate: CelExpression["evaluate"] = (values) =>
      outcomeOf(() => program({ ...values }) as unknown);
    return { ok: true, expression: { text, evaluate } };
  } catch (error) {
    return { ok: false, problem: sayWhy(error) };
  }
}

/** Errors of the evaluation are answers; anything else is not ours to judge. */
function outcomeOf(evaluate: () => unknown): CelOutcome {
  let value: unknown;
  try {
    value = evaluate();
  } catch (error) {
    return { ok: false, problem: sayWhy(error) };
  }
  return typeof value === "boolean"
    ? { ok: true, value }
    : { ok: false, problem: "does not give true or false" };
}

/** The package's errors draw the expression with a marker; the summary is the part that fits in a line. */
function sayWhy(error: unknown): string {
  const said =
    error instanceof Error && "summary" in error ? error.summary : undefined;
  const text = typeof said === "string" ? said : errorText(error);
  const line = text.split("\n", 1)[0] ?? "";
  return line.charAt(0).toLowerCase() + line.slice(1, 300);
}

/** Macros that go over a list or map. */
const loops = new Set(["all", "exists", "exists_one", "filter", "map"]);

function loopDepth(node: unknown): number {
  if (Array.isArray(node)) {
    return Math.max(0, ...node.map((item) => loopDepth(item)));
  }
  if (typeof node !== "object" || node === null || !("args" in node)) return 0;
  const { args } = node;
  const isLoop =
    "op" in node &&
    node.op === "rcall" &&
    Array.isArray(args) &&
    loops.has(String(args[0]));
  if (!isLoop) return loopDepth(args);
  // The list before a loop is made once; only what stands inside is repeated.
  return Math.max(loopDepth(args[1]), 1 + loopDepth(args[2]));
}
