export { type FieldValidation } from "./apply-client.ts";
export {
  type KubeClient,
  type KubeClientOptions,
  createKubeClient,
} from "./create-kube-client.ts";
export { type KubeconfigSource } from "./kubeconfig.ts";
