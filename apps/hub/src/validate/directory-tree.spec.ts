import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFleet } from "@wheelhouse/fleet-model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDirectoryTree } from "./directory-tree.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "directory-tree-"));
  await chmod(root, 0o755);
  await mkdir(join(root, "fleet/clusters"), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const problems = async () => {
  const parsed = parseFleet(await readDirectoryTree(root));
  return (parsed.ok ? [] : parsed.problems).map(
    ({ reason, message, location }) =>
      `${reason} ${location?.file}: ${message}`,
  );
};

describe("what is no file that can be read", () => {
  it("is told of where it is a named pipe, which is not opened", async () => {
    execFileSync("mkfifo", [join(root, "fleet/clusters/a.yaml")]);
    expect(await problems()).toEqual([
      "Unreadable fleet/clusters/a.yaml: is a named pipe, and no file",
    ]);
  });

  it("is told of where it is a socket", async () => {
    const server = createServer();
    const listening = new Promise<void>((resolve) =>
      server.listen(join(root, "fleet/clusters/a.yaml"), resolve),
    );
    await listening;
    const said = await problems();
    await new Promise((resolve) => server.close(resolve));
    expect(said).toEqual([
      "Unreadable fleet/clusters/a.yaml: is a socket, and no file",
    ]);
  });

  it.skipIf(process.platform === "win32")(
    "is told of where this user may not read it",
    async () => {
      const file = join(root, "fleet/clusters/a.yaml");
      await writeFile(file, "a: 1\n", { mode: 0o000 });
      const user = process.geteuid?.() ?? 0;
      // Root may read everything.
      if (user === 0) process.seteuid?.(65_534);
      try {
        expect(await problems()).toEqual([
          "Unreadable fleet/clusters/a.yaml: may not be read by this user (EACCES)",
        ]);
      } finally {
        process.seteuid?.(user);
      }
    },
  );

  it("is told of as a directory, in which others stay readable", async () => {
    await mkdir(join(root, "closed"), { mode: 0o000 });
    await writeFile(join(root, "zz.yaml"), "a: 1\n");
    const user = process.geteuid?.() ?? 0;
    if (user === 0) process.seteuid?.(65_534);
    try {
      const tree = await readDirectoryTree(root);
      expect(tree.entry("closed")?.kind).toBe("unreadable");
      expect(tree.entry("zz.yaml")?.kind).toBe("file");
    } finally {
      process.seteuid?.(user);
    }
  });
});
