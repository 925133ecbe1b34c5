export {
  type FieldConflict,
  KubeError,
  type KubeErrorReason,
} from "./kube-error.ts";
export {
  type ApplyOptions,
  type ApplyPort,
  type DeleteOptions,
  type DiscoveryPort,
  type ServedKind,
} from "./kube-port.ts";
