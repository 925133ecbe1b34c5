import { type ClusterState, type WriteRequest } from "../cluster-state.ts";
import {
  cloneJson,
  equalJson,
  type Json,
  type JsonObject,
  objectAt,
  stringAt,
} from "../json.ts";
import { createObject } from "../objects/create.ts";
import { deleteObject, type Propagation } from "../objects/delete.ts";
import { updateObject } from "../objects/update.ts";
import { type Resource } from "../resource.ts";
import { StatusFailure } from "../status-failure.ts";
import { type Change } from "../store.ts";

/** One controller: it looks at one object of its resource at a time, and knows no events. */
export interface Controller {
  readonly name: string;
  /** Storage key of the resource that it looks after. */
  readonly resource: string;
  /** Other resources whose changes concern it: the keys of its own objects to look at again. */
  readonly also?: Readonly<
    Record<string, (change: Change, state: ClusterState) => readonly string[]>
  >;
  /** Brings one object a step further; returns the milliseconds after which to look again, if ever. */
  reconcile(context: ControllerContext, key: string): number | undefined;
}

/** What controllers write with: the server's own operations, under the controller manager's name. */
export class ControllerContext {
  readonly state: ClusterState;
  /** How long pods and the like take to become ready. */
  readonly readyAfterMs: number;
  readonly #name: string;

  constructor(state: ClusterState, readyAfterMs: number, name: string) {
    this.state = state;
    this.readyAfterMs = readyAfterMs;
    this.#name = name;
  }

  get(resource: string, key: string): JsonObject | undefined {
    return this.state.store.get(resource, key);
  }

  /** What an object controls, of one resource. */
  controlled(owner: JsonObject, resource: string): JsonObject[] {
    const uid = stringAt(objectAt(owner, "metadata"), "uid");
    return this.state.owners.controlled(uid, resource);
  }

  /** Creates an object; one that is there already, or may not be made now, is left. */
  create(
    resource: string,
    namespace: string,
    body: JsonObject,
  ): JsonObject | undefined {
    return this.#attempt(() =>
      createObject(
        this.state,
        this.#resource(resource),
        namespace,
        body,
        this.#request(),
      ),
    );
  }

  /** Changes an object through a copy; nothing is written when nothing changed. */
  update(
    resource: string,
    live: JsonObject,
    change: (copy: JsonObject) => void,
    subresource = "",
  ): JsonObject | undefined {
    const next = cloneJson(live);
    change(next);
    if (equalJson(next, live)) return live;
    return this.#attempt(() =>
      updateObject(
        this.state,
        this.#resource(resource),
        live,
        next,
        this.#request(),
        subresource,
      ),
    );
  }

  /** Writes an object's status where it differs. */
  setStatus(resource: string, live: JsonObject, status: Json): void {
    this.update(
      resource,
      live,
      (copy) => (copy["status"] = cloneJson(status)),
      "status",
    );
  }

  delete(
    resource: string,
    live: JsonObject,
    propagation: Propagation = "Background",
  ): void {
    this.#attempt(() =>
      deleteObject(this.state, this.#resource(resource), live, {
        ...this.#request(),
        propagation,
        uid: "",
        resourceVersion: "",
      }),
    );
  }

  #resource(storage: string): Resource {
    const resource = this.state.resources.ofStorage(storage);
    if (resource === undefined) throw new Error(`${storage}: not served`);
    return resource;
  }

  #request(): WriteRequest {
    return {
      user: `system:serviceaccount:kube-system:${this.#name}-controller`,
      userAgent: "kube-controller-manager",
      fieldManager: "kube-controller-manager",
      dryRun: false,
      fieldValidation: "Ignore",
      warnings: [],
    };
  }

  /** A refused write is no error of a controller: the next change brings it back here. */
  #attempt<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (failure) {
      if (failure instanceof StatusFailure) return undefined;
      throw failure;
    }
  }
}
