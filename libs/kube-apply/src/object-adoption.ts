import { type KubeObject, gvkOf } from "@wheelhouse/kube-object";
import { type ApplyContext, requestOf } from "./apply-context.ts";
import {
  type FluxOwner,
  fluxObjection,
  fluxOwnersOf,
  helmRemains,
} from "./flux-owner.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort } from "./kube-port.ts";
import { resourceVersionOf } from "./live-content.ts";
import { transferPatch } from "./managed-fields-transfer.ts";
import { type ObjectOutcome, moving, refuse } from "./object-outcome.ts";
import { type PreparedObject } from "./prepared-object.ts";
import { decideTakeover } from "./takeover.ts";

/** Whether the first apply of an object that was there may come. */
export type Adoption =
  /** `remains`: what the tool that had it leaves for a person to remove, in words. */
  | { readonly kind: "go"; readonly remains?: string }
  | { readonly kind: "stop"; readonly outcome: ObjectOutcome };

/** Takes an object over from the tools that had it before: whole, or not at all. */
export class ObjectAdoption {
  readonly #port: ApplyPort;

  constructor(port: ApplyPort) {
    this.#port = port;
  }

  /**
   * Prepares an object that has no owner of ours for its first apply. Where
   * something stops it nothing is written. Throws `KubeError` where the server refuses: what cannot be looked at is
   * not taken over.
   */
  async prepare(
    prepared: PreparedObject,
    object: KubeObject,
    context: ApplyContext,
  ): Promise<Adoption> {
    const live = await this.#whole(prepared, context);
    if (live === undefined) return { kind: "go" };
    for (const owner of fluxOwnersOf(live)) {
      const objection = await this.#objection(owner, context);
      if (objection !== undefined) {
        return { kind: "stop", outcome: refuse("FluxActive", objection) };
      }
    }
    const patch = transferPatch(live, object, context.spec.adopt);
    if (patch === undefined) return { kind: "go" };
    const outcome = await this.#refusal(prepared, object, live, context);
    if (outcome !== undefined) return { kind: "stop", outcome };
    try {
      const { id } = prepared.desired;
      await this.#port.mergePatch(gvkOf(live), id, patch, requestOf(context));
      const remains = helmRemains(live);
      return { kind: "go", ...(remains === undefined ? {} : { remains }) };
    } catch (error) {
      if (error instanceof KubeError && error.reason === "stale") {
        return { kind: "stop", outcome: moving() };
      }
      throw error;
    }
  }

  /** With managedFields, which an object in view has not. */
  #whole(
    { live, desired }: PreparedObject,
    context: ApplyContext,
  ): Promise<KubeObject | undefined> | KubeObject | undefined {
    if (live?.metadata["managedFields"] !== undefined) return live;
    const kind = gvkOf(desired.object);
    return this.#port.get(kind, desired.id, requestOf(context));
  }

  /** A version that is not served has no objects; where none is, Flux's definitions are gone. */
  async #objection(
    owner: FluxOwner,
    context: ApplyContext,
  ): Promise<string | undefined> {
    for (const kind of owner.readAs) {
      try {
        const live = await this.#port.get(kind, owner, requestOf(context));
        return live && fluxObjection(owner, live);
      } catch (error) {
        const isUnserved =
          error instanceof KubeError && error.reason === "unknownKind";
        if (!isUnserved) throw error;
      }
    }
    return undefined;
  }

  /** Whose fields may be taken is judged before their managers' names are gone. */
  async #refusal(
    { policy }: PreparedObject,
    object: KubeObject,
    live: KubeObject,
    context: ApplyContext,
  ): Promise<ObjectOutcome | undefined> {
    try {
      const resourceVersion = resourceVersionOf(live);
      const request = requestOf(context);
      const options = { ...request, dryRun: true, resourceVersion };
      await this.#port.apply(object, options);
      return undefined;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.reason === "stale") return moving();
      if (error.reason !== "conflict") throw error;
      const { spec } = context;
      const takeover = decideTakeover({
        conflicts: error.conflicts,
        policy,
        lastApplied: undefined,
        force: spec.force,
        driftMode: spec.drift.mode,
        mayAdopt: spec.adopt,
      });
      return takeover.kind === "hold"
        ? refuse("Conflict", takeover.message)
        : undefined;
    }
  }
}
