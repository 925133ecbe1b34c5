import { type Digest, digestOf, digestOfJson } from "@wheelhouse/assignment";
import {
  type FluxPatch,
  type Problem,
  type ProblemReason,
  type SourceTree,
  parseRepoPath,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import {
  type JsonObject,
  canonicalJson,
  compareBytewise,
  isJsonList,
} from "@wheelhouse/kube-object";
import { artifactTree } from "./artifact-tree.ts";
import { collectClosure, encodeKustomization } from "./closure.ts";
import { generateKustomization } from "./generated-kustomization.ts";
import {
  type KustomizationFile,
  readKustomizationFile,
} from "./kustomization-file.ts";
import { type RenderRequest } from "./render-request.ts";

/** What is built: a directory, with what a Flux Kustomization adds to its kustomization. */
export interface BuildSubject {
  /** As written; a leading `./` or `/` is dropped. */
  readonly path: string;
  readonly targetNamespace?: string;
  readonly patches: readonly FluxPatch[];
}

/** A render to ask for, or everything that stands against it. */
export type BuildInput =
  | {
      readonly ok: true;
      readonly request: RenderRequest;
      /** Files of the repository that hold the objects as written. */
      readonly manifests: readonly string[];
      readonly directory: string;
      /** The directory's kustomization, where it is written and not made. */
      readonly file: string | undefined;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const inputs = new WeakMap<SourceTree, Map<string, BuildInput>>();

/** Prepares the build of a directory. Equal subjects of one tree give the same input again. */
export function prepareBuild(
  tree: SourceTree,
  subject: BuildSubject,
): BuildInput {
  const known = inputs.get(tree) ?? new Map<string, BuildInput>();
  inputs.set(tree, known);
  const key = canonicalJson(subject as unknown as JsonObject);
  const input = known.get(key) ?? createInput(artifactTree(tree), subject);
  known.set(key, input);
  return input;
}

function createInput(tree: SourceTree, subject: BuildSubject): BuildInput {
  const directory = findDirectory(tree, subject.path);
  if (!directory.ok) return { ok: false, problems: [directory.problem] };
  const found = readKustomizationFile(tree, directory.path);
  if (found.kind === "wrong") return { ok: false, problems: found.problems };
  const own =
    found.kind === "absent"
      ? generateKustomization(tree, directory.path)
      : found.kustomization;
  const edited = editKustomization(own, subject, found.kind === "found");
  const { files, manifests, problems } = collectClosure(
    tree,
    directory.path,
    edited,
  );
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    request: createRequest(files, directory.path),
    manifests,
    directory: directory.path,
    file: found.kind === "found" ? own.file : undefined,
  };
}

type DirectoryResult =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: Problem };

function findDirectory(tree: SourceTree, text: string): DirectoryResult {
  const failed = (reason: ProblemReason, message: string): DirectoryResult => ({
    ok: false,
    problem: { reason, subject: text || ".", message },
  });
  const path = parseRepoPath(text);
  if (!path.ok) return failed("PathOutsideRepository", path.message);
  const found = resolveEntry(tree, path.path);
  if (!found.ok) return failed("SymlinkOutside", found.message);
  if (found.path === "" || found.entry?.kind === "directory") {
    return { ok: true, path: found.path };
  }
  return found.entry === undefined
    ? failed("MissingDirectory", "there is no such directory")
    : failed("MissingDirectory", "is a file, no directory");
}

/** Adds to a kustomization what Flux adds, in Flux's order; left as it is where there is nothing to add. */
function editKustomization(
  own: KustomizationFile,
  { targetNamespace, patches }: BuildSubject,
  isWritten: boolean,
): KustomizationFile {
  const { value } = own;
  const additions: Record<string, JsonObject[string]> = {};
  // Without resources kustomize calls it empty; Flux marks it so, and so do we.
  if (isWritten && !hasItems(value["resources"])) {
    additions["buildMetadata"] = ["originAnnotations"];
  }
  if (targetNamespace !== undefined) additions["namespace"] = targetNamespace;
  if (patches.length > 0) {
    const before = value["patches"];
    additions["patches"] = [
      ...(isJsonList(before) ? before : []),
      ...patches.map((patch) => ({ ...patch })),
    ];
  }
  if (Object.keys(additions).length === 0) return own;
  const edited = { ...value, ...additions };
  return { ...own, value: edited, bytes: encodeKustomization(edited) };
}

function hasItems(value: JsonObject[string] | undefined): boolean {
  return isJsonList(value) && value.length > 0;
}

function createRequest(
  files: ReadonlyMap<string, Uint8Array>,
  directory: string,
): RenderRequest {
  const sorted = [...files]
    .map(([path, bytes]) => ({ path, bytes }))
    .sort((a, b) => compareBytewise(a.path, b.path));
  const key: Digest = digestOfJson({
    program: "kustomize",
    directory,
    files: sorted.map(({ path, bytes }) => [path, digestOf(bytes)]),
  });
  return { key, program: "kustomize", files: sorted, directory };
}
