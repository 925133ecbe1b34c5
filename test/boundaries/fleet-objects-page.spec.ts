import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const page = read("docs/fleet-objects.md");

/** Names of fields in a text of ours: within lists of them. */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name);
}

/** Every field that a reader knows: the lists that it refuses all others by. */
function knownFields(file: string): readonly string[] {
  const source = read(`libs/fleet-model/src/${file}`);
  const lists = [
    ...source.matchAll(/checkKnownFields\([^;]*?(\[[^\]]*\])?,?\s*\);/g),
    ...source.matchAll(/= section\("\w+", (\[[^\]]*\])\)/g),
    ...source.matchAll(/const (?:shared|target)Fields = (\[[^\]]*\])/g),
  ];
  return [...new Set(lists.flatMap(([, list = ""]) => namesIn(list)))];
}

/** The fields that one section of the page names: last parts of paths, and what a row lists for `target`. */
function shownFields(kind: string): readonly string[] {
  const [, section = ""] = page.split(`\n## ${kind}\n`);
  const [rows = ""] = section.split("\n## ");
  const paths = [...rows.matchAll(/^\| `spec\.([\w.[\]]+)`/gm)];
  const target = /`labelSelector`/.test(rows)
    ? [...(/which objects: (.*?);/.exec(rows)?.[1] ?? "").matchAll(/`(\w+)`/g)]
    : [];
  return [
    ...paths.flatMap(([, path = ""]) => path.replaceAll("[]", "").split(".")),
    ...target.map(([, name = ""]) => name),
  ];
}

describe("docs/fleet-objects.md", () => {
  it.each([
    ["Cluster", "cluster.ts"],
    ["Rollout", "rollout.ts"],
    ["FleetConfig", "fleet-config.ts"],
  ])("has every field that a %s may have, and no other", (kind, file) => {
    const known = knownFields(file);
    expect(known.length).toBeGreaterThan(4);
    expect([...new Set(shownFields(kind))].sort()).toEqual([...known].sort());
  });
});
