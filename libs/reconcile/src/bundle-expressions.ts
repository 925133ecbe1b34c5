import { type BundleDependency, type BundleSpec } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import {
  type ExpressionRule,
  type HealthExpressionsResult,
  type ObjectHealth,
  type ReadyExpressionResult,
  compileHealthExpressions,
  compileReadyExpression,
} from "@wheelhouse/status";
import { runWithin } from "./time-limit.ts";

/** How long all expressions of a bundle may take in one pass, in milliseconds: other bundles and the link to the hub wait meanwhile. */
export const expressionLimitMs = 500;

/** What health check expressions said of objects. */
export interface ExpressionVerdicts {
  /** Undefined for an object of a kind without expressions. */
  readonly of: (object: KubeObject) => ObjectHealth | undefined;
  /** Whether every object was come to; the others are Unknown until the next pass. */
  readonly isWhole: boolean;
}

const none: ExpressionVerdicts = { of: () => undefined, isWhole: true };

/** An object by its expressions; null where it has none. What is in view never changes, but is replaced. */
type Judged = WeakMap<KubeObject, ObjectHealth | null>;

const healthRules = new WeakMap<BundleSpec, HealthExpressionsResult>();
const judgedByRule = new WeakMap<ExpressionRule, Judged>();
const readyRules = new WeakMap<BundleDependency, ReadyExpressionResult>();

/** Judges objects by a bundle's health check expressions, within `limitMs`; one that was judged before is not judged again. */
export function judgeByExpressions(
  spec: BundleSpec,
  objects: readonly KubeObject[],
  limitMs = expressionLimitMs,
): ExpressionVerdicts {
  const rules = healthRulesOf(spec);
  if (rules === undefined || !rules.ok) return none;
  const { rule } = rules;
  const judged = judgedBy(rule);
  const open = objects.filter((object) => !judged.has(object));
  const isWhole =
    open.length === 0 || judgeAll(open, { rule, judged, limitMs });
  return {
    of: (object) => {
      const health = judged.get(object);
      return health === undefined ? unfinished : (health ?? undefined);
    },
    isWhole,
  };
}

/** Why a spoke cannot act on a bundle's expressions, which its hub could read; undefined where it can. */
export function expressionProblem(spec: BundleSpec): string | undefined {
  const rules = healthRulesOf(spec);
  if (rules?.ok === false) {
    const [{ index, field, message } = { index: 0, field: "", message: "" }] =
      rules.problems;
    const place = field === undefined ? "" : `.${field}`;
    return `healthCheckExprs[${index}]${place}: ${message}`;
  }
  for (const dependency of spec.dependsOn) {
    const rule = readyRuleOf(dependency);
    if (rule?.ok !== false) continue;
    return `readyExpr of ${dependency.bundle}: ${rule.problem}`;
  }
  return undefined;
}

/** The ready expression of a dependency, read once; undefined where it has none. */
export function readyRuleOf(
  dependency: BundleDependency,
): ReadyExpressionResult | undefined {
  if (dependency.readyExpr === undefined) return undefined;
  const known = readyRules.get(dependency);
  if (known !== undefined) return known;
  const result = compileReadyExpression(dependency.readyExpr);
  readyRules.set(dependency, result);
  return result;
}

function healthRulesOf(spec: BundleSpec): HealthExpressionsResult | undefined {
  if (spec.healthCheckExprs === undefined) return undefined;
  const known = healthRules.get(spec);
  if (known !== undefined) return known;
  const result = compileHealthExpressions(spec.healthCheckExprs);
  healthRules.set(spec, result);
  return result;
}

function judgedBy(rule: ExpressionRule): Judged {
  const known = judgedByRule.get(rule);
  if (known !== undefined) return known;
  const judged: Judged = new WeakMap();
  judgedByRule.set(rule, judged);
  return judged;
}

const tookTooLong: ObjectHealth = {
  status: "Unknown",
  message: `health expressions took longer than ${expressionLimitMs} ms`,
};

const unfinished: ObjectHealth = {
  status: "Unknown",
  message: "health expressions have not come to it yet",
};

/**
 * Tells whether it came to the end. Where it did not, the first object is at
 * fault if time ran out over it, and is marked; any other had only what was
 * left, and is the first of the next pass.
 */
function judgeAll(
  objects: readonly KubeObject[],
  {
    rule,
    judged,
    limitMs,
  }: {
    readonly rule: ExpressionRule;
    readonly judged: Judged;
    readonly limitMs: number;
  },
): boolean {
  const [first] = objects;
  const isWhole = runWithin(limitMs, () => {
    for (const object of objects) judged.set(object, rule(object) ?? null);
  });
  if (!isWhole && first !== undefined && !judged.has(first)) {
    judged.set(first, tookTooLong);
  }
  return isWhole;
}
