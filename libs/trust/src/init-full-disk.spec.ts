import type * as fs from "node:fs/promises";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { delegateEpoch, initFleet, readHubKeys } from "./index.ts";

/** Writes that still fit on the disk. */
const disk = vi.hoisted(() => ({ room: Infinity }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const open: typeof real.open = async (...args) => {
    const handle = await real.open(...args);
    const write = handle.writeFile.bind(handle);
    handle.writeFile = async (...data) => {
      if (disk.room <= 0) {
        const message = "ENOSPC: no space left on device, write";
        throw Object.assign(new Error(message), { code: "ENOSPC" });
      }
      disk.room -= 1;
      await write(...data);
    };
    return handle;
  };
  return { ...real, open };
});

const nowMs = Date.parse("2026-01-01T00:00:00Z");

/** The root, three key files, and `fleet.json`. */
const writes = [0, 1, 2, 3, 4];

describe("a full disk", () => {
  let folder: string;
  let directory: string;
  let rootFile: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "wheelhouse-trust-"));
    directory = path.join(folder, "hub");
    rootFile = path.join(folder, "root.json");
  });

  afterEach(async () => {
    disk.room = Infinity;
    await rm(folder, { recursive: true });
  });

  const init = () =>
    initFleet({ directory, rootFile, fleet: "harbour", nowMs });
  const filesOf = async () =>
    (await readdir(folder, { recursive: true })).filter(
      (name) => name !== "hub",
    );

  it.each(writes)(
    "leaves nothing of an init after %i writes, and says why",
    async (room) => {
      disk.room = room;
      expect(await init()).toMatchObject({
        ok: false,
        problem: expect.stringMatching(
          /: the disk is full; make room on it, and try again \(ENOSPC\); nothing is kept of this try$/,
        ) as string,
      });
      expect(await filesOf()).toEqual([]);
      disk.room = Infinity;
      expect(await init()).toMatchObject({ ok: true });
    },
  );

  it.each([0, 1, 2, 3])(
    "leaves the epoch in use as it is after %i writes of a new one",
    async (room) => {
      await init();
      const before = await filesOf();
      disk.room = room;
      expect(await delegateEpoch({ directory, rootFile, nowMs })).toMatchObject(
        { ok: false },
      );
      expect(await filesOf()).toEqual(before);
      expect(await readHubKeys(directory)).toMatchObject({
        ok: true,
        keys: { delegation: { epoch: 1 } },
      });
    },
  );
});
