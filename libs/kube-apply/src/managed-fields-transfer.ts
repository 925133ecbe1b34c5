import {
  type Json,
  type JsonObject,
  type KubeObject,
  fieldManager,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { fluxOwnersOf } from "./flux-owner.ts";
import { isPredecessor } from "./takeover.ts";

/** The tools of Flux among the managers that an object may be taken over from. */
const fluxManager =
  /^(kustomize-controller|helm-controller|helm|flux(-.*)?|gotk-.*)$/;

/**
 * The merge patch that makes fields of the tools that had an object before
 * ours, and takes the labels off by which Flux knows it: the next apply then
 * removes what only they had. It fails where the object is another version by
 * then. Of kubectl fields are taken only where the bundle adopts. Undefined
 * where there is nothing to take.
 */
export function transferPatch(
  live: KubeObject,
  desired: KubeObject,
  mayAdopt: boolean,
): JsonObject | undefined {
  const entries = entriesOf(live);
  const taken = entries.filter(
    ({ manager, subresource }) =>
      typeof manager === "string" &&
      (subresource === undefined || subresource === "") &&
      (mayAdopt ? isPredecessor(manager) : fluxManager.test(manager)),
  );
  const labels = staleLabels(live, desired);
  if (taken.length === 0 && labels.length === 0) return undefined;
  return {
    metadata: {
      uid: live.metadata["uid"] ?? null,
      resourceVersion: live.metadata["resourceVersion"] ?? null,
      ...(taken.length === 0
        ? {}
        : { managedFields: transferred(entries, taken, desired.apiVersion) }),
      ...(labels.length === 0
        ? {}
        : { labels: Object.fromEntries(labels.map((name) => [name, null])) }),
    },
  };
}

function entriesOf(live: KubeObject): readonly JsonObject[] {
  const entries = live.metadata["managedFields"];
  return isJsonList(entries) ? entries.filter(isJsonObject) : [];
}

/** Flux's labels that the object shall not have; one that Git itself has stays. */
function staleLabels(live: KubeObject, desired: KubeObject): readonly string[] {
  const wanted = desired.metadata["labels"];
  const kept = isJsonObject(wanted) ? wanted : {};
  return fluxOwnersOf(live)
    .flatMap(({ labels }) => labels)
    .filter((name) => !Object.hasOwn(kept, name));
}

function transferred(
  entries: readonly JsonObject[],
  taken: readonly JsonObject[],
  apiVersion: string,
): readonly Json[] {
  const isOurs = (entry: JsonObject) =>
    entry["manager"] === fieldManager && entry["operation"] === "Apply";
  const fields = [...entries.filter(isOurs), ...taken]
    .map((entry) => entry["fieldsV1"])
    .reduce<Json>((all, each) => union(all, each), {});
  return [
    ...entries.filter((entry) => !isOurs(entry) && !taken.includes(entry)),
    {
      manager: fieldManager,
      operation: "Apply",
      apiVersion,
      fieldsType: "FieldsV1",
      fieldsV1: fields,
    },
  ];
}

/** The fields of both sets; a set is a tree of names, and nothing else. */
function union(a: Json, b: Json | undefined): Json {
  if (!isJsonObject(a) || !isJsonObject(b)) return b ?? a;
  const all: Record<string, Json> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const known = Object.hasOwn(all, name) ? all[name] : undefined;
    all[name] = known === undefined ? value : union(known, value);
  }
  return all;
}
