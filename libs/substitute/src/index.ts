export { type MarkedObjects, withCommonMetadata } from "./common-metadata.ts";
export {
  type DocumentResult,
  type RenderedDocument,
  substituteDocument,
} from "./document.ts";
export {
  type SubstituteResult,
  type Variables,
  invalidVariableNames,
  isSubstituteDisabled,
  mergeVariables,
  substituteText,
} from "./substitute.ts";
export { variableNames } from "./variable-names.ts";
