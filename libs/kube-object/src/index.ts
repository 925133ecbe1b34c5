export { canonicalJson, compareBytewise, parseJson } from "./canonical-json.ts";
export { isDnsLabel, isDnsSubdomain, isPathSegment } from "./dns-name.ts";
export { errorText } from "./error-text.ts";
export {
  type FieldPath,
  type FieldStep,
  formatFieldPath,
  valueAt,
} from "./field-path.ts";
export {
  type Json,
  type JsonObject,
  isEqualJson,
  isJsonList,
  isJsonObject,
} from "./json.ts";
export { findLabelProblem, findLabelRule } from "./label-rule.ts";
export {
  type LabelSelector,
  type Labels,
  type SelectorRequirement,
  type SelectorResult,
  matchesSelector,
  parseSelector,
} from "./label-selector.ts";
export {
  type GroupVersionKind,
  type KubeMetadata,
  type KubeObject,
  type ObjectId,
  compareObjectIds,
  formatApiVersion,
  formatObjectId,
  gvkOf,
  isKubeObject,
  objectIdOf,
  objectKey,
  parseApiVersion,
  parseObjectKey,
} from "./object-id.ts";
export {
  adoptAnnotation,
  fieldManager,
  fleetLabel,
  fluxAnnotationGroup,
  isSpokeState,
  ownerAnnotation,
  ownerOf,
  readOwner,
  spokeNamespace,
  wheelhouseGroup,
} from "./ownership.ts";
