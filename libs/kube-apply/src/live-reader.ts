import { type GroupVersionKind, type ObjectId } from "@wheelhouse/kube-object";
import { KubeError } from "./kube-error.ts";
import {
  type ApplyPort,
  type DiscoveryPort,
  type ServedKind,
} from "./kube-port.ts";
import { type Limiter } from "./limiter.ts";
import { type LiveRead } from "./prune-evidence.ts";

/** What a live read needs of the world. */
export interface LiveReaderOptions {
  readonly port: ApplyPort;
  readonly discovery: DiscoveryPort;
  readonly limiter: Limiter;
}

/** An object to be read, and how. */
export interface LiveRequest {
  readonly id: ObjectId;
  /** The definition of its kind, where it was recorded. */
  readonly definition: string | undefined;
  /** The service account of its bundle, where it has one. */
  readonly impersonate?: string;
}

/** What a live read gave, and the kind as the server serves it now. */
export interface LiveAnswer {
  readonly live: LiveRead;
  readonly kind?: GroupVersionKind;
}

const definitionKind: GroupVersionKind = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
};

/** Reads single objects live for one look; whether a kind is served is asked once per kind, and never answered from before the look. */
export class LiveReader {
  readonly #options: LiveReaderOptions;
  readonly #kinds = new Map<string, Promise<ServedKind | undefined>>();

  constructor(options: LiveReaderOptions) {
    this.#options = options;
  }

  /** Reads one object. A refusal is an answer, too: `unreadable`, with the server's words. */
  async read(request: LiveRequest): Promise<LiveAnswer> {
    try {
      return await this.#options.limiter.run(() => this.#read(request));
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return { live: { kind: "unreadable", message: error.message } };
    }
  }

  async #read(request: LiveRequest): Promise<LiveAnswer> {
    const { id } = request;
    const served = await this.#servedKind(id);
    if (served === undefined) return { live: await this.#unserved(request) };
    const object = await this.#options.port.get(
      served.gvk,
      id,
      accountOf(request),
    );
    return {
      live:
        object === undefined ? { kind: "absent" } : { kind: "found", object },
      kind: served.gvk,
    };
  }

  #servedKind({ group, kind }: ObjectId): Promise<ServedKind | undefined> {
    const name = `${group}/${kind}`;
    const asked =
      this.#kinds.get(name) ??
      this.#options.discovery.findByKind(group, kind, { fresh: true });
    this.#kinds.set(name, asked);
    return asked;
  }

  /** A kind that is not served took its objects along only where its definition itself is gone. */
  async #unserved(request: LiveRequest): Promise<LiveRead> {
    const { id, definition } = request;
    const message = `${id.kind} is not served any more`;
    if (definition === undefined) {
      return { kind: "unserved", isDefinitionGone: false, message };
    }
    try {
      const name = { namespace: "", name: definition };
      const live = await this.#options.port.get(
        definitionKind,
        name,
        accountOf(request),
      );
      return {
        kind: "unserved",
        isDefinitionGone: live === undefined,
        message: live === undefined ? message : `${message}: ${definition} is`,
      };
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return {
        kind: "unserved",
        isDefinitionGone: false,
        message: `${message}: ${error.message}`,
      };
    }
  }
}

function accountOf({ impersonate }: LiveRequest): {
  readonly impersonate?: string;
} {
  return impersonate === undefined ? {} : { impersonate };
}
