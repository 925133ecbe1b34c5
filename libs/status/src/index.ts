export {
  type StatusOptions,
  computeStatus,
  notFound,
  worstHealth,
} from "./compute-status.ts";
export {
  type ObjectHealth,
  type ObjectStatus,
  objectStatuses,
} from "./object-status.ts";
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
