import {
  type Json,
  type JsonObject,
  type Labels,
  canonicalJson,
  fleetLabel,
  isJsonObject,
  ownerAnnotation,
} from "@wheelhouse/kube-object";
import {
  type FieldSteps,
  type ObjectReading,
  checkKnownFields,
  readBoolean,
  readList,
  readMap,
  readText,
  readTexts,
  reportField,
  requireText,
} from "./field-reader.ts";

/** A patch as kustomize takes it; `target` is passed on as it stands. */
export interface FluxPatch {
  readonly patch: string;
  readonly target?: JsonObject;
}

/** What a Flux Kustomization adds to the kustomization of its directory. */
export interface KustomizationEdits {
  readonly targetNamespace?: string;
  readonly namePrefix?: string;
  readonly nameSuffix?: string;
  readonly patches: readonly FluxPatch[];
  /** Each as JSON, which kustomize takes for the patch itself. */
  readonly patchesStrategicMerge: readonly string[];
  readonly patchesJson6902: readonly FluxPatch[];
  /** kustomize's own form: `name`, and `newName`, `newTag` or `digest`. */
  readonly images: readonly JsonObject[];
  readonly components: readonly string[];
  readonly ignoreMissingComponents: boolean;
  readonly buildMetadata: readonly string[];
}

/** Labels and annotations that every object of a build gets. */
export interface CommonMetadata {
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** The edits of a Kustomization that asks for none. */
export const noEdits: KustomizationEdits = {
  patches: [],
  patchesStrategicMerge: [],
  patchesJson6902: [],
  images: [],
  components: [],
  ignoreMissingComponents: false,
  buildMetadata: [],
};

/** Reads what a Kustomization's `spec`, or a release's post-renderer at another path, adds to a kustomization. */
export function readEdits(
  reading: ObjectReading,
  spec: JsonObject,
  at: FieldSteps = ["spec"],
): KustomizationEdits {
  const items = <Item>(
    field: string,
    read: (item: Json, path: FieldSteps) => Item,
  ): readonly Item[] =>
    readList(reading, spec[field], [...at, field]).map((item, index) =>
      read(item, [...at, field, index]),
    );
  const optional = (field: string): Readonly<Record<string, string>> => {
    const text = readText(reading, spec[field], [...at, field]);
    return text === undefined ? {} : { [field]: text };
  };
  const text = (item: Json, path: FieldSteps): string =>
    requireText(reading, item, path);
  return {
    ...optional("targetNamespace"),
    ...optional("namePrefix"),
    ...optional("nameSuffix"),
    patches: items("patches", (item, path) => readPatch(reading, item, path)),
    patchesStrategicMerge: items("patchesStrategicMerge", (item, path) =>
      canonicalJson(readMap(reading, item, path)),
    ),
    patchesJson6902: items("patchesJson6902", (item, path) =>
      readJsonPatch(reading, item, path),
    ),
    images: items("images", (item, path) => readImage(reading, item, path)),
    components: items("components", text),
    ignoreMissingComponents: readBoolean(
      reading,
      spec["ignoreMissingComponents"],
      [...at, "ignoreMissingComponents"],
      false,
    ),
    buildMetadata: items("buildMetadata", text),
  };
}

function readPatch(
  reading: ObjectReading,
  item: Json,
  path: FieldSteps,
): FluxPatch {
  const patch = readMap(reading, item, path);
  checkKnownFields(reading, patch, path, ["patch", "target"]);
  return {
    patch: requireText(reading, patch["patch"], [...path, "patch"]),
    ...targetOf(patch),
  };
}

function readJsonPatch(
  reading: ObjectReading,
  item: Json,
  path: FieldSteps,
): FluxPatch {
  const patch = readMap(reading, item, path);
  checkKnownFields(reading, patch, path, ["patch", "target"]);
  const steps = readList(reading, patch["patch"], [...path, "patch"]);
  return { patch: canonicalJson(steps), ...targetOf(patch) };
}

function targetOf(patch: JsonObject): { readonly target?: JsonObject } {
  const target = patch["target"];
  return isJsonObject(target) ? { target } : {};
}

const imageFields = ["name", "newName", "newTag", "digest"];

function readImage(
  reading: ObjectReading,
  item: Json,
  path: FieldSteps,
): JsonObject {
  const image = readMap(reading, item, path);
  checkKnownFields(reading, image, path, imageFields);
  requireText(reading, image["name"], [...path, "name"]);
  return image;
}

/** Reads `spec.commonMetadata`; the marks that a spoke sets on every object cannot be among it. */
export function readCommonMetadata(
  reading: ObjectReading,
  spec: JsonObject,
): CommonMetadata {
  const path = ["spec", "commonMetadata"];
  const metadata = readMap(reading, spec["commonMetadata"], path);
  checkKnownFields(reading, metadata, path, ["labels", "annotations"]);
  const texts = (field: string, mark: string): Labels => {
    const at = [...path, field];
    const read = readTexts(reading, metadata[field], at);
    if (read[mark] !== undefined) {
      reportField(
        reading,
        [...at, mark],
        "is set by the spoke, which writes over what Git says",
        { advice: "Take it away; the spoke sets it on every object" },
      );
    }
    return read;
  };
  return {
    labels: texts("labels", fleetLabel),
    annotations: texts("annotations", ownerAnnotation),
  };
}
