import { objectAt, stringAt } from "../json.ts";
import { objectKey } from "../store.ts";
import { type Controller } from "./controller.ts";
import { isDeleting } from "./owned.ts";

/** Gives each namespace its default service account and the root certificates. */
export const namespaceContentsController: Controller = {
  name: "service-account",
  resource: "/namespaces",
  reconcile(context, key) {
    const namespace = context.get("/namespaces", key);
    if (namespace === undefined || isDeleting(namespace)) return undefined;
    const name = stringAt(objectAt(namespace, "metadata"), "name");
    if (
      context.get("/serviceaccounts", objectKey(name, "default")) === undefined
    )
      context.create("/serviceaccounts", name, {
        metadata: { name: "default" },
      });
    const certificates = "kube-root-ca.crt";
    if (context.get("/configmaps", objectKey(name, certificates)) === undefined)
      context.create("/configmaps", name, {
        metadata: {
          name: certificates,
          annotations: {
            "kubernetes.io/description":
              "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
          },
        },
        data: { "ca.crt": "" },
      });
    return undefined;
  },
};
