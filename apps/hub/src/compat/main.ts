import { exitCodes } from "@wheelhouse/programs";
import { createWriteStream } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type SourceResolver,
  compatibilityDocument,
  formatProblem,
} from "@wheelhouse/compile";
import { type SourceTree, parseYaml } from "@wheelhouse/fleet-model";
import { errorText, isJsonObject } from "@wheelhouse/kube-object";
import { CachedRender, KustomizeProcess } from "@wheelhouse/render";
import {
  ToolMissingError,
  createProgressLine,
  ensureTools,
} from "@wheelhouse/tools";
import { readDirectoryTree } from "../validate/directory-tree.ts";
import {
  type CompatArguments,
  type SourceFolder,
  readCompatArguments,
  usage,
} from "./compat-arguments.ts";
import { formatRoots, objectLines, summarizeRoots } from "./compat-report.ts";
import { resolveRoots } from "./resolve-roots.ts";

/** Of one render: nobody waits for a cluster here, and the machine may be busy. */
const timeoutMs = 300_000;

/** Wrong words on the command line, said in one line. */
class UsageError extends Error {}

async function run(argv: readonly string[]): Promise<number> {
  const read = readCompatArguments(argv);
  if (read.kind === "help") {
    process.stdout.write(`${usage}\n`);
    return exitCodes.done;
  }
  if (read.kind === "document") {
    process.stdout.write(compatibilityDocument());
    return exitCodes.done;
  }
  if (read.kind === "wrong") throw new UsageError(read.message);
  return compat(read.arguments);
}

async function compat(options: CompatArguments): Promise<number> {
  const { path, roots, sources, objectsFile, output } = options;
  const variables = await readVariables(options.variablesFile);
  const trees = new DirectoryTrees();
  const resolveSource = await folderResolver(sources, trees);
  const { kustomize } = await ensureTools(["kustomize"], {
    env: process.env,
    onProgress: createProgressLine(process.stderr),
  });
  const resolved = await resolveRoots({
    tree: await trees.read(path),
    roots,
    variables,
    resolveSource,
    port: new CachedRender(
      new KustomizeProcess({ program: kustomize, limits: { timeoutMs } }),
    ),
    clock: () => performance.now() / 1_000,
  });
  if (objectsFile !== undefined) {
    const lines = Readable.from(objectLines(resolved));
    await pipeline(lines, createWriteStream(objectsFile));
  }
  process.stdout.write(
    output === "json"
      ? `${JSON.stringify(summarizeRoots(resolved), null, 2)}\n`
      : formatRoots(resolved),
  );
  const isWhole = resolved.every(({ bundles }) =>
    bundles.some(({ objects }) => objects.length > 0),
  );
  return isWhole ? exitCodes.done : exitCodes.finding;
}

async function requireDirectory(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new UsageError(`${path}: is no directory`);
  }
}

/** A file of `NAME: value` lines; numbers and booleans count as their text. */
async function readVariables(
  file: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (file === undefined) return {};
  const parsed = parseYaml(file, await readFile(file));
  if (!parsed.ok) throw new UsageError(formatProblem(parsed.problem));
  const value = parsed.documents[0]?.value ?? {};
  if (!isJsonObject(value)) throw new UsageError(`${file}: is no map`);
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => [
      name,
      text === null ? "" : String(text),
    ]),
  );
}

/** Directories read once each, whatever name they are given. */
class DirectoryTrees {
  readonly #known = new Map<string, Promise<SourceTree>>();

  async read(path: string): Promise<SourceTree> {
    await requireDirectory(path);
    const real = await realpath(path);
    const tree = this.#known.get(real) ?? readDirectoryTree(real);
    this.#known.set(real, tree);
    return tree;
  }
}

/** Sources by the first folder whose text their URL contains. */
async function folderResolver(
  folders: readonly SourceFolder[],
  trees: DirectoryTrees,
): Promise<SourceResolver> {
  const known: { match: string; tree: SourceTree }[] = [];
  for (const { match, directory } of folders) {
    known.push({ match, tree: await trees.read(directory) });
  }
  return ({ url }) => known.find(({ match }) => url.includes(match))?.tree;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const message = errorText(error);
  const isUsage = error instanceof UsageError;
  process.stderr.write(
    isUsage
      ? `${message}\n${usage}\n`
      : `${error instanceof ToolMissingError ? message : `compat: ${message}`}\n`,
  );
  process.exitCode = isUsage ? exitCodes.usage : exitCodes.refused;
}
