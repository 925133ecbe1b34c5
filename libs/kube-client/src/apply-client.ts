import {
  type ApplyOptions,
  type ApplyPort,
  type DeleteOptions,
  type GetOptions,
  KubeError,
  type ServedKind,
} from "@wheelhouse/kube-apply";
import {
  type GroupVersionKind,
  type JsonObject,
  type KubeObject,
  type ObjectId,
  canonicalJson,
  fieldManager,
  gvkOf,
  isKubeObject,
  objectIdOf,
} from "@wheelhouse/kube-object";
import { type KubeDiscovery } from "./discovery.ts";
import { listAll } from "./object-list.ts";
import { type KubeRequest, type Requester } from "./requester.ts";
import {
  type Query,
  collectionPath,
  objectPath,
  subjectOf,
  withQuery,
} from "./resource-path.ts";

type Name = Pick<ObjectId, "namespace" | "name">;

/** Asks for an object without its content, or for all of it where that form is not known. */
const metadataForm =
  "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/** The same of a list. */
const metadataListForm =
  "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/** How strictly the server looks at unknown and duplicate fields. */
export type FieldValidation = "Strict" | "Warn" | "Ignore";

/** Reads and writes single objects over https as raw JSON: no field is lost on the way. */
export class KubeApplyClient implements ApplyPort {
  readonly #requester: Requester;
  readonly #discovery: KubeDiscovery;
  readonly #fieldValidation: FieldValidation;

  constructor(
    requester: Requester,
    discovery: KubeDiscovery,
    fieldValidation: FieldValidation = "Strict",
  ) {
    this.#requester = requester;
    this.#discovery = discovery;
    this.#fieldValidation = fieldValidation;
  }

  async apply(
    object: KubeObject,
    options: ApplyOptions = {},
  ): Promise<KubeObject> {
    const { dryRun, force, resourceVersion, impersonate, signal } = options;
    const body = appliedBody(object, resourceVersion);
    return this.#write(object, "PATCH", {
      query: {
        ...this.#writeQuery(),
        force: force === true ? "true" : undefined,
        dryRun: dryRun === true ? "All" : undefined,
      },
      contentType: "application/apply-patch+yaml",
      body: canonicalJson(body),
      ...(impersonate === undefined ? {} : { impersonate }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async get(
    kind: GroupVersionKind,
    id: Name,
    { metadataOnly, ...options }: GetOptions = {},
  ): Promise<KubeObject | undefined> {
    const served = await this.#require(kind, options);
    try {
      return await this.#object({
        method: "GET",
        path: objectPath(served, id),
        subject: subjectOf(kind, id),
        ...(metadataOnly === true ? { accept: metadataForm } : {}),
        ...options,
      });
    } catch (error) {
      if (error instanceof KubeError && error.reason === "notFound") {
        return undefined;
      }
      throw error;
    }
  }

  async delete(
    kind: GroupVersionKind,
    id: Name,
    options: DeleteOptions,
  ): Promise<void> {
    const { uid, resourceVersion, propagation, impersonate, signal } = options;
    const served = await this.#require(kind, options);
    await this.#requester.send({
      method: "DELETE",
      path: objectPath(served, id),
      subject: subjectOf(kind, id),
      body: canonicalJson({
        apiVersion: "v1",
        kind: "DeleteOptions",
        preconditions: { uid, resourceVersion },
        propagationPolicy: propagation,
      }),
      ...(impersonate === undefined ? {} : { impersonate }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  create(
    object: KubeObject,
    options: Parameters<ApplyPort["create"]>[1] = {},
  ): Promise<KubeObject> {
    return this.#write(object, "POST", {
      query: this.#writeQuery(),
      contentType: "application/json",
      body: canonicalJson(object),
      ...options,
    });
  }

  update(
    object: KubeObject,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<KubeObject> {
    if (typeof object.metadata["resourceVersion"] !== "string") {
      const { text } = subjectOf(gvkOf(object), objectIdOf(object));
      throw new KubeError("invalid", `${text}: update needs a resourceVersion`);
    }
    return this.#write(object, "PUT", {
      query: this.#writeQuery(),
      contentType: "application/json",
      body: canonicalJson(object),
      ...options,
    });
  }

  async list(
    kind: GroupVersionKind,
    { metadataOnly, ...options }: Parameters<ApplyPort["list"]>[1],
  ): Promise<readonly KubeObject[]> {
    const served = await this.#require(kind, options);
    return listAll(this.#requester, served, {
      ...options,
      ...(metadataOnly === true ? { accept: metadataListForm } : {}),
    });
  }

  async mergePatch(
    kind: GroupVersionKind,
    id: Name,
    patch: JsonObject,
    options: Parameters<ApplyPort["mergePatch"]>[3] = {},
  ): Promise<KubeObject> {
    const served = await this.#require(kind, options);
    return this.#object({
      method: "PATCH",
      path: withQuery(objectPath(served, id), this.#writeQuery()),
      subject: subjectOf(kind, id),
      contentType: "application/merge-patch+json",
      body: canonicalJson(patch),
      ...options,
    });
  }

  #writeQuery(): Query {
    return { fieldManager, fieldValidation: this.#fieldValidation };
  }

  async #write(
    object: KubeObject,
    method: "POST" | "PUT" | "PATCH",
    parts: Pick<
      KubeRequest,
      "contentType" | "body" | "impersonate" | "signal"
    > & { readonly query: Query },
  ): Promise<KubeObject> {
    const { query, ...rest } = parts;
    const gvk = gvkOf(object);
    const id = objectIdOf(object);
    const served = await this.#require(gvk, rest);
    const path =
      method === "POST"
        ? collectionPath(served, id.namespace)
        : objectPath(served, id);
    return this.#object({
      method,
      path: withQuery(path, query),
      subject: subjectOf(gvk, id),
      ...rest,
    });
  }

  async #object(request: KubeRequest): Promise<KubeObject> {
    const json = await this.#requester.json(request);
    if (isKubeObject(json)) return json;
    throw new KubeError(
      "server",
      `${request.subject.text}: the answer is no Kubernetes object`,
    );
  }

  async #require(
    kind: GroupVersionKind,
    { signal }: { readonly signal?: AbortSignal },
  ): Promise<ServedKind> {
    const options = signal === undefined ? {} : { signal };
    const served = await this.#discovery.find(kind, options);
    if (served !== undefined) return served;
    throw new KubeError(
      "unknownKind",
      `${kind.kind}: the server does not serve this kind`,
    );
  }
}

/** An apply must not carry managedFields; it carries a resourceVersion only where one was judged. */
function appliedBody(
  object: KubeObject,
  resourceVersion: string | undefined,
): KubeObject {
  const kept = Object.entries(object.metadata).filter(
    ([name]) => name !== "managedFields" && name !== "resourceVersion",
  );
  const metadata = {
    ...Object.fromEntries(kept),
    name: object.metadata.name,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  return { ...object, metadata };
}
