import { type SourceTree, type TreeEntry } from "@wheelhouse/fleet-model";

/** A tree over entries that are all in memory; each path occurs once. */
export function createSourceTree(
  commit: string,
  entries: readonly TreeEntry[],
): SourceTree {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const byDirectory = new Map<string, TreeEntry[]>();
  for (const entry of entries) {
    const directory = directoryOf(entry.path);
    const siblings = byDirectory.get(directory);
    if (siblings === undefined) byDirectory.set(directory, [entry]);
    else siblings.push(entry);
  }
  for (const siblings of byDirectory.values()) {
    siblings.sort((a, b) =>
      Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)),
    );
  }
  return {
    commit,
    entry: (path) =>
      path === "" ? { kind: "directory", path: "" } : byPath.get(path),
    list: (directory) => byDirectory.get(directory) ?? [],
  };
}

function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}
