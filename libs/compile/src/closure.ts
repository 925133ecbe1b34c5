import {
  type FieldSteps,
  type Problem,
  type ProblemReason,
  type SourceTree,
  joinRepoPath,
  parseYaml,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import {
  type Json,
  type JsonObject,
  isJsonList,
} from "@wheelhouse/kube-object";
import {
  type KustomizationFile,
  encodeKustomization,
  readKustomizationFile,
} from "./kustomization-file.ts";
import {
  type Reference,
  isRemote,
  readPlugin,
  referencesOf,
} from "./kustomization-references.ts";
import { readManifestFile, unfitDocuments } from "./manifest-file.ts";

/** Everything that building one directory reads. */
export interface Closure {
  /** Bytes by path in the repository; regular files only. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The files among them that hold objects, in the order in which they are read. */
  readonly manifests: readonly string[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** What one closure may hold. */
const maxFiles = 5_000;
const maxBytes = 64 * 1024 * 1024;

interface Visit {
  readonly tree: SourceTree;
  readonly files: Map<string, Uint8Array>;
  readonly manifests: string[];
  readonly problems: Problem[];
  readonly warnings: Problem[];
  readonly absent: "held" | "empty";
  readonly directories: Set<string>;
  bytes: number;
}

/** The directory's own kustomization, and what becomes of what would be fetched. */
export interface ClosureOptions {
  readonly own: KustomizationFile;
  readonly absent: "held" | "empty";
}

/**
 * Collects what kustomize would read to build a directory, without running it.
 * `own` stands for the directory's kustomization where it is made or changed.
 * What leads out of the repository, would be fetched or run, or is not there,
 * is a problem; then nothing may be built.
 */
export function collectClosure(
  tree: SourceTree,
  directory: string,
  { own, absent }: ClosureOptions,
): Closure {
  const visit: Visit = {
    tree,
    files: new Map(),
    manifests: [],
    problems: [],
    warnings: [],
    absent,
    directories: new Set([directory]),
    bytes: 0,
  };
  visitKustomization(visit, directory, own);
  if (visit.files.size > maxFiles || visit.bytes > maxBytes) {
    visit.problems.push({
      reason: "TooLarge",
      subject: directory || ".",
      message: `needs ${visit.files.size} files of ${visit.bytes} bytes; at most ${maxFiles} of ${maxBytes} are built`,
    });
  }
  visit.problems.push(...twinPaths(visit.files.keys()));
  return visit;
}

/** Paths that some file systems take for one: what is built must not depend on where. */
function twinPaths(paths: Iterable<string>): readonly Problem[] {
  const known = new Map<string, string>();
  return [...paths].flatMap((path): Problem[] => {
    const folded = path.normalize("NFC").toLowerCase();
    const twin = known.get(folded);
    known.set(folded, path);
    if (twin === undefined) return [];
    return [
      {
        reason: "TwinPaths",
        subject: path,
        message: `differs from ${twin} only in case or in how it is encoded`,
        location: { file: path },
      },
    ];
  });
}

function visitDirectory(visit: Visit, directory: string, from: Finding): void {
  // What was read as objects must be looked at again as plugins, and only then.
  const key = from.isPlugins ? `plugins:${directory}` : directory;
  if (visit.directories.has(key)) return;
  visit.directories.add(key);
  const { tree, absent } = visit;
  const result = readKustomizationFile(tree, directory, absent);
  switch (result.kind) {
    case "absent":
      visit.problems.push(
        from.problem("MissingKustomization", "holds no kustomization.yaml"),
      );
      return;
    case "wrong":
      visit.problems.push(...result.problems);
      return;
    case "found":
      visit.problems.push(...result.unknown);
      visit.warnings.push(...result.leftOut);
      visitKustomization(
        visit,
        directory,
        result.kustomization,
        from.isPlugins,
      );
  }
}

/** A reference being followed: how to say what is wrong with it. */
interface Finding {
  readonly problem: (reason: ProblemReason, message: string) => Problem;
  /** Whether the objects found there are configurations of plugins. */
  readonly isPlugins: boolean;
}

function visitKustomization(
  visit: Visit,
  directory: string,
  kustomization: KustomizationFile,
  isPlugins = false,
): void {
  const moved = new Map<string, string>();
  for (const found of referencesOf(kustomization.value)) {
    const isConfiguration = isPlugins && found.kind === "resource";
    const reference: Reference = isConfiguration
      ? { ...found, kind: "plugin-or-inline" }
      : found;
    const target = follow(visit, directory, kustomization, reference);
    if (target !== undefined) moved.set(reference.text, target);
  }
  addFile(
    visit,
    kustomization.file,
    moved.size === 0
      ? kustomization.bytes
      : encodeKustomization(withMoved(kustomization.value, moved)),
  );
}

/** Directories reached by a symlink are named by where they really are, as kustomize does when it follows one. */
function withMoved(
  value: JsonObject,
  moved: ReadonlyMap<string, string>,
): JsonObject {
  const move = (list: Json | undefined): Json =>
    isJsonList(list)
      ? list.map((item) =>
          typeof item === "string" ? (moved.get(item) ?? item) : item,
        )
      : (list ?? []);
  return {
    ...value,
    ...Object.fromEntries(
      ["resources", "bases", "components"]
        .filter((field) => value[field] !== undefined)
        .map((field) => [field, move(value[field])]),
    ),
  };
}

/** Follows one reference; gives another text for it where a symlink moved it. */
function follow(
  visit: Visit,
  directory: string,
  kustomization: KustomizationFile,
  reference: Reference,
): string | undefined {
  const { kind, text } = reference;
  const problem = (reason: ProblemReason, message: string): Problem =>
    kustomization.problemAt(reference.path, reason, `${text}: ${message}`);
  if (kind.endsWith("-or-inline") && isInline(text)) {
    if (leadsOut(directory, text)) {
      visit.problems.push(
        problem("PathOutsideRepository", "as a path it leads out"),
      );
      return undefined;
    }
    if (kind === "plugin-or-inline") {
      visitPlugins(visit, directory, kustomization, reference, text);
    }
    return undefined;
  }
  if (isRemote(text)) {
    visit.problems.push(
      kustomization.problemAt(
        reference.path,
        "RemoteReference",
        `${firstWord(text)}: remote references are not fetched yet`,
      ),
    );
    return undefined;
  }
  const joined = joinRepoPath(directory, text);
  if (!joined.ok) {
    visit.problems.push(
      kustomization.problemAt(
        reference.path,
        "PathOutsideRepository",
        joined.message,
      ),
    );
    return undefined;
  }
  const found = resolveEntry(visit.tree, joined.path);
  if (!found.ok) {
    visit.problems.push(problem("SymlinkOutside", found.message));
    return undefined;
  }
  const isDirectory = found.path === "" || found.entry?.kind === "directory";
  if (isDirectory) {
    const isPlugins = kind === "plugin-or-inline";
    if (kind !== "resource" && kind !== "directory" && !isPlugins) {
      visit.problems.push(problem("UnexpectedDirectory", "is a directory"));
      return undefined;
    }
    visitDirectory(visit, found.path, { problem, isPlugins });
    return found.path === joined.path
      ? undefined
      : relativePath(directory, found.path);
  }
  if (found.entry?.kind !== "file") {
    visit.problems.push(
      found.entry?.kind === "unreadable"
        ? problem("Unreadable", found.entry.why)
        : problem("MissingFile", "does not exist"),
    );
    return undefined;
  }
  if (kind === "directory") {
    visit.problems.push(problem("UnexpectedFile", "is a file, no directory"));
    return undefined;
  }
  addFile(visit, joined.path, found.entry.bytes);
  if (kind === "data") return undefined;
  checkManifest(visit, joined.path, found.entry.bytes, kind === "resource");
  if (kind === "plugin-or-inline") {
    const content = Buffer.from(found.entry.bytes).toString("utf8");
    visitPlugins(visit, directory, kustomization, reference, content);
  }
  return undefined;
}

/** kustomize takes a text that is no file for the content itself; we tell by its look, and never guess a path. */
function isInline(text: string): boolean {
  return /[\n{]/.test(text) || /^\s*[-\w"']+:\s/.test(text);
}

/**
 * Whether a text, taken for a path, would leave the repository. kustomize tries
 * inline content as a path first, and cleans it before it looks: a patch that
 * says `a: b/../../../../etc/passwd` would read the host's file.
 */
function leadsOut(directory: string, text: string): boolean {
  if (text.startsWith("/")) return true;
  let depth = directory === "" ? 0 : directory.split("/").length;
  for (const step of text.split("/")) {
    if (step === "..") depth -= 1;
    else if (step !== "" && step !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

function checkManifest(
  visit: Visit,
  file: string,
  bytes: Uint8Array,
  holdsObjects: boolean,
): void {
  const manifest = readManifestFile(file, bytes);
  if (!manifest.ok) {
    visit.problems.push(...manifest.problems);
    return;
  }
  if (!holdsObjects) return;
  visit.manifests.push(file);
  visit.problems.push(
    ...unfitDocuments(manifest.objects).map(({ line }): Problem => ({
      reason: "NoKubernetesObject",
      subject: file,
      message: "apiVersion, kind and metadata.name must be there",
      location: { file, line },
    })),
  );
}

function visitPlugins(
  visit: Visit,
  directory: string,
  kustomization: KustomizationFile,
  reference: Reference,
  content: string,
): void {
  const at = (
    path: FieldSteps,
    reason: ProblemReason,
    message: string,
  ): Problem => kustomization.problemAt(path, reason, message);
  const parsed = parseYaml(kustomization.file, content);
  if (!parsed.ok) {
    visit.problems.push(
      at(reference.path, "InvalidYaml", parsed.problem.message),
    );
    return;
  }
  for (const { value } of parsed.documents) {
    const plugin = readPlugin(value);
    if (!plugin.ok) {
      visit.problems.push(at(reference.path, "PluginRefused", plugin.message));
      continue;
    }
    for (const inner of plugin.references) {
      follow(visit, directory, kustomization, {
        ...inner,
        path: reference.path,
      });
    }
  }
}

function addFile(visit: Visit, path: string, bytes: Uint8Array): void {
  if (visit.files.has(path)) return;
  visit.files.set(path, bytes);
  visit.bytes += bytes.length;
}

/** The path from one directory of the repository to another. */
function relativePath(from: string, to: string): string {
  const start = from === "" ? [] : from.split("/");
  const end = to === "" ? [] : to.split("/");
  let shared = 0;
  while (shared < start.length && start[shared] === end[shared]) shared += 1;
  const steps = [...start.slice(shared).map(() => ".."), ...end.slice(shared)];
  return steps.length === 0 ? "." : steps.join("/");
}

/** An address has no spaces: where a list is broken, YAML takes the lines that follow for a part of it. */
function firstWord(text: string): string {
  const [word = ""] = text.trim().split(/\s/, 1);
  return word === text ? text : `${word} …`;
}
