import { describe, expect, it } from "vitest";
import { artifactTree } from "./artifact-tree.ts";
import { isIgnored, parseIgnoreText } from "./ignore-rules.ts";
import { treeOf } from "./plain-fleet.fixture.ts";

const ignores = (text: string, path: string, isDirectory = false) =>
  isIgnored(parseIgnoreText(text, ""), path, isDirectory);

describe("ignore rules", () => {
  it.each([
    ["*.md", "a/b/README.md", true],
    ["/docs", "docs", true],
    ["/docs", "a/docs", false],
    ["a/*.yaml", "a/x.yaml", true],
    ["a/*.yaml", "a/b/x.yaml", false],
    ["a/**/x.yaml", "a/b/c/x.yaml", true],
    ["a/**/x.yaml", "a/x.yaml", true],
    ["**/x", "a/b/x", true],
    ["a/**", "a/b/c", true],
    ["docs", "docs/deep/x.yaml", true],
    ["/docs", "docs/deep/x.yaml", true],
    ["/*\n!/apps", "apps/web/x.yaml", false],
    ["/*\n!/apps", "docs/x.yaml", true],
    ["/docs\n!/docs/x.yaml", "docs/x.yaml", false],
    ["x**", "xy", false],
    ["**", "x", true],
    ["x?.[ab]", "x1.a", true],
    ["x?.[^ab]", "x1.a", false],
    ["# comment", "# comment", false],
    ["\\#x", "#x", true],
    ["*.yaml\n!keep.yaml", "keep.yaml", false],
    ["!keep.yaml\n*.yaml", "keep.yaml", true],
    ["a.b", "aXb", false],
    ["a/**", "a", true],
    ["[a-c]x", "bx", true],
    ["[a-c]x", "dx", false],
    ["**/a/**/b", "x/a/y/z/b", true],
  ])("%j on %s", (text, path, expected) => {
    expect(ignores(text, path)).toBe(expected);
  });

  it("takes no time over a hostile pattern", () => {
    const hostile = `${"**/".repeat(50)}${"*a".repeat(100)}*b`;
    expect(ignores(hostile, `${"a/".repeat(200)}${"a".repeat(250)}`)).toBe(
      false,
    );
  });

  it("counts a path inside a directory of a directory pattern as left out", () => {
    expect(ignores("build/", "a/build/x")).toBe(true);
    expect(ignores("/a/build/", "a/build/x")).toBe(true);
  });

  it("keeps directory patterns from files", () => {
    expect(ignores("build/", "build")).toBe(false);
    expect(ignores("build/", "build", true)).toBe(true);
  });
});

describe("artifactTree", () => {
  it("hides what Flux's defaults leave out where nobody says anything", () => {
    const view = artifactTree(treeOf({ ".sops.yaml": "", "a.png": "", b: "" }));
    expect(view.list("").map(({ path }) => path)).toEqual(["b"]);
  });

  it("takes a source's own ignore after the files", () => {
    const files = { ".sourceignore": "/a\n", "a/x": "", "b/x": "", "c/x": "" };
    const view = artifactTree(treeOf(files), "/*\n!/a\n!/b\n");
    expect(view.list("").map(({ path }) => path)).toEqual(["a", "b"]);
  });

  it("brings back a file of a directory that is left out", () => {
    const files = { ".sourceignore": "/a\n!/a/x\n", "a/x": "", "a/y": "" };
    const view = artifactTree(treeOf(files));
    expect(view.list("a").map(({ path }) => path)).toEqual(["a/x"]);
    expect(view.entry("a")).toBeDefined();
  });

  it("hides what .sourceignore files leave out, in their directories", () => {
    const view = artifactTree(
      treeOf({
        ".sourceignore": "/docs/\n",
        "docs/x.yaml": "",
        "a/.sourceignore": "local.yaml\n",
        "a/local.yaml": "",
        "a/kept.yaml": "",
        "b/local.yaml": "",
        ".sops.yaml": "",
        "logo.png": "",
      }),
    );
    expect(view.entry("docs/x.yaml")).toBeUndefined();
    expect(view.entry("a/local.yaml")).toBeUndefined();
    expect(view.entry("b/local.yaml")).toBeDefined();
    expect(view.list("").map(({ path }) => path)).toEqual([
      ".sops.yaml",
      ".sourceignore",
      "a",
      "b",
      "logo.png",
    ]);
  });
});
