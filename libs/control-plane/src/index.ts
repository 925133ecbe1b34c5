export { type ApiAnswer, type ApiRequest } from "./api-request.ts";
export { type AuditEvent } from "./audit-log.ts";
export {
  type ControlPlane,
  type ControlPlaneOptions,
  type ControlPlaneTools,
  startControlPlane,
} from "./control-plane.ts";
export { type ControlPlaneUser } from "./control-plane-files.ts";
export { simulateAnnotation } from "./pod-stages.ts";
