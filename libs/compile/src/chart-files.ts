import {
  type Problem,
  type ProblemReason,
  type SourceTree,
  clampRepoPath,
  parseYaml,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import {
  type Json,
  type JsonObject,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";

/** A chart's files by path below its directory, or everything that stands against it. */
export type ChartFiles =
  | {
      readonly ok: true;
      /** Where the chart lies in its source. */
      readonly directory: string;
      readonly files: ReadonlyMap<string, Uint8Array>;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const maxFiles = 5_000;
const maxBytes = 64 * 1024 * 1024;

/** Directories in one another; a symlink to one above itself ends there. */
const maxDepth = 32;

const charts = new WeakMap<SourceTree, Map<string, ChartFiles>>();

/** Collects the regular files of a chart, symlinks followed within the source. The same files are given again for the same tree. */
export function chartFiles(tree: SourceTree, path: string): ChartFiles {
  const known = charts.get(tree) ?? new Map<string, ChartFiles>();
  charts.set(tree, known);
  const chart = known.get(path) ?? collect(tree, path);
  known.set(path, chart);
  return chart;
}

function collect(tree: SourceTree, text: string): ChartFiles {
  const path = clampRepoPath(text);
  if (!path.ok) return failed(path.reason, text, path.message);
  const found = resolveEntry(tree, path.path);
  if (!found.ok) return failed("SymlinkOutside", text, found.message);
  if (found.path !== "" && found.entry?.kind !== "directory") {
    const message = /\.tgz$/.test(text)
      ? "a packed chart in a Git source is not built yet"
      : "there is no such directory";
    return failed("MissingDirectory", text, message);
  }
  const visit: Visit = { tree, files: new Map(), problems: [], bytes: 0 };
  visitDirectory(visit, found.path, "", 0);
  const { files, problems } = visit;
  if (problems.length === 0) problems.push(...chartProblems(found.path, files));
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, directory: found.path, files };
}

interface Visit {
  readonly tree: SourceTree;
  readonly files: Map<string, Uint8Array>;
  readonly problems: Problem[];
  bytes: number;
}

function visitDirectory(
  visit: Visit,
  directory: string,
  prefix: string,
  depth: number,
): void {
  if (depth > maxDepth) {
    report(visit, "TooLarge", directory, "directories are nested too deep");
    return;
  }
  for (const entry of visit.tree.list(directory)) {
    if (visit.problems.length > 0) return;
    const name = prefix + entry.path.slice(entry.path.lastIndexOf("/") + 1);
    const found = resolveEntry(visit.tree, entry.path);
    if (!found.ok) {
      report(visit, "SymlinkOutside", entry.path, found.message);
    } else if (found.entry?.kind === "directory") {
      visitDirectory(visit, found.path, `${name}/`, depth + 1);
    } else if (found.entry?.kind === "file") {
      addFile(visit, name, found.entry.bytes);
    } else {
      const why =
        found.entry?.kind === "unreadable"
          ? found.entry.why
          : "the symlink leads nowhere";
      report(visit, "Unreadable", entry.path, why);
    }
  }
}

function addFile(visit: Visit, name: string, bytes: Uint8Array): void {
  visit.files.set(name, bytes);
  visit.bytes += bytes.byteLength;
  if (visit.files.size > maxFiles || visit.bytes > maxBytes) {
    const message = `a chart has at most ${maxFiles} files and ${maxBytes} bytes`;
    report(visit, "TooLarge", name, message);
  }
}

function report(
  { problems }: Visit,
  reason: ProblemReason,
  subject: string,
  message: string,
): void {
  problems.push({ reason, subject, message, location: { file: subject } });
}

function failed(
  reason: ProblemReason,
  subject: string,
  message: string,
): Extract<ChartFiles, { ok: false }> {
  return { ok: false, problems: [{ reason, subject, message }] };
}

/** What can be told from a chart's own files before helm is run: that it is one, and has what it depends on. */
function chartProblems(
  directory: string,
  files: ReadonlyMap<string, Uint8Array>,
): readonly Problem[] {
  const prefix = directory === "" ? "" : `${directory}/`;
  const problem = (
    file: string,
    reason: ProblemReason,
    message: string,
  ): Problem => ({
    reason,
    subject: `${prefix}${file}`,
    message,
    location: { file: `${prefix}${file}` },
  });
  const chart = files.get("Chart.yaml");
  if (chart === undefined) {
    const message = "is no chart: there is no Chart.yaml";
    return [{ reason: "NoChart", subject: directory || ".", message }];
  }
  const [document, isRead] = documentOf(chart);
  if (!isRead) return [problem("Chart.yaml", "NoChart", "is no map")];
  const own = dependenciesIn(document);
  const old = dependenciesIn(documentOf(files.get("requirements.yaml"))[0]);
  return [...own, ...old]
    .filter((name) => !isVendored(files, name))
    .map((name) =>
      problem(
        "Chart.yaml",
        "ChartDependencyMissing",
        `depends on ${name}, which is not in charts/`,
      ),
    );
}

function documentOf(
  bytes: Uint8Array | undefined,
): readonly [JsonObject, boolean] {
  if (bytes === undefined) return [{}, false];
  const parsed = parseYaml("Chart.yaml", bytes);
  const value = parsed.ok ? parsed.documents[0]?.value : undefined;
  return isJsonObject(value) ? [value, true] : [{}, false];
}

function dependenciesIn(document: JsonObject): readonly string[] {
  const list: Json | undefined = document["dependencies"];
  return (isJsonList(list) ? list : []).flatMap((item) => {
    const name = isJsonObject(item) ? item["name"] : undefined;
    return typeof name === "string" ? [name] : [];
  });
}

/** As a directory of any name, or packed: helm looks at versions, and says so. */
function isVendored(
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
): boolean {
  for (const [path, bytes] of files) {
    const [charts, below = "", rest] = path.split("/");
    if (charts !== "charts") continue;
    if (
      rest === undefined &&
      below.endsWith(".tgz") &&
      below.startsWith(name)
    ) {
      return true;
    }
    const isChart = rest === "Chart.yaml" && path.split("/").length === 3;
    if (isChart && documentOf(bytes)[0]["name"] === name) return true;
  }
  return false;
}
