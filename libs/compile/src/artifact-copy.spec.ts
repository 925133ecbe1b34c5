import { describe, expect, it } from "vitest";
import { type CopyStep } from "@wheelhouse/fleet-model";
import { copyArtifact } from "./artifact-copy.ts";
import { treeOf } from "./plain-fleet.fixture.ts";

const repo = treeOf({
  "README.md": "",
  "apps/base/web/cm.yaml": "base",
  "apps/base/kustomization.yaml": "base",
  "apps/prod/cm.yaml": "prod",
  "apps/prod/docs/note.md": "note",
});

const step = (from: string, to: string, more: Partial<CopyStep> = {}) => ({
  from,
  to,
  exclude: [],
  isOptional: false,
  strategy: "Overwrite",
  ...more,
});

const filesOf = (...steps: readonly CopyStep[]): readonly string[] | string => {
  const result = copyArtifact(steps, new Map([["repo", repo]]));
  if (!result.ok) return result.message;
  const { tree } = result;
  const list = (directory: string): readonly string[] =>
    tree
      .list(directory)
      .flatMap(({ kind, path }) =>
        kind === "directory" ? list(path) : [path],
      );
  return list("");
};

describe("copyArtifact", () => {
  it("copies what is in a directory for a pattern that ends in **", () => {
    expect(filesOf(step("@repo/apps/base/**", "@artifact/base/"))).toEqual([
      "base/kustomization.yaml",
      "base/web/cm.yaml",
    ]);
  });

  it("copies a directory into the target, like cp -r", () => {
    expect(filesOf(step("@repo/apps/base", "@artifact/x/"))).toEqual([
      "x/base/kustomization.yaml",
      "x/base/web/cm.yaml",
    ]);
  });

  it("copies a file under its own name into a directory, else under the target's", () => {
    expect(filesOf(step("@repo/README.md", "@artifact/x/"))).toEqual([
      "x/README.md",
    ]);
    expect(filesOf(step("@repo/README.md", "@artifact/x"))).toEqual(["x"]);
    expect(
      filesOf(
        step("@repo/apps/prod/cm.yaml", "@artifact/x/"),
        step("@repo/README.md", "@artifact/x"),
      ),
    ).toEqual(["x/README.md", "x/cm.yaml"]);
  });

  it("keeps the whole path for another pattern, where ** is one name", () => {
    expect(filesOf(step("@repo/apps/*/cm.yaml", "@artifact/"))).toEqual([
      "apps/prod/cm.yaml",
    ]);
    expect(filesOf(step("@repo/**/cm.yaml", "@artifact/"))).toContain(
      "no such",
    );
  });

  it("leaves out what is excluded, by path or by name", () => {
    const exclude = ["*.md"];
    expect(
      filesOf(step("@repo/apps/prod/**", "@artifact/", { exclude })),
    ).toEqual(["cm.yaml"]);
    const byPath = ["web/**"];
    expect(
      filesOf(step("@repo/apps/base/**", "@artifact/", { exclude: byPath })),
    ).toEqual(["kustomization.yaml"]);
  });

  it("goes on without what is optional, and says what else is missing", () => {
    expect(filesOf(step("@repo/gone", "@artifact/"))).toBe(
      "copy from @repo/gone: there is no such file",
    );
    const isOptional = true;
    expect(filesOf(step("@repo/gone", "@artifact/", { isOptional }))).toEqual(
      [],
    );
  });

  it.each([
    [step("@other/x", "@artifact/"), "no source has this alias"],
    [step("@repo/apps", "@elsewhere/"), "is no path of the artifact"],
    [step("@repo/apps", "@artifact/../x"), "is no path of the artifact"],
    [
      step("@repo/apps", "@artifact/", { strategy: "Merge" }),
      "strategy Merge is not built yet",
    ],
  ])("refuses %j", (wrong, message) => {
    expect(filesOf(wrong)).toContain(message);
  });

  it("lets a later step replace what an earlier one wrote", () => {
    const result = copyArtifact(
      [
        step("@repo/apps/base/web/cm.yaml", "@artifact/cm.yaml"),
        step("@repo/apps/prod/cm.yaml", "@artifact/cm.yaml"),
      ],
      new Map([["repo", repo]]),
    );
    const entry = result.ok ? result.tree.entry("cm.yaml") : undefined;
    expect(entry).toMatchObject({ kind: "file", oid: "prod" });
  });
});
