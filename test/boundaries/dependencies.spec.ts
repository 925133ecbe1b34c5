import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");

/** Every library and app, relative to the repository. */
const workspaces = ["libs", "apps"].flatMap((group) =>
  readdirSync(join(repository, group))
    .map((name) => `${group}/${name}`)
    .filter((path) => existsSync(join(repository, path, "package.json"))),
);

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Libraries of ours that a workspace says it needs, and what it imports. */
function read(workspace: string) {
  const at = (path: string) => join(repository, workspace, path);
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(at("package.json"), "utf8"),
  ) as Manifest;
  const texts = readdirSync(at("src"), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => readFileSync(at(join("src", path)), "utf8"));
  const imports = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import\()\s*"(@wheelhouse\/[a-z-]+)"/g)].map(
      ([, name]) => name,
    ),
  );
  return {
    declared: Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => name.startsWith("@wheelhouse/"),
    ),
    imported: new Set(imports),
  };
}

describe("what a workspace says that it depends on", () => {
  it.each(workspaces)("is what %s imports, and no more", (workspace) => {
    const { declared, imported } = read(workspace);
    expect(declared.filter((name) => !imported.has(name))).toEqual([]);
  });
});
