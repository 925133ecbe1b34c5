import { KubeError, type ServedKind } from "@wheelhouse/kube-apply";
import {
  type GroupVersionKind,
  type Json,
  isJsonObject,
  isKubeObject,
  parseJson,
} from "@wheelhouse/kube-object";
import {
  type ListPage,
  type WatchEvent,
  type WatchPort,
} from "@wheelhouse/kube-watch";
import { type IncomingMessage } from "node:http";
import { type KubeDiscovery } from "./discovery.ts";
import { kubeErrorOf } from "./kube-error-of.ts";
import { listPage } from "./object-list.ts";
import { type KubeRequest, type Requester, unreachable } from "./requester.ts";
import { collectionPath, subjectOf, withQuery } from "./resource-path.ts";
import { type Transport, maxResponseBytes } from "./transport.ts";

/** Lists and watches over https; a watch is a stream of JSON lines with bookmarks asked for. */
export class KubeWatchClient implements WatchPort {
  readonly #requester: Requester;
  readonly #transport: Transport;
  readonly #discovery: KubeDiscovery;

  constructor(
    requester: Requester,
    transport: Transport,
    discovery: KubeDiscovery,
  ) {
    this.#requester = requester;
    this.#transport = transport;
    this.#discovery = discovery;
  }

  async list(
    kind: GroupVersionKind,
    options: Parameters<WatchPort["list"]>[1],
  ): Promise<ListPage> {
    const served = await this.#require(kind, options.signal);
    return listPage(this.#requester, served, { ...options, namespace: "" });
  }

  async *watch(
    kind: GroupVersionKind,
    options: Parameters<WatchPort["watch"]>[1],
  ): AsyncGenerator<WatchEvent> {
    const served = await this.#require(kind, options.signal);
    const request = {
      method: "GET",
      path: withQuery(collectionPath(served, ""), {
        watch: "true",
        allowWatchBookmarks: "true",
        labelSelector: options.labelSelector,
        resourceVersion: options.resourceVersion,
        timeoutSeconds: String(options.timeoutSeconds),
      }),
      subject: subjectOf(kind, undefined),
      signal: options.signal,
    } as const;
    const response = await this.#open(request);
    try {
      for await (const line of linesOf(response)) yield readEvent(line);
    } catch (error) {
      options.signal.throwIfAborted();
      throw unreachable(error, request.subject);
    } finally {
      response.destroy();
    }
  }

  async #open(
    request: KubeRequest & { readonly signal: AbortSignal },
  ): Promise<IncomingMessage> {
    const credentials = await this.#requester.credentials();
    const http = this.#requester.httpRequest(request);
    let response: IncomingMessage;
    try {
      response = await this.#transport.stream(credentials, {
        ...http,
        signal: request.signal,
      });
    } catch (error) {
      request.signal.throwIfAborted();
      throw unreachable(error, request.subject);
    }
    const status = response.statusCode ?? 0;
    if (status < 400) return response;
    if (status === 401) await this.#requester.renew(credentials);
    const body = await firstBytes(response);
    const retryAfter = response.headers["retry-after"];
    throw kubeErrorOf({ status, retryAfter, body }, request.subject);
  }

  async #require(
    kind: GroupVersionKind,
    signal: AbortSignal,
  ): Promise<ServedKind> {
    const served = await this.#discovery.find(kind, { signal });
    if (served !== undefined) return served;
    throw new KubeError(
      "unknownKind",
      `${kind.kind}: the server does not serve this kind`,
    );
  }
}

/** Enough of an error's body to read its Status. */
async function firstBytes(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) {
    text += chunk as string;
    if (text.length > 65_536) break;
  }
  return text;
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding("utf8");
  let rest = "";
  for await (const chunk of response) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > maxResponseBytes) {
      throw new KubeError("tooLarge", `event of over ${maxResponseBytes} B`);
    }
    for (const line of lines) if (line !== "") yield line;
  }
}

const changes: Readonly<Record<string, "added" | "modified" | "deleted">> = {
  ADDED: "added",
  MODIFIED: "modified",
  DELETED: "deleted",
};

function readEvent(line: string): WatchEvent {
  const json = parseJson(line);
  const type = isJsonObject(json) ? json["type"] : undefined;
  const object = isJsonObject(json) ? json["object"] : undefined;
  const change = typeof type === "string" ? changes[type] : undefined;
  if (change !== undefined && isKubeObject(object)) {
    return { kind: change, object };
  }
  if (type === "BOOKMARK") return readBookmark(object);
  const code = isJsonObject(object) ? object["code"] : undefined;
  const message = isJsonObject(object) ? object["message"] : undefined;
  return {
    kind: "error",
    code: typeof code === "number" ? code : 0,
    message: typeof message === "string" ? message : "event that is no event",
  };
}

function readBookmark(object: Json | undefined): WatchEvent {
  const metadata = isJsonObject(object) ? object["metadata"] : undefined;
  const version = isJsonObject(metadata)
    ? metadata["resourceVersion"]
    : undefined;
  return typeof version === "string"
    ? { kind: "bookmark", resourceVersion: version }
    : { kind: "error", code: 0, message: "bookmark without a version" };
}
