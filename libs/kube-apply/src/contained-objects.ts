import {
  type GroupVersionKind,
  type KubeObject,
  type ObjectId,
  formatObjectId,
  isJsonObject,
  objectIdOf,
} from "@wheelhouse/kube-object";
import { ContainedGuests, type Going } from "./contained-guests.ts";
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
  /** What is being deleted anyway. */
  readonly going: Going;
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
    const { group, kind } = objectIdOf(request.object);
    try {
      switch (`${group}/${kind}`) {
        case "/Namespace":
          return await this.#inNamespace(request);
        case "apiextensions.k8s.io/CustomResourceDefinition":
          return await this.#ofDefinition(request);
        default:
          return { kind: "none" };
      }
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
    const guests = new ContainedGuests(request.going);
    for (const text of apiVersions) {
      const gvk = parseServed(text);
      if (gvk === undefined || isIgnored(gvk)) continue;
      if ((await discovery.find(gvk))?.namespaced !== true) continue;
      const { name } = request.object.metadata;
      const guest = guests.look(await this.#list(gvk, name, request));
      if (guest !== undefined) return contentsOf(guest);
    }
    return contentsOf(guests.rest());
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
    if (served === undefined) {
      return { kind: "unknown", message: `${kind} is not served` };
    }
    const guests = new ContainedGuests(request.going);
    const guest = guests.look(await this.#list(served.gvk, "", request));
    return contentsOf(guest ?? guests.rest());
  }

  async #list(
    gvk: GroupVersionKind,
    namespace: string,
    { impersonate }: ContainedObjectsRequest,
  ): Promise<readonly KubeObject[]> {
    try {
      return await this.#options.port.list(gvk, {
        namespace,
        ...(impersonate === undefined ? {} : { impersonate }),
      });
    } catch (error) {
      // A kind that can be created but not listed holds nothing to lose.
      if (error instanceof KubeError && error.code === 405) return [];
      throw error;
    }
  }
}

/** `group/Kind` of what the server makes in every namespace, or what follows other objects: no reason to keep a namespace. */
const ignoredContents: ReadonlySet<string> = new Set([
  "/Event",
  "events.k8s.io/Event",
  "/Endpoints",
  "discovery.k8s.io/EndpointSlice",
  "apps/ControllerRevision",
  "coordination.k8s.io/Lease",
  "metrics.k8s.io/PodMetrics",
]);

function isIgnored({ group, kind }: GroupVersionKind): boolean {
  return ignoredContents.has(`${group}/${kind}`);
}

function contentsOf(guest: ObjectId | undefined): Contents {
  return guest === undefined
    ? { kind: "none" }
    : { kind: "some", example: formatObjectId(guest) };
}

function parseServed(text: string): GroupVersionKind | undefined {
  const parts = text.split("/");
  const kind = parts.pop();
  const version = parts.pop();
  if (kind === undefined || version === undefined) return undefined;
  return { group: parts.join("/"), version, kind };
}
