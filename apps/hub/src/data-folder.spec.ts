import { chmod, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteHubStore } from "@wheelhouse/hub-store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { whyDataIsOpen } from "./data-folder.ts";

let data = "";
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "wheelhouse-data-"));
});
afterEach(() => rm(data, { recursive: true, force: true }));

const modesIn = async (folder: string) =>
  Promise.all(
    (await readdir(folder)).map(async (name) => [
      name,
      ((await stat(join(folder, name))).mode & 0o777).toString(8),
    ]),
  );

describe("a data folder that was made before", () => {
  it.each([
    [0o755, "(mode 0755)"],
    [0o750, "(mode 0750)"],
    [0o701, "(mode 0701)"],
  ])("is told of where others may look into it: %o", async (mode, words) => {
    await chmod(data, mode);
    const why = await whyDataIsOpen(data);
    expect(why).toContain(words);
    expect(why).toContain(`chmod 700 ${data}`);
  });

  it("is not told of where they may not, or where it is not there", async () => {
    await chmod(data, 0o700);
    expect(await whyDataIsOpen(data)).toBeNull();
    expect(await whyDataIsOpen(join(data, "none"))).toBeNull();
  });

  it("holds no file of the store that others may read, also of one that they could", async () => {
    await chmod(data, 0o755);
    const umask = process.umask(0o022);
    try {
      const file = join(data, "hub.db");
      const first = await openSqliteHubStore({ file });
      const modes = await modesIn(data);
      expect(modes.map(([name]) => name)).toEqual(
        expect.arrayContaining(["hub.db", "hub.db-lock", "hub.db-wal"]),
      );
      expect(modes.filter(([, mode]) => mode !== "600")).toEqual([]);
      await first.close();
      for (const name of await readdir(data)) {
        await chmod(join(data, name), 0o644);
      }
      const second = await openSqliteHubStore({ file });
      const after = await modesIn(data);
      expect(after.filter(([, mode]) => mode !== "600")).toEqual([]);
      await second.close();
    } finally {
      process.umask(umask);
    }
  });
});
