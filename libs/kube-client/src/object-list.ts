import { KubeError, type ServedKind } from "@wheelhouse/kube-apply";
import {
  type Json,
  type JsonObject,
  type KubeObject,
  formatApiVersion,
  isJsonList,
  isJsonObject,
  isKubeObject,
} from "@wheelhouse/kube-object";
import { type ListPage } from "@wheelhouse/kube-watch";
import { type Requester } from "./requester.ts";
import { collectionPath, subjectOf, withQuery } from "./resource-path.ts";

/** Objects in one page of a list that is read whole. */
const pageSize = 500;

/** A list that is longer than this is refused: it must not fill the memory. */
const maxListed = 20_000;

/** Reads one page of a list. */
export async function listPage(
  requester: Requester,
  kind: ServedKind,
  options: {
    readonly namespace: string;
    readonly labelSelector?: string;
    readonly limit: number;
    readonly continueToken?: string;
    readonly accept?: string;
    readonly impersonate?: string;
    readonly signal?: AbortSignal;
  },
): Promise<ListPage> {
  const { accept, impersonate, signal } = options;
  const subject = subjectOf(kind.gvk, undefined);
  const json = await requester.json({
    method: "GET",
    path: withQuery(collectionPath(kind, options.namespace), {
      labelSelector: options.labelSelector,
      limit: String(options.limit),
      continue: options.continueToken,
    }),
    subject,
    ...(accept === undefined ? {} : { accept }),
    ...(impersonate === undefined ? {} : { impersonate }),
    ...(signal === undefined ? {} : { signal }),
  });
  return readPage(kind, json, subject.text);
}

/** Reads a list whole, or at most `limit` objects of it. */
export async function listAll(
  requester: Requester,
  kind: ServedKind,
  options: {
    readonly namespace: string;
    readonly labelSelector?: string;
    readonly limit?: number;
    /** The forms that the answer may have; JSON of whole objects by default. */
    readonly accept?: string;
    readonly impersonate?: string;
    readonly signal?: AbortSignal;
  },
): Promise<readonly KubeObject[]> {
  const wanted = options.limit ?? maxListed;
  const items: KubeObject[] = [];
  let continueToken: string | undefined;
  do {
    const page: ListPage = await listPage(requester, kind, {
      ...options,
      limit: Math.min(pageSize, wanted - items.length),
      ...(continueToken === undefined ? {} : { continueToken }),
    });
    items.push(...page.items);
    continueToken = page.continueToken;
  } while (continueToken !== undefined && items.length < wanted);
  if (continueToken !== undefined && options.limit === undefined) {
    throw new KubeError(
      "tooLarge",
      `${kind.gvk.kind}: over ${maxListed} objects in a list`,
    );
  }
  return items;
}

/** The items of a list carry neither apiVersion nor kind of their own. */
function readPage(kind: ServedKind, json: Json, subject: string): ListPage {
  const items = isJsonObject(json) ? itemsOf(json) : undefined;
  const metadata = isJsonObject(json) ? json["metadata"] : undefined;
  if (!isJsonObject(metadata) || !isJsonList(items)) {
    // An answer without items is not an empty list.
    throw new KubeError("server", `${subject}: the answer is no list`);
  }
  const { resourceVersion } = metadata;
  const token = metadata["continue"];
  return {
    items: items.map((item) => readItem(kind, item, subject)),
    resourceVersion: typeof resourceVersion === "string" ? resourceVersion : "",
    ...(typeof token === "string" && token !== ""
      ? { continueToken: token }
      : {}),
  };
}

/** Of metadata alone the server writes an empty list as null. */
function itemsOf(list: JsonObject): Json | undefined {
  const items = list["items"];
  const isOfMetadata = list["kind"] === "PartialObjectMetadataList";
  return items === null && isOfMetadata ? [] : items;
}

function readItem(kind: ServedKind, item: Json, subject: string): KubeObject {
  const { group, version } = kind.gvk;
  const object = isJsonObject(item)
    ? {
        apiVersion: formatApiVersion(group, version),
        kind: kind.gvk.kind,
        ...item,
      }
    : undefined;
  if (isKubeObject(object)) return object;
  throw new KubeError("server", `${subject}: an item of the list is no object`);
}
