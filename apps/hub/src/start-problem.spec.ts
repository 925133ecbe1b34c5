import { createServer } from "node:net";
import { createTestRepository } from "@wheelhouse/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HubUnderTest } from "./hub-under-test.ts";
import { describeStartError, whyNotListening } from "./start-problem.ts";

const failure = (code: string, message: string, path?: string) =>
  Object.assign(new Error(message), {
    code,
    ...(path === undefined ? {} : { path }),
  });

describe("why a hub cannot start", () => {
  it.each([
    [
      failure("ENOSPC", "ENOSPC: no space left on device, write"),
      "/data: the disk is full; make room on it, and try again (ENOSPC)",
    ],
    [
      failure("EROFS", "EROFS: read-only", "/data/hub.db-holder"),
      "/data/hub.db-holder: the file system is mounted read-only; give a place",
    ],
    [
      failure("SQLITE_FULL", "database or disk is full"),
      "--data /data: the disk is full; make room on it",
    ],
    [
      failure("SQLITE_READONLY_DIRECTORY", "attempt to write"),
      "--data /data: the database cannot be written; mount",
    ],
    [new Error("something else"), "something else"],
  ])("is said in words: %s", (error, words) => {
    expect(describeStartError(error, { data: "/data" })).toContain(words);
  });
});

describe("an address that the hub cannot have", () => {
  const taken = createServer();
  let port = 0;
  let hub: HubUnderTest;

  beforeEach(async () => {
    hub = new HubUnderTest();
    await hub.init();
    createTestRepository(hub.repo);
    await new Promise<void>((resolve) => {
      taken.listen(0, "127.0.0.1", resolve);
    });
    const address = taken.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  });
  afterEach(async () => {
    await new Promise((resolve) => taken.close(resolve));
    await hub.discard();
  });

  it("is named with its flag, and the hub lets go of its directory", async () => {
    const why = `127.0.0.1:${port}: another program listens there already; stop it, or give another port (EADDRINUSE)`;
    for (const flag of ["--listen", "--link-listen"] as const) {
      await expect(hub.start([flag, `127.0.0.1:${port}`])).rejects.toThrow(
        `${flag} ${why}`,
      );
    }
    expect(
      await whyNotListening("--listen", { host: "192.0.2.1", port: 0 }),
    ).toMatch(/^--listen 192\.0\.2\.1:0: this machine does not have this/);
    expect(
      await whyNotListening("--listen", { host: "127.0.0.1", port: 0 }),
    ).toBeNull();
  });

  it("is a repository's port that nothing is fetched from", async () => {
    await expect(hub.start(["--repo", "http://127.0.0.1:1"])).rejects.toThrow(
      "--repo http://127.0.0.1:1/: web clients refuse this port",
    );
  });
});
