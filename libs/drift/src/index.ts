export {
  type DriftField,
  type DriftRecord,
  type DriftState,
} from "./drift-record.ts";
