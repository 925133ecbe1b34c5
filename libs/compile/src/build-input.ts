import { type Digest, digestOf, digestOfJson } from "@wheelhouse/assignment";
import {
  type KustomizationEdits,
  type Problem,
  type ProblemReason,
  type SourceTree,
  clampRepoPath,
  parseRepoPath,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import {
  type JsonObject,
  canonicalJson,
  compareBytewise,
} from "@wheelhouse/kube-object";
import { collectClosure } from "./closure.ts";
import { editKustomization } from "./edited-kustomization.ts";
import { generateKustomization } from "./generated-kustomization.ts";
import { readKustomizationFile } from "./kustomization-file.ts";
import { asFluxReads } from "./loose-kustomization.ts";
import { type RenderRequest } from "./render-request.ts";

/** What is built: a directory, with what a Flux Kustomization adds to its kustomization. */
export interface BuildSubject {
  /** As written; a leading `./` or `/` is dropped. */
  readonly path: string;
  readonly edits: KustomizationEdits;
  /** Whether what would be fetched holds the build, or is left out. */
  readonly absent: "held" | "empty";
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
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const inputs = new WeakMap<SourceTree, Map<string, BuildInput>>();

/**
 * Prepares the build of a directory of a source's artifact. Equal subjects of
 * one tree give the same input again.
 */
export function prepareBuild(
  tree: SourceTree,
  subject: BuildSubject,
): BuildInput {
  const known = inputs.get(tree) ?? new Map<string, BuildInput>();
  inputs.set(tree, known);
  const key = canonicalJson(subject as unknown as JsonObject);
  const input = known.get(key) ?? createInput(tree, subject);
  known.set(key, input);
  return input;
}

function createInput(tree: SourceTree, subject: BuildSubject): BuildInput {
  const directory = findDirectory(tree, subject.path);
  if (!directory.ok) return { ok: false, problems: [directory.problem] };
  const found = readKustomizationFile(tree, directory.path, subject.absent);
  if (found.kind === "wrong") return { ok: false, problems: found.problems };
  const own =
    found.kind === "absent"
      ? {
          kustomization: generateKustomization(tree, directory.path),
          unknown: [],
          leftOut: [],
        }
      : found;
  // Flux reads the directory's own kustomization loosely, and writes what it read.
  const known = asFluxReads(own.kustomization);
  const edited = editKustomization(tree, known, subject.edits, {
    directory: directory.path,
    isWritten: found.kind === "found",
  });
  const closure = collectClosure(tree, directory.path, {
    own: edited.kustomization,
    absent: subject.absent,
  });
  if (closure.problems.length > 0) {
    return { ok: false, problems: closure.problems };
  }
  return {
    ok: true,
    request: createRequest(closure.files, directory.path),
    manifests: closure.manifests,
    directory: directory.path,
    file: found.kind === "found" ? own.kustomization.file : undefined,
    warnings: [
      ...directory.warnings,
      ...own.unknown,
      ...own.leftOut,
      ...edited.warnings,
      ...closure.warnings,
    ],
  };
}

type DirectoryResult =
  | {
      readonly ok: true;
      readonly path: string;
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problem: Problem };

function findDirectory(tree: SourceTree, text: string): DirectoryResult {
  const failed = (reason: ProblemReason, message: string): DirectoryResult => ({
    ok: false,
    problem: { reason, subject: text || ".", message },
  });
  const path = clampRepoPath(text);
  if (!path.ok) return failed(path.reason, path.message);
  const found = resolveEntry(tree, path.path);
  if (!found.ok) return failed("SymlinkOutside", found.message);
  const written = parseRepoPath(text);
  if (found.path === "" || found.entry?.kind === "directory") {
    const warnings = written.ok ? [] : [stoppedAtRoot(text, path.path)];
    return { ok: true, path: found.path, warnings };
  }
  if (!written.ok) {
    return failed(
      written.reason,
      `leads out of the repository; Flux takes it for ${path.path}, and there is no such directory`,
    );
  }
  return found.entry === undefined
    ? failed("MissingDirectory", "there is no such directory")
    : failed("MissingDirectory", "is a file, no directory");
}

/** Flux joins the path so that it cannot leave the source, and says nothing. */
function stoppedAtRoot(text: string, taken: string): Problem {
  const meant = `./${taken}`;
  return {
    reason: "PathOutsideRepository",
    subject: text,
    message: `leads out of the source; as in Flux it stops at the source's root, so that ${meant} is built`,
    advice: `Write ${meant}`,
  };
}

function createRequest(
  files: ReadonlyMap<string, Uint8Array>,
  directory: string,
): RenderRequest {
  const sorted = [...files]
    .map(([path, bytes]) => ({ path, bytes }))
    .sort((a, b) => compareBytewise(a.path, b.path));
  // Two directories may read the same files, each with the other's kustomization as data.
  const key: Digest = digestOfJson({
    program: "kustomize",
    directory,
    files: sorted.map(({ path, bytes }) => [path, digestOf(bytes)]),
  });
  return { key, program: "kustomize", files: sorted, directory };
}
