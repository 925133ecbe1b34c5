import { type JsonObject } from "@wheelhouse/kube-object";
import {
  type CelOutcome,
  compileDependencyExpression,
  toCelInput,
} from "./cel-expression.ts";

/** Says whether a dependency is ready, from the objects of both sides as Flux would show them. */
export type ReadyRule = (sides: {
  readonly self: JsonObject;
  readonly dep: JsonObject;
}) => CelOutcome;

/** The outcome of reading a `readyExpr`. */
export type ReadyExpressionResult =
  | { readonly ok: true; readonly rule: ReadyRule }
  | { readonly ok: false; readonly problem: string };

/** Reads a `readyExpr`: CEL over `self` and `dep` that gives true or false, at most 4,096 characters. */
export function compileReadyExpression(text: string): ReadyExpressionResult {
  const result = compileDependencyExpression(text);
  if (!result.ok) return result;
  const { expression } = result;
  return {
    ok: true,
    rule: ({ self, dep }) =>
      expression.evaluate({ self: toCelInput(self), dep: toCelInput(dep) }),
  };
}
