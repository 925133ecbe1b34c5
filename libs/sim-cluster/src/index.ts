export { type AuditRecord } from "./audit.ts";
export { type Fault } from "./faults.ts";
export { type Json, type JsonObject } from "./json.ts";
export {
  createSimCluster,
  type SimCluster,
  type SimClusterOptions,
} from "./sim-cluster.ts";
