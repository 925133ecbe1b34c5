import {
  type GroupVersionKind,
  type KubeObject,
  formatObjectId,
  isJsonObject,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort, type DiscoveryPort } from "./kube-port.ts";
import { type Contents } from "./prune-evidence.ts";

/** How what a namespace or a definition holds is looked at. */
export interface ContainedObjectsOptions {
  readonly port: ApplyPort;
  readonly discovery: DiscoveryPort;
}

/** What is looked into, and as whom. */
export interface ContainedObjectsRequest {
  readonly object: KubeObject;
  /** Identities of what is being deleted anyway. */
  readonly going: ReadonlySet<string>;
  /** The service account of its bundle, where it has one. */
  readonly impersonate: string | undefined;
}

/** What lives in a namespace or as objects of a definition, outside of what is being deleted. A list here only ever holds a deletion back. */
export class ContainedObjects {
  readonly #options: ContainedObjectsOptions;

  constructor(options: ContainedObjectsOptions) {
    this.#options = options;
  }

  /** `none` for an object of another kind; `unknown` where the server refuses, with its words. */
  async of(request: ContainedObjectsRequest): Promise<Contents> {
    try {
      if (request.object.kind === "Namespace") {
        return await this.#inNamespace(request);
      }
      return request.object.kind === "CustomResourceDefinition"
        ? await this.#ofDefinition(request)
        : { kind: "none" };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return { kind: "unknown", message: error.message };
    }
  }

  async #inNamespace(request: ContainedObjectsRequest): Promise<Contents> {
    const { discovery } = this.#options;
    // A kind that came since the last answer may have objects here, and so may one that nobody answers for.
    const served = await discovery.capabilities({ fresh: true });
    const { apiVersions, unanswered = [] } = served;
    if (unanswered.length > 0) {
      const message = `discovery of ${unanswered.join(", ")} is not available`;
      return { kind: "unknown", message };
    }
    for (const text of apiVersions) {
      const gvk = parseServed(text);
      if (gvk === undefined || ignoredContents.has(gvk.kind)) continue;
      if ((await discovery.find(gvk))?.namespaced !== true) continue;
      const { name } = request.object.metadata;
      const contents = await this.#listed(gvk, name, request);
      if (contents.kind !== "none") return contents;
    }
    return { kind: "none" };
  }

  async #ofDefinition(request: ContainedObjectsRequest): Promise<Contents> {
    const spec = request.object["spec"];
    const names = isJsonObject(spec) ? spec["names"] : undefined;
    const group = isJsonObject(spec) ? spec["group"] : undefined;
    const kind = isJsonObject(names) ? names["kind"] : undefined;
    if (typeof group !== "string" || typeof kind !== "string") {
      return { kind: "unknown", message: "the definition names no kind" };
    }
    // A definition that was just made is served a moment later than it says.
    const served = await this.#options.discovery.findByKind(group, kind, {
      fresh: true,
    });
    return served === undefined
      ? { kind: "unknown", message: `${kind} is not served` }
      : this.#listed(served.gvk, "", request);
  }

  async #listed(
    gvk: GroupVersionKind,
    namespace: string,
    { going, impersonate }: ContainedObjectsRequest,
  ): Promise<Contents> {
    try {
      const items = await this.#options.port.list(gvk, {
        namespace,
        ...(impersonate === undefined ? {} : { impersonate }),
      });
      const other = items.find(
        (item) =>
          !going.has(objectKey(objectIdOf(item))) && !isProvidedByServer(item),
      );
      return other === undefined
        ? { kind: "none" }
        : { kind: "some", example: formatObjectId(objectIdOf(other)) };
    } catch (error) {
      // A kind that can be created but not listed holds nothing to lose.
      if (error instanceof KubeError && error.code === 405) {
        return { kind: "none" };
      }
      throw error;
    }
  }
}

/** Made by the server in every namespace, or following other objects: no reason to keep a namespace. */
const ignoredContents: ReadonlySet<string> = new Set([
  "Event",
  "Endpoints",
  "EndpointSlice",
  "ControllerRevision",
  "Lease",
  "PodMetrics",
]);

function isProvidedByServer(object: KubeObject): boolean {
  const { name } = object.metadata;
  return (
    (object.kind === "ServiceAccount" && name === "default") ||
    (object.kind === "ConfigMap" && name === "kube-root-ca.crt") ||
    Array.isArray(object.metadata["ownerReferences"])
  );
}

function parseServed(text: string): GroupVersionKind | undefined {
  const parts = text.split("/");
  const kind = parts.pop();
  const version = parts.pop();
  if (kind === undefined || version === undefined) return undefined;
  return { group: parts.join("/"), version, kind };
}
