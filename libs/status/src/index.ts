export { type CelOutcome, maxExpressionLength } from "./cel-expression.ts";
export {
  type StatusOptions,
  computeStatus,
  notFound,
  worstHealth,
} from "./compute-status.ts";
export {
  type ExpressionProblem,
  type ExpressionRule,
  type HealthExpressionsResult,
  compileHealthExpressions,
} from "./health-expressions.ts";
export { healthOf } from "./object-health.ts";
export {
  type ObjectHealth,
  type ObjectStatus,
  objectStatuses,
} from "./object-status.ts";
export {
  type ReadyExpressionResult,
  type ReadyRule,
  compileReadyExpression,
} from "./ready-expression.ts";
export {
  type ContactSources,
  type HeardTimes,
  type Standing,
  computeStandingVerdict,
  computeVerdictBasis,
  joinAgeMs,
} from "./verdict-basis.ts";
export {
  type BundleFlags,
  type Contact,
  type JudgedVerdict,
  type Verdict,
  type VerdictBasis,
  computeBundleVerdict,
  computeClusterVerdict,
  staleAfterMs,
  unreachableAfterMs,
  verdicts,
  worstVerdict,
} from "./verdict.ts";
