// Its index brings every generated model along.
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { errorText } from "@wheelhouse/kube-object";

/**
 * Where the way to an API server, and the credentials for it, are found.
 * `default` is what kubectl would take: `KUBECONFIG`, `~/.kube/config`, else
 * the service account of the pod.
 */
export type KubeconfigSource =
  | { readonly kind: "file"; readonly path: string; readonly context?: string }
  | { readonly kind: "text"; readonly text: string; readonly context?: string }
  | { readonly kind: "inCluster" }
  | { readonly kind: "default"; readonly context?: string };

/**
 * Reads a kubeconfig. Throws where it cannot be read, names a context that is
 * not there, or would send credentials over plain http to another machine.
 */
export function loadKubeConfig(source: KubeconfigSource): KubeConfig {
  const config = new KubeConfig();
  read(config, source);
  if (source.kind !== "inCluster" && source.context !== undefined) {
    requireContext(config, source.context);
    config.setCurrentContext(source.context);
  }
  permitLoopbackHttp(config);
  return config;
}

function read(config: KubeConfig, source: KubeconfigSource): void {
  switch (source.kind) {
    case "file":
      return loadFile(config, source.path);
    case "text":
      return config.loadFromString(source.text);
    case "inCluster":
      return config.loadFromCluster();
    case "default":
      config.loadFromDefault();
      return requireFound(config);
  }
}

function loadFile(config: KubeConfig, path: string): void {
  try {
    config.loadFromFile(path);
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
    const why = errorText(error);
    throw new Error(
      `kubeconfig ${path}: ${isAbsent ? "there is no such file" : why}`,
      { cause: error },
    );
  }
}

/** Where it finds nothing, client-node takes a server at localhost:8080, which would be waited for without end. */
function requireFound(config: KubeConfig): void {
  const user = config.getCurrentUser();
  const isFallback =
    config.getCurrentCluster()?.server === "http://localhost:8080" &&
    config.getCurrentContext() === "loaded-context" &&
    user?.token === undefined;
  if (!isFallback) return;
  throw new Error(
    "no kubeconfig: there is no KUBECONFIG and no ~/.kube/config, and this is no pod; give --kubeconfig FILE",
  );
}

function requireContext(config: KubeConfig, context: string): void {
  if (config.getContextObject(context) !== null) return;
  const known = config.getContexts().map(({ name }) => name);
  throw new Error(
    `kubeconfig: no context ${context}; there are ${known.join(", ")}`,
  );
}

/** Plain http is for a server on this machine only, such as a simulated one. */
function permitLoopbackHttp(config: KubeConfig): void {
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new Error("kubeconfig: the current context names no cluster");
  }
  const url = new URL(cluster.server);
  if (url.protocol !== "http:") return;
  if (!["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) {
    throw new Error(
      `kubeconfig: ${cluster.server}: http is for this machine only`,
    );
  }
  // client-node permits http only where verification is switched off.
  Object.assign(cluster, { skipTLSVerify: true });
}
