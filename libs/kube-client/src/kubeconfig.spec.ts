import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CredentialSource } from "./credentials.ts";
import { loadKubeConfig } from "./kubeconfig.ts";

const config = (server: string, user: object) =>
  JSON.stringify({
    clusters: [
      { name: "a", cluster: { server } },
      { name: "b", cluster: { server: "https://b.example" } },
    ],
    users: [{ name: "u", user }],
    contexts: [
      { name: "to-a", context: { cluster: "a", user: "u" } },
      { name: "to-b", context: { cluster: "b", user: "u" } },
      { name: "to-none", context: { cluster: "none", user: "u" } },
    ],
    "current-context": "to-a",
  });

const load = (text: string, context?: string) =>
  loadKubeConfig({
    kind: "text",
    text,
    ...(context === undefined ? {} : { context }),
  });

const still = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  setTimer: () => () => undefined,
};
const https = "https://a.example/prefix";

describe("a kubeconfig", () => {
  test("is read with its current context, or the one that is asked for", () => {
    const text = config(https, {});
    expect(load(text).getCurrentCluster()?.server).toBe(https);
    expect(load(text, "to-b").getCurrentCluster()?.name).toBe("b");
  });

  test("without the context that is asked for says which there are", () => {
    expect(() => load(config(https, {}), "to-c")).toThrow(
      "kubeconfig: no context to-c; there are to-a, to-b, to-none",
    );
    expect(() => load(config(https, {}), "to-none")).toThrow(
      "names no cluster",
    );
  });

  test("sends nothing over plain http but to this machine", () => {
    expect(() => load(config("http://a.example", {}))).toThrow(
      "http is for this machine only",
    );
    for (const host of ["127.0.0.1:1", "localhost:1", "[::1]:1"]) {
      expect(load(config(`http://${host}`, {}))).toBeDefined();
    }
  });
});

describe("credentials", () => {
  let directory = "";

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "wheelhouse-kubeconfig-"));
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test("are a token, or a name and a password", async () => {
    const of = async (user: object) => {
      const source = new CredentialSource(
        () => load(config(https, user)),
        still,
      );
      return (await source.current()).headers["Authorization"];
    };
    expect(await of({ token: "t" })).toBe("Bearer t");
    const basic = Buffer.from("me:pw").toString("base64");
    expect(await of({ username: "me", password: "pw" })).toBe(`Basic ${basic}`);
    expect(await of({})).toBeUndefined();
  });

  test("come from a plugin once, and once more after they were refused", async () => {
    const plugin = join(directory, "plugin.sh");
    const counter = join(directory, "counter");
    await writeFile(
      plugin,
      `#!/bin/sh\necho x >> '${counter}'\nprintf '{"status":{"token":"t%s"}}' "$(grep -c x '${counter}')"\n`,
    );
    await chmod(plugin, 0o755);
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: plugin,
    };
    const source = new CredentialSource(
      () => load(config(https, { exec })),
      still,
    );
    const first = await source.current();
    expect(first.headers["Authorization"]).toBe("Bearer t1");
    expect(await source.current()).toBe(first);
    const [renewed, other] = await Promise.all([
      source.renew(first),
      source.renew(first),
    ]);
    expect(renewed.headers["Authorization"]).toBe("Bearer t2");
    expect(other).toBe(renewed);
  });

  test("are asked for again after a plugin failed", async () => {
    let attempts = 0;
    const exec = { apiVersion: "v1", command: join(directory, "absent") };
    const source = new CredentialSource(() => {
      attempts += 1;
      return load(config(https, attempts === 1 ? { exec } : { token: "t" }));
    }, still);
    await expect(source.current()).rejects.toThrow("ENOENT");
    await expect(source.current()).rejects.toThrow("ENOENT");
  });

  test("are read again after a minute", async () => {
    const tokenFile = join(directory, "cert.pem");
    await writeFile(tokenFile, "one");
    let now = 0;
    const clock = { ...still, monotonicMs: () => now };
    const user = { "client-certificate": tokenFile };
    const source = new CredentialSource(() => load(config(https, user)), clock);
    const certificate = async () => String((await source.current()).tls.cert);
    expect(await certificate()).toBe("one");
    await writeFile(tokenFile, "two");
    expect(await certificate()).toBe("one");
    now = 60_000;
    expect(await certificate()).toBe("two");
  });
});
