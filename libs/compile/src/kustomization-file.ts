import {
  type FieldSteps,
  type Problem,
  type ProblemReason,
  type SourceTree,
  didYouMean,
  formatSteps,
  parseYaml,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import {
  type Json,
  type JsonObject,
  canonicalJson,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { isRemote } from "./kustomization-references.ts";

/** Under which names kustomize finds a kustomization, in its order. */
const fileNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** A directory's kustomization, as data. */
export interface KustomizationFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly value: JsonObject;
  /** A problem with a field of it, with its line. */
  problemAt(
    path: FieldSteps,
    reason: ProblemReason,
    message: string,
    advice?: string,
  ): Problem;
}

/** A directory's kustomization, that it has none, or what is wrong with it. */
export type KustomizationFileResult =
  | {
      readonly kind: "found";
      readonly kustomization: KustomizationFile;
      /** Fields that nobody knows: Flux drops them from a directory that it builds, kustomize refuses them elsewhere. */
      readonly unknown: readonly Problem[];
      /** What would be fetched, and was left out of `kustomization`, where that was asked for. */
      readonly leftOut: readonly Problem[];
    }
  | { readonly kind: "absent" }
  | { readonly kind: "wrong"; readonly problems: readonly Problem[] };

/** Every field that kustomize 5 knows. */
const knownFields = [
  "apiVersion",
  "kind",
  "metadata",
  "openapi",
  "namePrefix",
  "nameSuffix",
  "namespace",
  "commonLabels",
  "labels",
  "commonAnnotations",
  "patchesStrategicMerge",
  "patchesJson6902",
  "patches",
  "images",
  "imageTags",
  "replacements",
  "replicas",
  "vars",
  "sortOptions",
  "resources",
  "components",
  "crds",
  "bases",
  "configMapGenerator",
  "secretGenerator",
  "generatorOptions",
  "configurations",
  "generators",
  "transformers",
  "validators",
  "buildMetadata",
];

/** Fields that would make kustomize run or fetch something. */
const helmFields = ["helmGlobals", "helmCharts", "helmChartInflationGenerator"];

/** Whether kustomize knows a field of a kustomization. */
export function isKnownField(field: string): boolean {
  return knownFields.includes(field);
}

/** A kustomization's text from its data: JSON, which is YAML. */
export function encodeKustomization(value: JsonObject): Uint8Array {
  return Buffer.from(`${canonicalJson(value)}\n`, "utf8");
}

/**
 * Reads the kustomization of a directory. Fields that would run a program are
 * refused; with `absent` empty, those and remote references are left out.
 */
export function readKustomizationFile(
  tree: SourceTree,
  directory: string,
  absent: "held" | "empty" = "held",
): KustomizationFileResult {
  const present = fileNames
    .map((name) => (directory === "" ? name : `${directory}/${name}`))
    .filter((file) => {
      const found = resolveEntry(tree, file);
      return (
        !found.ok || (found.entry ?? { kind: "directory" }).kind !== "directory"
      );
    });
  const [file, second] = present;
  if (file === undefined) return { kind: "absent" };
  if (second !== undefined) {
    return wrong(
      "TwoKustomizations",
      directory,
      `holds both ${file} and ${second}`,
      file,
    );
  }
  return readFile(tree, file, absent);
}

function readFile(
  tree: SourceTree,
  file: string,
  absent: "held" | "empty",
): KustomizationFileResult {
  const found = resolveEntry(tree, file);
  if (!found.ok) return wrong("SymlinkOutside", file, found.message, file);
  if (found.entry?.kind !== "file") {
    const why =
      found.entry?.kind === "unreadable" ? found.entry.why : "no file";
    return wrong("Unreadable", file, why, file);
  }
  const { bytes } = found.entry;
  const parsed = parseYaml(file, bytes);
  if (!parsed.ok) return { kind: "wrong", problems: parsed.problems };
  const [document] = parsed.documents;
  const value = document?.value ?? {};
  if (!isJsonObject(value)) {
    return wrong("NoKustomization", file, "is no map", file);
  }
  const kustomization: KustomizationFile = {
    file,
    bytes,
    value,
    problemAt: (path, reason, message, advice) => ({
      reason,
      subject: file,
      message: `${formatSteps(path)}: ${message}`,
      location: { file, line: document?.lineOf(path) ?? 1 },
      ...(advice === undefined ? {} : { advice }),
    }),
  };
  const helm = helmProblems(kustomization);
  const unknown = unknownFields(kustomization);
  if (absent === "held") {
    return helm.length > 0
      ? { kind: "wrong", problems: helm }
      : { kind: "found", kustomization, unknown, leftOut: [] };
  }
  const remote = remoteProblems(kustomization);
  return {
    kind: "found",
    kustomization:
      helm.length + remote.length === 0
        ? kustomization
        : withoutRemote(kustomization),
    unknown,
    leftOut: [...helm, ...remote],
  };
}

function helmProblems(kustomization: KustomizationFile): readonly Problem[] {
  return helmFields
    .filter((field) => kustomization.value[field] !== undefined)
    .map((field) =>
      kustomization.problemAt(
        [field],
        "HelmRefused",
        "charts are not inflated by kustomize here",
      ),
    );
}

function unknownFields(kustomization: KustomizationFile): readonly Problem[] {
  return Object.keys(kustomization.value)
    .filter((field) => !isKnownField(field) && !helmFields.includes(field))
    .map((field) =>
      kustomization.problemAt(
        [field],
        "UnknownField",
        "unknown field",
        didYouMean(field, knownFields).advice,
      ),
    );
}

const fetchingFields = ["resources", "bases", "components", "crds"];

function remoteProblems(kustomization: KustomizationFile): readonly Problem[] {
  return fetchingFields.flatMap((field) =>
    listOf(kustomization.value[field]).flatMap((item, index) =>
      typeof item === "string" && isRemote(item)
        ? [
            kustomization.problemAt(
              [field, index],
              "RemoteLeftOut",
              `${item} would be fetched, and is left out`,
            ),
          ]
        : [],
    ),
  );
}

function withoutRemote(kustomization: KustomizationFile): KustomizationFile {
  const kept = Object.entries(kustomization.value)
    .filter(([field]) => !helmFields.includes(field))
    .map(([field, items]): [string, Json] =>
      fetchingFields.includes(field)
        ? [
            field,
            listOf(items).filter(
              (item) => typeof item !== "string" || !isRemote(item),
            ),
          ]
        : [field, items],
    );
  const value = Object.fromEntries(kept);
  return { ...kustomization, value, bytes: encodeKustomization(value) };
}

function listOf(value: Json | undefined): readonly Json[] {
  return isJsonList(value) ? value : [];
}

function wrong(
  reason: ProblemReason,
  subject: string,
  message: string,
  file: string,
): KustomizationFileResult {
  return {
    kind: "wrong",
    problems: [
      { reason, subject: subject || ".", message, location: { file } },
    ],
  };
}
