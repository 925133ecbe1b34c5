import {
  type FieldSteps,
  type Problem,
  type SourceLocation,
  type SourceTree,
  type YamlResult,
  parseYaml,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import { type Json, isJsonObject } from "@wheelhouse/kube-object";

/** An object as it is written in a file, before anything changes it. */
export interface WrittenObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Which document of the file, from 0. */
  readonly document: number;
  readonly line: number;
}

/** What a file of manifests holds, or what is wrong with it, at most 50 problems. */
export type ManifestFile =
  | { readonly ok: true; readonly objects: readonly WrittenObject[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** By a file's bytes: the same blob is read once, whatever path and revision it stands in. */
const known = new WeakMap<Uint8Array, ManifestFile>();

/** Reads a file of manifests as far as names and lines go. The text itself is left to kustomize. */
export function readManifestFile(
  file: string,
  bytes: Uint8Array,
): ManifestFile {
  const result = known.get(bytes) ?? index(parseYaml(file, bytes));
  known.set(bytes, result);
  if (result.ok) return result;
  const problems = result.problems.map((problem) => atFile(problem, file));
  return { ok: false, problems };
}

function atFile(problem: Problem, file: string): Problem {
  const line = problem.location?.line;
  return {
    ...problem,
    subject: file,
    location: line === undefined ? { file } : { file, line },
  };
}

function index(parsed: YamlResult): ManifestFile {
  if (!parsed.ok) return parsed;
  const objects = parsed.documents.map(
    ({ value, line }, document): WrittenObject => {
      const object = isJsonObject(value) ? value : {};
      const metadata = isJsonObject(object["metadata"])
        ? object["metadata"]
        : {};
      return {
        apiVersion: text(object["apiVersion"]),
        kind: text(object["kind"]),
        namespace: text(metadata["namespace"]),
        name: text(metadata["name"]),
        document,
        line,
      };
    },
  );
  return { ok: true, objects };
}

/** A field as text. An unquoted `y` or `1` is a name to kustomize, whatever it is to us. */
function text(field: Json | undefined): string {
  const isScalar = field !== null && typeof field !== "object";
  return field !== undefined && isScalar ? String(field) : "";
}

/** Documents of a file that cannot be objects: a list has no name, everything else needs one. */
export function unfitDocuments(
  objects: readonly WrittenObject[],
): readonly WrittenObject[] {
  return objects.filter(
    ({ apiVersion, kind, name }) =>
      apiVersion === "" ||
      kind === "" ||
      (name === "" && !kind.endsWith("List")),
  );
}

/** Where a field of a written object stands: the file is parsed again, since only errors ask. */
export function locateField(
  tree: SourceTree,
  file: string,
  object: WrittenObject,
  path: FieldSteps,
): SourceLocation {
  if (path.length === 0) return { file, line: object.line };
  const found = resolveEntry(tree, file);
  const bytes =
    found.ok && found.entry?.kind === "file" ? found.entry.bytes : undefined;
  const parsed = bytes === undefined ? undefined : parseYaml(file, bytes);
  const document =
    parsed?.ok === true ? parsed.documents[object.document] : undefined;
  return { file, line: document?.lineOf(path) ?? object.line };
}
