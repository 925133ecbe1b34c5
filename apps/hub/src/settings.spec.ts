import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseSettings } from "./settings.ts";

const folder = mkdtempSync(path.join(tmpdir(), "settings-"));
const at = (name: string) => path.join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const needed = ["--data", "d", "--repo", "r"];
const problemsOf = (args: readonly string[], env = {}) => {
  const parsed = parseSettings(args, env);
  return parsed.ok ? [] : parsed.problems;
};

describe("settings", () => {
  it("have defaults for all but data and repo", () => {
    expect(parseSettings(needed, {})).toMatchObject({
      ok: true,
      settings: {
        branch: "main",
        pollMs: 15_000,
        loginLinkMs: 900_000,
        listen: { host: "127.0.0.1", port: 7700 },
        linkListen: { host: "127.0.0.1", port: 7701 },
      },
    });
    expect(problemsOf([])).toEqual(["--data is missing", "--repo is missing"]);
  });

  it("come from flags first, then from the environment", () => {
    const env = { WHEELHOUSE_BRANCH: "env", WHEELHOUSE_POLL: "2m" };
    expect(parseSettings([...needed, "--branch", "flag"], env)).toMatchObject({
      settings: { branch: "flag", pollMs: 120_000 },
    });
  });

  it("let a login link live for a day on this machine alone", () => {
    const args = [...needed, "--login-link-for", "24h"];
    expect(parseSettings(args, {})).toMatchObject({
      settings: { loginLinkMs: 86_400_000 },
    });
  });

  it.each([
    [["--poll", "fast"], '--poll "fast": a whole number'],
    [["--poll", "1ms"], '--poll "1ms": 500ms to 24h'],
    [["--poll", "597h"], '--poll "597h": 500ms to 24h'],
    [["--listen", "7700"], '--listen "7700": HOST:PORT'],
    [["--listen", "127.0.0.1:99999"], "a port up to 65535"],
    [["--log-level", "loud"], '--log-level "loud"'],
    [["--login-link-for", "25h"], '--login-link-for "25h": 1s to 24h'],
    [
      [
        ...["--login-link-for", "16m", "--listen", "0.0.0.0:7700"],
        ...["--tls-cert", "c", "--tls-key", "k"],
      ],
      "--login-link-for: at most 15m where --listen is beyond this machine",
    ],
    [["--no-such", "x"], "--no-such"],
    [
      ["--listen", "0.0.0.0:7700"],
      '--listen "0.0.0.0:7700": an address beyond this machine needs --tls-cert',
    ],
    [["--listen", "127.0.0.1.example.com:80"], "beyond this machine"],
  ])("%j is refused with key, value and what is allowed", (args, words) => {
    expect(problemsOf([...needed, ...args]).join()).toContain(words);
  });

  it("takes another address with a certificate and its key, both of them there", () => {
    const listen = [...needed, "--listen", "0.0.0.0:7700"];
    const [cert, key] = [at("c.pem"), at("k.pem")];
    writeFileSync(cert, "");
    expect(problemsOf([...listen, "--tls-cert", cert]).join()).toContain(
      "give both, or none",
    );
    const both = [...listen, "--tls-cert", cert, "--tls-key", key];
    expect(problemsOf(both)).toEqual([
      `--tls-key "${key}": there is no such file`,
    ]);
    writeFileSync(key, "");
    expect(problemsOf(both)).toEqual([]);
  });

  it("take the repo's token from a file or the environment, and warn of one among the arguments", () => {
    const file = at("token");
    const fromFile = [...needed, "--repo-token-file", file];
    expect(problemsOf(fromFile).join()).toContain("there is no such file");
    writeFileSync(file, "\n");
    expect(problemsOf(fromFile).join()).toContain("is empty");
    writeFileSync(file, "t0\n");
    const env = { WHEELHOUSE_REPO_TOKEN: "t1" };
    expect(parseSettings(fromFile, {})).toMatchObject({
      settings: { repoToken: "t0" },
      warnings: [],
    });
    expect(parseSettings(needed, env)).toMatchObject({
      settings: { repoToken: "t1" },
      warnings: [],
    });
    expect(parseSettings(fromFile, env)).toMatchObject({ ok: false });
    expect(parseSettings([...needed, "--repo-token", "t2"], {})).toMatchObject({
      settings: { repoToken: "t2" },
      warnings: [expect.stringContaining("--repo-token-file")],
    });
  });

  it("never shows a secret", () => {
    const problems = problemsOf([...needed, "--repo-token", "", "--poll", "x"]);
    expect(problems.join()).toContain("--repo-token (not shown)");
  });
});
