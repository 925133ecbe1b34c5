import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findChromium } from "./chromium.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wheelhouse-chromium-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const place = async (name: string, mode = 0o755) => {
  await writeFile(join(folder, name), "#!/bin/sh\n", { mode });
  return join(folder, name);
};

describe("finding Chromium", () => {
  it("takes the explicit path first", async () => {
    await place("chromium");
    const mine = await place("mine");
    const env = { PATH: folder, WHEELHOUSE_CHROMIUM: mine };
    expect(await findChromium(env)).toEqual({ path: mine });
  });

  it("does not look further when the explicit path is wrong", async () => {
    await place("chromium");
    const env = { PATH: folder, WHEELHOUSE_CHROMIUM: join(folder, "gone") };
    expect(await findChromium(env)).toMatchObject({
      path: undefined,
      message: expect.stringContaining("is not a program") as string,
    });
  });

  it("takes what PATH has, in order of names, and only programs", async () => {
    await place("chromium", 0o644);
    const chrome = await place("google-chrome");
    expect(await findChromium({ PATH: folder })).toEqual({ path: chrome });
    const browser = await place("chromium-browser");
    expect(await findChromium({ PATH: folder })).toEqual({ path: browser });
  });

  it("says how to get one where there is none", async () => {
    expect(await findChromium({ PATH: folder })).toMatchObject({
      path: undefined,
      message: expect.stringContaining("apt-get install chromium") as string,
    });
  });
});
