import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSourceTree } from "./create-source-tree.ts";
import { joinRepoPath, parseRepoPath, resolveEntry } from "./repo-path.ts";
import { type TreeEntry } from "./source-tree.ts";

const file = (path: string): TreeEntry => ({
  kind: "file",
  path,
  oid: path,
  bytes: Buffer.from(path),
});
const link = (path: string, target: string): TreeEntry => ({
  kind: "symlink",
  path,
  target,
});

describe("parseRepoPath", () => {
  it.each([
    ["./apps/x", "apps/x"],
    ["/apps/x/", "apps/x"],
    ["apps//x/./y/../z", "apps/x/z"],
    [".", ""],
    ["", ""],
    ["%2e%2e/x", "%2e%2e/x"],
  ])("normalizes %j", (text, path) => {
    expect(parseRepoPath(text)).toEqual({ ok: true, path });
  });

  it.each(["..", "../x", "a/../../x", "a\0b", "a\\b", "x".repeat(1_025)])(
    "refuses %j",
    (text) => {
      expect(parseRepoPath(text).ok).toBe(false);
    },
  );

  it.each([
    ["../x", "PathOutsideRepository"],
    ["a/../../x", "PathOutsideRepository"],
    ["a\0b", "InvalidPath"],
    ["x".repeat(1_025), "InvalidPath"],
  ])(
    "tells a path that leads out from one that is none: %j",
    (text, reason) => {
      expect(parseRepoPath(text)).toMatchObject({ ok: false, reason });
    },
  );

  it("stays inside the repository for every text", () => {
    const step = fc.constantFrom(
      "..",
      ".",
      "",
      "a",
      "b c",
      "%2e%2e",
      "…",
      "\0",
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 8 }),
        fc.constantFrom("", "d", "d/e"),
        (steps, directory) => {
          const result = joinRepoPath(directory, steps.join("/"));
          const inside = result.ok ? result.path.split("/") : [];
          return !inside.includes("..") && !inside.includes(".");
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

describe("resolveEntry", () => {
  const tree = createSourceTree("c", [
    file("real/dir/x.yaml"),
    link("file-link", "real/dir/x.yaml"),
    link("real/up", "../other"),
    link("other", "real/dir"),
    link("chain", "real/up"),
    link("etc", "/etc/passwd"),
    link("out", "../../other-tenant"),
    link("real/dir/out", "../../../x"),
    link("loop-a", "loop-b"),
    link("loop-b", "loop-a"),
    link("dangling", "nowhere"),
  ]);

  it.each([
    ["file-link", "real/dir/x.yaml"],
    ["other/x.yaml", "real/dir/x.yaml"],
    ["chain/x.yaml", "real/dir/x.yaml"],
  ])("follows %s", (path, expected) => {
    expect(resolveEntry(tree, path)).toMatchObject({
      ok: true,
      path: expected,
      entry: { kind: "file" },
    });
  });

  it.each(["etc", "out", "other/out", "etc/shadow"])(
    "refuses %s, which leads out, by name only",
    (path) => {
      const result = resolveEntry(tree, path);
      expect(result).toEqual({
        ok: false,
        message: expect.stringMatching(
          /^symlink \S+ points out of the repository$/,
        ),
      });
    },
  );

  it("refuses a circle", () => {
    expect(resolveEntry(tree, "loop-a")).toMatchObject({ ok: false });
  });

  it("finds nothing at a dangling link", () => {
    expect(resolveEntry(tree, "dangling")).toMatchObject({
      ok: true,
      entry: undefined,
    });
  });
});
