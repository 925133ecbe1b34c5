export {
  type ObjectHealth,
  type ObjectStatus,
  objectStatuses,
} from "./object-status.ts";
export {
  type Verdict,
  staleAfterMs,
  unreachableAfterMs,
  verdicts,
} from "./verdict.ts";
