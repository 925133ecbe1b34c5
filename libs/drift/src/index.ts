export {
  type FieldDifference,
  diffFields,
  maxDifferences,
} from "./diff-fields.ts";
export {
  type DriftLedger,
  type DriftObservation,
  forgetBundle,
  hasOpenDrift,
  maxLedgerRecords,
  recordDrift,
  settleDrift,
} from "./drift-ledger.ts";
export {
  type DriftField,
  type DriftRecord,
  type DriftState,
  type FoundField,
} from "./drift-record.ts";
export { type FieldTextResult, followFieldText } from "./field-text.ts";
export {
  isForeign,
  isOurs,
  lastForeignWriter,
  writerOf,
} from "./field-writer.ts";
export {
  type DriftFinding,
  type DriftInput,
  type DryRunAnswer,
  findDrift,
} from "./find-drift.ts";
export { checkIgnoreRule, matchesIgnoreTarget } from "./ignore-rules.ts";
export {
  type FieldWriter,
  type ManagedFieldsEntry,
  isOwnedBy,
  managedFieldsOf,
} from "./managed-fields.ts";
export {
  type ConflictingField,
  type ForceDecision,
  isApplied,
  mayForce,
} from "./may-force.ts";
export {
  type IsSecretValue,
  isRedacted,
  maxValueLength,
  redactedText,
  valueText,
} from "./redaction.ts";
export { isWhollyIgnored, stripIgnored } from "./strip-ignored.ts";
