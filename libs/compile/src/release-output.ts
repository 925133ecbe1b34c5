import {
  type CrdsPolicy,
  type Problem,
  parseYaml,
} from "@wheelhouse/fleet-model";
import {
  type Json,
  type JsonObject,
  type KubeObject,
  fluxAnnotationGroup,
  gvkOf,
  isJsonList,
  isJsonObject,
  isKubeObject,
} from "@wheelhouse/kube-object";
import { isBuiltinClusterScoped } from "./kubernetes-kinds.ts";

/** What `helm template` gave, sorted out, or what is wrong with it. */
export type ReleaseOutput =
  | {
      readonly ok: true;
      /** What the templates made, without hooks. */
      readonly objects: readonly KubeObject[];
      /** What lies in `crds` directories. */
      readonly definitions: readonly KubeObject[];
      readonly hooks: readonly ReleaseHook[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** An object that Helm would make at some event, and not with the others. */
export interface ReleaseHook {
  /** `Kind/name` and the template that it comes from. */
  readonly title: string;
  /** Such as `pre-install`; Helm 2 had others. */
  readonly events: readonly string[];
}

const outputs = new WeakMap<object, ReleaseOutput>();

/** Reads Helm's output; `owner` is whose it is, by identity: it is parsed once. */
export function readReleaseOutput(owner: {
  readonly output: string;
}): ReleaseOutput {
  const known = outputs.get(owner) ?? readOutput(owner.output);
  outputs.set(owner, known);
  return known;
}

interface SortedOut {
  readonly objects: KubeObject[];
  readonly definitions: KubeObject[];
  readonly hooks: ReleaseHook[];
  readonly problems: Problem[];
}

function readOutput(output: string): ReleaseOutput {
  const sorted: SortedOut = {
    objects: [],
    definitions: [],
    hooks: [],
    problems: [],
  };
  let source = "the chart";
  for (const text of output.split(/^---[ \t\r]*\n/m)) {
    // A file of definitions is written whole: only its first document is told by its source.
    source = /^# Source: (.*)/.exec(text)?.[1] ?? source;
    const parsed = parseYaml("rendered", text);
    if (!parsed.ok) {
      const { reason, message } = parsed.problem;
      sorted.problems.push({ reason, subject: source, message });
      continue;
    }
    for (const { value } of parsed.documents) take(sorted, source, value);
  }
  const { problems, ...rest } = sorted;
  return problems.length > 0 ? { ok: false, problems } : { ok: true, ...rest };
}

function take(sorted: SortedOut, source: string, value: Json): void {
  if (value === null) return;
  const items = isJsonObject(value) ? listItems(value) : undefined;
  if (items !== undefined) {
    items.forEach((item) => take(sorted, source, item));
    return;
  }
  const events = isJsonObject(value) ? hookEvents(value) : [];
  if (events.length > 0) {
    sorted.hooks.push({ title: titleOf(value, source), events });
  } else if (!isKubeObject(value)) {
    sorted.problems.push({
      reason: "NoKubernetesObject",
      subject: source,
      message: "apiVersion, kind and metadata.name must be there",
    });
  } else if (isDefinitionFile(source)) sorted.definitions.push(value);
  else sorted.objects.push(value);
}

/** The items of a `List`, which Helm applies one by one. */
function listItems(value: JsonObject): readonly Json[] | undefined {
  const items = value["items"];
  const isList = value["apiVersion"] === "v1" && value["kind"] === "List";
  return isList && isJsonList(items) ? items : undefined;
}

/** `<chart>/crds/…`, or that of a chart in it; a directory of templates may have the name, too. */
function isDefinitionFile(source: string): boolean {
  return /^[^/]+\/(charts\/[^/]+\/)*crds\//.test(source);
}

function metadataOf(value: Json): JsonObject {
  const metadata = isJsonObject(value) ? value["metadata"] : undefined;
  return isJsonObject(metadata) ? metadata : {};
}

function annotationOf(value: Json, name: string): string {
  const annotations = metadataOf(value)["annotations"];
  const text = isJsonObject(annotations) ? annotations[name] : undefined;
  return typeof text === "string" ? text : "";
}

function hookEvents(value: JsonObject): readonly string[] {
  return annotationOf(value, "helm.sh/hook")
    .split(",")
    .map((event) => event.trim().toLowerCase())
    .filter((event) => event !== "");
}

function titleOf(value: Json, source: string): string {
  const kind = isJsonObject(value) ? String(value["kind"]) : "object";
  const { name, generateName } = metadataOf(value);
  return `${kind}/${String(name ?? generateName)} (${source})`;
}

/** Definitions are never pruned, as Helm never deletes them; with `Create` the spoke leaves one that is there as it is. */
export function withCrdsPolicy(
  definitions: readonly KubeObject[],
  policy: CrdsPolicy,
): readonly KubeObject[] {
  return definitions.map((definition) =>
    withAnnotations(definition, {
      [`${fluxAnnotationGroup}/prune`]: "disabled",
      ...(policy === "Create"
        ? { [`${fluxAnnotationGroup}/ssa`]: "IfNotPresent" }
        : {}),
    }),
  );
}

/** What a chart wants kept when it goes, in the words that the spoke knows. */
export function withResourcePolicy(object: KubeObject): KubeObject {
  const policy = annotationOf(object, "helm.sh/resource-policy");
  return policy.trim().toLowerCase() === "keep"
    ? withAnnotations(object, { [`${fluxAnnotationGroup}/prune`]: "disabled" })
    : object;
}

function withAnnotations(
  object: KubeObject,
  more: Readonly<Record<string, string>>,
): KubeObject {
  const { annotations } = object.metadata;
  const own = isJsonObject(annotations) ? annotations : {};
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...own, ...more } },
  };
}

/**
 * Puts the release's namespace into objects that name none and need one, as
 * Helm's client does with what the API server tells it. Here the scope of a
 * kind that is not built in is read from the release's own definitions; without
 * one, a kind whose name begins with Cluster has none, and every other lies in
 * a namespace.
 */
export function withNamespace(
  objects: readonly KubeObject[],
  definitions: readonly KubeObject[],
  namespace: string,
): readonly KubeObject[] {
  const scopes = definedScopes([...definitions, ...objects]);
  return objects.map((object) => {
    const { namespace: own, ...metadata } = object.metadata;
    const isThere = typeof own === "string" && own !== "";
    const known = knownScope(object, scopes);
    // The server would drop it; an identity with it would be another object's.
    if (known === "Cluster") return isThere ? { ...object, metadata } : object;
    if (isThere) return object;
    if (known === undefined && object.kind.startsWith("Cluster")) return object;
    return { ...object, metadata: { ...object.metadata, namespace } };
  });
}

function knownScope(
  object: KubeObject,
  scopes: ReadonlyMap<string, string>,
): string | undefined {
  const { group, kind } = gvkOf(object);
  const isBuiltin = isBuiltinClusterScoped({ group, kind });
  if (isBuiltin === undefined) return scopes.get(`${group}/${kind}`);
  return isBuiltin ? "Cluster" : "Namespaced";
}

function definedScopes(
  objects: readonly KubeObject[],
): ReadonlyMap<string, string> {
  return new Map(
    objects.flatMap((object): [string, string][] => {
      const { spec } = object;
      if (object.kind !== "CustomResourceDefinition" || !isJsonObject(spec)) {
        return [];
      }
      const { group, names, scope } = spec;
      const kind = isJsonObject(names) ? names["kind"] : undefined;
      return [[`${String(group)}/${String(kind)}`, String(scope)]];
    }),
  );
}
