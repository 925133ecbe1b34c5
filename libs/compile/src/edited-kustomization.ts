import {
  type KustomizationEdits,
  type Problem,
  type SourceTree,
  joinRepoPath,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import {
  type Json,
  type JsonObject,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import {
  type KustomizationFile,
  encodeKustomization,
} from "./kustomization-file.ts";

/** A kustomization with what a Flux Kustomization adds to it. */
export interface EditedKustomization {
  readonly kustomization: KustomizationFile;
  readonly warnings: readonly Problem[];
}

/** Where the kustomization stands, and whether it is written or made. */
interface Place {
  readonly directory: string;
  readonly isWritten: boolean;
}

/** Adds to a kustomization what Flux adds; left as it is where there is nothing to add. */
export function editKustomization(
  tree: SourceTree,
  own: KustomizationFile,
  edits: KustomizationEdits,
  place: Place,
): EditedKustomization {
  const { value } = own;
  const { present, warnings } = presentComponents(tree, edits, place.directory);
  const additions: JsonObject = {
    ...replaced("namespace", edits.targetNamespace),
    ...replaced("namePrefix", edits.namePrefix),
    ...replaced("nameSuffix", edits.nameSuffix),
    ...appended(value, "components", present),
    ...appended(value, "patches", edits.patches.map(asJson)),
    ...appended(value, "patchesStrategicMerge", edits.patchesStrategicMerge),
    ...appended(value, "patchesJson6902", edits.patchesJson6902.map(asJson)),
    ...images(value, edits.images),
    ...buildMetadata(value, edits, place),
  };
  if (Object.keys(additions).length === 0) {
    return { kustomization: own, warnings };
  }
  const edited = { ...value, ...additions };
  return {
    kustomization: {
      ...own,
      value: edited,
      bytes: encodeKustomization(edited),
    },
    warnings,
  };
}

function asJson(patch: KustomizationEdits["patches"][number]): JsonObject {
  return { ...patch };
}

function replaced(field: string, text: string | undefined): JsonObject {
  return text === undefined ? {} : { [field]: text };
}

function appended(
  value: JsonObject,
  field: string,
  items: readonly Json[],
): JsonObject {
  return items.length === 0
    ? {}
    : { [field]: [...listOf(value[field]), ...items] };
}

/** An image of the same name is replaced whole, another appended. */
function images(value: JsonObject, more: readonly JsonObject[]): JsonObject {
  if (more.length === 0) return {};
  const list = [...listOf(value["images"])];
  for (const image of more) {
    const at = list.findIndex(
      (known) => isJsonObject(known) && known["name"] === image["name"],
    );
    if (at < 0) list.push(image);
    else list[at] = image;
  }
  return { images: list };
}

function buildMetadata(
  value: JsonObject,
  edits: KustomizationEdits,
  { isWritten }: Place,
): JsonObject {
  if (edits.buildMetadata.length > 0) {
    return { buildMetadata: edits.buildMetadata };
  }
  // Without resources kustomize calls it empty; Flux marks it so, and so do we.
  return isWritten && listOf(value["resources"]).length === 0
    ? { buildMetadata: ["originAnnotations"] }
    : {};
}

/** Components that are there; others are left out with a word where that is asked for. */
function presentComponents(
  tree: SourceTree,
  { components, ignoreMissingComponents }: KustomizationEdits,
  directory: string,
): { readonly present: readonly string[]; readonly warnings: Problem[] } {
  if (!ignoreMissingComponents) return { present: components, warnings: [] };
  const warnings: Problem[] = [];
  const present = components.filter((component) => {
    const path = joinRepoPath(directory, component);
    const found = path.ok ? resolveEntry(tree, path.path) : undefined;
    if (found?.ok === true && found.entry !== undefined) return true;
    warnings.push({
      reason: "MissingComponent",
      subject: component,
      message: "is not there and left out",
    });
    return false;
  });
  return { present, warnings };
}

function listOf(value: Json | undefined): readonly Json[] {
  return isJsonList(value) ? value : [];
}
