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
import { type JsonObject, isJsonObject } from "@wheelhouse/kube-object";

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
  | { readonly kind: "found"; readonly kustomization: KustomizationFile }
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

/** Reads the kustomization of a directory and refuses fields that nobody knows, or that run a program. */
export function readKustomizationFile(
  tree: SourceTree,
  directory: string,
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
  return readFile(tree, file);
}

function readFile(tree: SourceTree, file: string): KustomizationFileResult {
  const found = resolveEntry(tree, file);
  if (!found.ok) return wrong("SymlinkOutside", file, found.message, file);
  if (found.entry?.kind !== "file") {
    const why =
      found.entry?.kind === "unreadable" ? found.entry.why : "no file";
    return wrong("Unreadable", file, why, file);
  }
  const { bytes } = found.entry;
  const parsed = parseYaml(file, bytes);
  if (!parsed.ok) return { kind: "wrong", problems: [parsed.problem] };
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
  const problems = checkFields(kustomization);
  return problems.length > 0
    ? { kind: "wrong", problems }
    : { kind: "found", kustomization };
}

function checkFields(kustomization: KustomizationFile): readonly Problem[] {
  return Object.keys(kustomization.value).flatMap((field): Problem[] => {
    if (knownFields.includes(field)) return [];
    if (helmFields.includes(field)) {
      return [
        kustomization.problemAt(
          [field],
          "HelmRefused",
          "charts are not inflated by kustomize here",
          "Use a HelmRelease, or commit the rendered chart",
        ),
      ];
    }
    const { advice } = didYouMean(field, knownFields);
    return [
      kustomization.problemAt([field], "UnknownField", "unknown field", advice),
    ];
  });
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
