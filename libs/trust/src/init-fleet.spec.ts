import { mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  delegateEpoch,
  formatRootPin,
  initFleet,
  parseRootPin,
  readFleetRoot,
  readHubKeys,
} from "./index.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

describe("making a fleet", () => {
  let folder: string;
  let directory: string;
  let rootFile: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "wheelhouse-trust-"));
    directory = path.join(folder, "hub");
    rootFile = path.join(folder, "root.json");
  });

  afterEach(() => rm(folder, { recursive: true }));

  const init = () =>
    initFleet({ directory, rootFile, fleet: "harbour", nowMs });

  it("writes a root outside the hub, and keys of epoch 1 inside", async () => {
    const made = await init();
    expect(made).toMatchObject({ ok: true, epoch: 1 });
    const read = await readHubKeys(directory);
    expect(read).toMatchObject({
      ok: true,
      keys: { delegation: { epoch: 1, fleet: "harbour" } },
    });
    expect(made.ok && read.ok && read.keys.pin).toEqual(made.ok && made.pin);
    expect(made.ok && parseRootPin(formatRootPin(made.pin))).toEqual(
      made.ok && made.pin,
    );
  });

  it("leaves every file to its owner alone, and no root key with the hub", async () => {
    await init();
    const root = await readFleetRoot(rootFile);
    const entries = await readdir(directory, {
      recursive: true,
      withFileTypes: true,
    });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    expect(files).toHaveLength(4);
    for (const file of [...files, rootFile]) {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    }
    for (const file of files) {
      const text = await readFile(file, "utf8");
      expect(text).not.toContain(root?.certificateKey.split("\n")[1]);
      expect(text).not.toContain(root?.delegationKey.split("\n")[1]);
    }
  });

  it("overwrites nothing", async () => {
    await init();
    const before = await readFile(rootFile, "utf8");
    expect(await init()).toMatchObject({ ok: false });
    await rm(directory, { recursive: true });
    expect(await init()).toMatchObject({
      ok: false,
      problem: expect.stringMatching(
        /never overwritten: it is that of a fleet named harbour.*--root-key.*hub delegate.*may be deleted/,
      ) as string,
    });
    expect(await readFile(rootFile, "utf8")).toBe(before);
  });

  it("says of keys that no hub uses that they may go, and makes no root", async () => {
    await init();
    await rm(path.join(directory, "fleet.json"));
    await rm(rootFile);
    expect(await init()).toMatchObject({
      ok: false,
      problem: expect.stringMatching(
        /epoch-1: .*that no hub uses; remove this directory/,
      ) as string,
    });
    expect(await readdir(folder)).toEqual(["hub"]);
  });

  it("says of a root's place what is wrong with it", async () => {
    const at = (file: string) =>
      initFleet({ directory, rootFile: file, fleet: "harbour", nowMs });
    expect(await at(path.join(folder, "none", "root.json"))).toMatchObject({
      ok: false,
      problem: expect.stringContaining(
        "there is no such directory; make it first",
      ) as string,
    });
    expect(await at(folder)).toMatchObject({
      ok: false,
      problem: expect.stringContaining("is a directory; give a file") as string,
    });
  });

  it("refuses a name that is no DNS label", async () => {
    const made = await initFleet({ directory, rootFile, fleet: "A b", nowMs });
    expect(made).toMatchObject({ ok: false });
  });

  it("makes the next epoch from the root, also for a hub that was lost", async () => {
    await init();
    expect(await delegateEpoch({ directory, rootFile, nowMs })).toMatchObject({
      ok: true,
      epoch: 2,
    });
    await rm(directory, { recursive: true });
    expect(
      await delegateEpoch({ directory, rootFile, nowMs, atLeast: 3 }),
    ).toMatchObject({ ok: true, epoch: 3 });
    const read = await readHubKeys(directory);
    expect(read.ok && read.keys.delegation.epoch).toBe(3);
  });

  it("refuses the root of another fleet", async () => {
    await init();
    const other = path.join(folder, "other.json");
    await initFleet({
      directory: path.join(folder, "other"),
      rootFile: other,
      fleet: "harbour",
      nowMs,
    });
    expect(
      await delegateEpoch({ directory, rootFile: other, nowMs }),
    ).toMatchObject({ ok: false });
  });

  it("says what to do where there is no fleet", async () => {
    expect(await readHubKeys(directory)).toMatchObject({
      ok: false,
      problem: expect.stringContaining("wheelhouse init") as string,
    });
  });
});
