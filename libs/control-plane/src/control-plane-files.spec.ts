import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeControlPlaneFiles } from "./control-plane-files.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wheelhouse-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the files of a control plane", () => {
  it("hold a token for each user, readable by their owner only", async () => {
    const files = await writeControlPlaneFiles(folder, [
      { name: "visitor", groups: ["a", "b"] },
    ]);
    const lines = (await readFile(files.tokens, "utf8")).trimEnd().split("\n");
    expect(lines).toEqual([
      `${files.tokenOf.get("admin")},admin,admin,"system:masters"`,
      `${files.tokenOf.get("visitor")},visitor,visitor,"a,b"`,
    ]);
    for (const path of [files.tokens, files.serviceAccountKey]) {
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    }
  });

  it("refuse a name that would write a second line", async () => {
    const writing = writeControlPlaneFiles(folder, [
      { name: 'x\nstolen,admin,1,"system:masters"', groups: [] },
    ]);
    await expect(writing).rejects.toThrow("must be plain words");
  });

  it("ask for the reads of the users that are named, and of nobody else", async () => {
    const rulesOf = async (...readers: string[]) => {
      const files = await writeControlPlaneFiles(folder, [], {
        readsOf: readers,
      });
      const text = await readFile(files.auditPolicy, "utf8");
      return (JSON.parse(text) as { rules: object[] }).rules;
    };
    const [writes, reads, ...rest] = await rulesOf("spoke");
    expect(reads).toEqual({ level: "Metadata", users: ["spoke"] });
    expect(await rulesOf()).toEqual([writes, ...rest]);
  });

  it("hold stages that are each a document of their own", async () => {
    const files = await writeControlPlaneFiles(folder, []);
    const documents = (await readFile(files.stages, "utf8")).split("---\n");
    const names = documents.map(
      (text) =>
        (JSON.parse(text) as { metadata: { name: string } }).metadata.name,
    );
    expect(names).toContain("pod-ready");
    expect(new Set(names).size).toBe(names.length);
  });
});
