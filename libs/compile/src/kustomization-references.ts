import { type FieldSteps } from "@wheelhouse/fleet-model";
import {
  type Json,
  type JsonObject,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";

/** What a reference of a kustomization leads to. */
export type ReferenceKind =
  | "resource"
  | "directory"
  | "manifest"
  | "data"
  | "patch-or-inline"
  | "plugin-or-inline";

/** A path that stands in a kustomization, and where. */
export interface Reference {
  readonly kind: ReferenceKind;
  readonly path: FieldSteps;
  readonly text: string;
}

/** Every path that kustomize would follow from a kustomization; inline content is among them where only reading tells. */
export function referencesOf(value: JsonObject): readonly Reference[] {
  return [
    ...texts(value, "resources", "resource"),
    ...texts(value, "bases", "directory"),
    ...texts(value, "components", "directory"),
    ...texts(value, "configurations", "manifest"),
    ...texts(value, "crds", "manifest"),
    ...texts(value, "patchesStrategicMerge", "patch-or-inline"),
    ...["generators", "transformers", "validators"].flatMap((field) =>
      texts(value, field, "plugin-or-inline"),
    ),
    ...["patches", "patchesJson6902", "replacements"].flatMap((field) =>
      pathsOfItems(value, field),
    ),
    ...["configMapGenerator", "secretGenerator"].flatMap((field) =>
      generatorFiles(value, field),
    ),
    ...openApiPath(value),
  ];
}

function texts(
  value: JsonObject,
  field: string,
  kind: ReferenceKind,
): readonly Reference[] {
  return listOf(value[field]).flatMap((item, index) =>
    typeof item === "string"
      ? [{ kind, path: [field, index], text: item }]
      : [],
  );
}

function pathsOfItems(value: JsonObject, field: string): readonly Reference[] {
  return listOf(value[field]).flatMap((item, index): Reference[] => {
    const text = isJsonObject(item) ? item["path"] : undefined;
    return typeof text === "string" && text !== ""
      ? [{ kind: "manifest", path: [field, index, "path"], text }]
      : [];
  });
}

/** Files of generators are written `path` or `key=path`. */
function generatorFiles(
  value: JsonObject,
  field: string,
): readonly Reference[] {
  return listOf(value[field]).flatMap((item, index): Reference[] => {
    if (!isJsonObject(item)) return [];
    return ["files", "envs", "env"].flatMap((key) =>
      listOf(item[key]).flatMap((source, at): Reference[] =>
        typeof source === "string"
          ? [
              {
                kind: "data",
                path: [field, index, key, at],
                text: key === "files" ? source.replace(/^[^=]*=/, "") : source,
              },
            ]
          : [],
      ),
    );
  });
}

function openApiPath(value: JsonObject): readonly Reference[] {
  const openapi = value["openapi"];
  const text = isJsonObject(openapi) ? openapi["path"] : undefined;
  return typeof text === "string"
    ? [{ kind: "data", path: ["openapi", "path"], text }]
    : [];
}

/** The items of a list; a lone text counts as a list of one. */
function listOf(value: Json | undefined): readonly Json[] {
  if (isJsonList(value)) return value;
  return typeof value === "string" ? [value] : [];
}

/** Built-in plugins that read no file but by the fields named here, and run nothing. */
const builtinPlugins: ReadonlySet<string> = new Set([
  "AnnotationsTransformer",
  "ConfigMapGenerator",
  "HashTransformer",
  "IAMPolicyGenerator",
  "ImageTagTransformer",
  "LabelTransformer",
  "NamespaceTransformer",
  "PatchJson6902Transformer",
  "PatchStrategicMergeTransformer",
  "PatchTransformer",
  "PrefixSuffixTransformer",
  "PrefixTransformer",
  "ReplacementTransformer",
  "ReplicaCountTransformer",
  "SecretGenerator",
  "SortOrderTransformer",
  "SuffixTransformer",
  "ValueAddTransformer",
]);

/** A plugin's configuration: the files that it reads, or why it is refused. */
export type PluginResult =
  | { readonly ok: true; readonly references: readonly Reference[] }
  | { readonly ok: false; readonly message: string };

/** Looks into a generator's, transformer's or validator's configuration. */
export function readPlugin(value: Json): PluginResult {
  if (!isJsonObject(value)) return { ok: false, message: "is no map" };
  const metadata = value["metadata"];
  const annotations = isJsonObject(metadata) ? metadata["annotations"] : {};
  const isFunction =
    isJsonObject(annotations) &&
    Object.keys(annotations).some((key) =>
      /^config\.(kubernetes|k8s)\.io\/(function|container)$/.test(key),
    );
  const kind = String(value["kind"]);
  const isBuiltin =
    value["apiVersion"] === "builtin" && builtinPlugins.has(kind);
  if (!isBuiltin || isFunction) {
    return { ok: false, message: `${kind} is a plugin that would be run` };
  }
  return {
    ok: true,
    references: [
      ...pathsOfItems({ self: [value] }, "self"),
      ...texts(value, "paths", "patch-or-inline"),
      ...generatorFiles({ self: [value] }, "self"),
      ...pathsOfItems(value, "replacements"),
    ],
  };
}

/** Whether kustomize would fetch what a text names. */
export function isRemote(text: string): boolean {
  return (
    text.includes("://") ||
    /[?&](ref|version|timeout|submodules)=/.test(text) ||
    /^[^./][^/]*\.[^/]+\/.*\.git(\/|$)/.test(text) ||
    /^(git::|gh:|github\.com[/:]|[\w.-]+@[\w.-]+:)/i.test(text)
  );
}
