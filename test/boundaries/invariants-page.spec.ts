import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const page = readFileSync(path.join(root, "docs/invariants.md"), "utf8");
const defined = new Set(
  [...page.matchAll(/^\| (\S+) +\|/gm)].map(([, number]) => number),
);

/** The text of every source file and page of the repository, by its path. */
function sources(): readonly (readonly [string, string])[] {
  const files = execFileSync("git", ["ls-files", "*.ts", "*.tsx", "*.md"], {
    cwd: root,
    encoding: "utf8",
  });
  return files
    .split("\n")
    .filter((file) => file !== "" && !/\/gen\/|\/facts\//.test(file))
    .filter((file) => existsSync(path.join(root, file)))
    .map((file) => [file, readFileSync(path.join(root, file), "utf8")]);
}

/** What is cited in a comment, a name of a test or a page. */
const citations = [
  /\b(S\d{1,2}′?)(?![\w/])(?=[):;,. "*]|$)/g,
  /\b(L[1-7])(?=[):;,. "/])/g,
  /\(?(?:design |invariant )?\b(D1?\d)\b(?=[):,. ])/g,
  /\((?:design )?(8\.\d+)\)/g,
  /\(design (8\.\d+)\)/g,
  /\brows? (\d+)\b/gi,
];

describe("docs/invariants.md", () => {
  it("has every number that code, tests and pages cite", () => {
    const unknown = sources().flatMap(([file, text]) =>
      citations.flatMap((pattern) =>
        [...text.matchAll(pattern)]
          .map(([, number = ""]) => number)
          .filter((number) => !defined.has(number))
          .map((number) => `${file}: ${number}`),
      ),
    );
    expect(unknown).toEqual([]);
  });

  it("names files that are there", () => {
    const files = [...page.matchAll(/`((?:apps|libs|test)\/[\w./-]+)`/g)];
    expect(files.length).toBeGreaterThan(25);
    const absent = files
      .map(([, file = ""]) => file)
      .filter((file) => !existsSync(path.join(root, file)));
    expect(absent).toEqual([]);
  });

  it("has every reason that the prune gate gives, and no other", () => {
    const gate = sources()
      .filter(([file]) => /^libs\/kube-apply\/src\/prune-[^.]*\.ts$/.test(file))
      .map(([, text]) => text)
      .join("\n");
    const given = [
      ...gate.matchAll(/\b(?:hold|keep)\(\s*"(\w+)"/g),
      ...gate.matchAll(
        /kind: "(?:forget|orphan|delete)", reason: (?:isSame \? )?"(\w+)"/g,
      ),
    ].map(([, reason]) => reason);
    const [, section = ""] = page.split("## The rows of the prune gate");
    const [rows = ""] = section.split("\n## ");
    const listed = [...rows.matchAll(/`([A-Z][a-z]+(?:[A-Z][a-z]+)*)`/g)].map(
      ([, reason]) => reason,
    );
    expect(given.filter((one) => !listed.includes(one))).toEqual([]);
    const ours = new Set([...given, "PruneFailed", "Replaced", "Orphan"]);
    expect(listed.filter((one) => !ours.has(one))).toEqual([]);
  });
});
