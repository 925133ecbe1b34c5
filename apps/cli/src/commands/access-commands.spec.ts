import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  runCommand,
  runInEnvironment,
  startAnsweringHub,
} from "./command-under-test.ts";

describe("login, logout and tokens", () => {
  let folder: string;
  let hub: Awaited<ReturnType<typeof startAnsweringHub>>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-access-"));
    writeFileSync(join(folder, "token"), "secret\n");
    hub = await startAnsweringHub({
      "GET /api/v1/whoami": () => [200, { name: "ada", role: "operator" }],
      "GET /api/v1/tokens": () => [200, []],
      "POST /api/v1/tokens": () => [
        201,
        { role: "viewer", expiresAt: "2026-03-08T12:00:00Z", token: "wh_new" },
      ],
      "DELETE /api/v1/tokens/ci": () => [200, null],
    });
  });
  afterEach(async () => {
    await hub.stop();
    rmSync(folder, { recursive: true });
  });

  const config = () => join(folder, "config");
  const run = (...args: readonly string[]) =>
    runInEnvironment({ WHEELHOUSE_CONFIG: config() }, args);
  const login = (...more: readonly string[]) =>
    run("login", hub.url, "--token-file", join(folder, "token"), ...more);

  it("login remembers the hub, and tells who it is that logged in", async () => {
    const { code, out, err } = await login();
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(`logged in to ${hub.url} as ada (operator)`);
    expect(out + err).not.toContain("secret");
    expect((await run("token", "list")).code).toBe(0);
  });

  it("logout forgets the current hub and its token, and no other", async () => {
    await login("--name", "third");
    await login("--name", "other");
    await login("--name", "main");
    const { code, out } = await run("logout");
    expect([code, out]).toEqual([
      0,
      `logged out of ${hub.url}: context main is out of ${config()}\nchoose another hub: wheelhouse context use NAME\n`,
    ]);
    const after = await run("token", "list");
    expect(after.code).toBe(3);
    expect(after.err).toContain("not logged in to a hub");
    expect(after.err).toContain("choose one of third, other with --context or");
    expect((await run("token", "list", "--context", "other")).code).toBe(0);
    expect((await run("logout", "--context", "other")).code).toBe(0);
    expect((await run("logout", "--context", "third")).code).toBe(0);
    expect(readFileSync(config(), "utf8")).not.toContain("secret");
    expect((await run("logout")).code).toBe(3);
  });

  it("logout makes the only hub that is left the current one", async () => {
    await login("--name", "other");
    await login("--name", "main");
    const { out } = await run("logout");
    expect(out).toContain("context other is the current one now");
    expect((await run("token", "list")).code).toBe(0);
  });

  it("context use chooses the hub that is asked, and list shows it without tokens", async () => {
    await login("--name", "other");
    await login("--name", "main");
    expect((await run("context", "use", "other")).out).toBe(
      `context other (${hub.url}) is the current one\n`,
    );
    const { out } = await run("context", "list", "--no-headers");
    expect(out).toMatch(/^\* +other +http.*\n +main +http.*\n$/);
    const json = (await run("context", "list", "-o", "json")).out;
    expect(JSON.parse(json)).toContainEqual({
      ...{ name: "other", server: hub.url, current: true },
    });
    expect(out + json).not.toContain("secret");
    const wrong = await run("context", "use", "nope");
    expect(wrong.code).toBe(3);
    expect(wrong.err).toContain("there is no context nope");
    expect((await run("logout")).out).toContain("context other is out of");
  });

  it.each([
    [["127.0.0.1:7700"], 2, "is no address of a hub"],
    [["ftp://hub"], 2, "is no address of a hub"],
    [["http://hub", "--token-file", "/nowhere/token"], 3, "no such file"],
    [["http://hub", "--token-file", "/dev/null"], 2, "the token is empty"],
  ])("login %j ends with %i", async (args, expected, words) => {
    const { code, out, err } = await run("login", ...args);
    expect([code, out]).toEqual([expected, ""]);
    expect(err).toContain(words);
  });

  it("token create prints the secret alone, where a script reads it", async () => {
    const args = ["token", "create", "ci", "--role", "viewer"];
    const made = await runCommand(hub, [...args, "--expires", "7"]);
    expect([made.code, made.out]).toEqual([0, "wh_new\n"]);
    expect(made.err).toContain("token/ci (viewer) until 2026-03-08");
    expect(hub.asked.at(-1)?.body).toEqual({
      ...{ name: "ci", role: "viewer", expiresInMs: 604_800_000 },
    });
  });

  it("token delete says what it deleted", async () => {
    const { code, out } = await runCommand(hub, ["token", "delete", "ci"]);
    expect([code, out]).toEqual([0, "token/ci deleted\n"]);
  });
});
