export {
  type SubstituteResult,
  type Variables,
  invalidVariableNames,
  isSubstituteDisabled,
  mergeVariables,
  substituteText,
} from "./substitute.ts";
