import { compareBytewise } from "@wheelhouse/kube-object";
import { directoryOf } from "./repo-path.ts";
import { type SourceTree, type TreeEntry } from "./source-tree.ts";

/**
 * Makes a tree of its entries, in any order. Directories that only follow from
 * the paths in them are added. Of two entries with one path the later holds.
 */
export function createSourceTree(
  commit: string,
  entries: Iterable<TreeEntry>,
): SourceTree {
  const byPath = new Map<string, TreeEntry>([
    ["", { kind: "directory", path: "" }],
  ]);
  for (const entry of entries) {
    byPath.set(entry.path, entry);
    addParents(byPath, entry.path);
  }
  const children = new Map<string, TreeEntry[]>();
  for (const entry of byPath.values()) {
    if (entry.path === "") continue;
    const parent = directoryOf(entry.path);
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [entry]);
    else list.push(entry);
  }
  for (const list of children.values()) {
    list.sort((a, b) => compareBytewise(a.path, b.path));
  }
  return {
    commit,
    entry: (path) => byPath.get(path),
    list: (directory) => children.get(directory) ?? [],
  };
}

function addParents(byPath: Map<string, TreeEntry>, path: string): void {
  let parent = directoryOf(path);
  while (!byPath.has(parent)) {
    byPath.set(parent, { kind: "directory", path: parent });
    parent = directoryOf(parent);
  }
}
