import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseTarget } from "./commands/operate-commands.ts";
import { chooseHub, readContexts, writeContext } from "./hub-context.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wheelhouse-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);

describe("contexts", () => {
  it("are written 0600, replaced by name, and the newest is current", () => {
    const path = at("deep/config");
    writeContext(path, { name: "a", server: "http://a", token: "1" });
    writeContext(path, { name: "b", server: "http://b", token: "2" });
    writeContext(path, { name: "a", server: "http://a", token: "3" });
    expect(readContexts(path)).toEqual({
      current: "a",
      contexts: [
        { name: "b", server: "http://b", token: "2" },
        { name: "a", server: "http://a", token: "3" },
      ],
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("choose the current one, one by name, or a server with a token from the environment", () => {
    const path = at("config");
    writeContext(path, { name: "b", server: "http://b", token: "2" });
    writeContext(path, { name: "a", server: "http://a", token: "1" });
    const env = { WHEELHOUSE_CONFIG: path };
    expect(chooseHub({}, env).server).toBe("http://a");
    expect(chooseHub({ context: "b" }, env).token).toBe("2");
    expect(chooseHub({ server: "http://b" }, env).token).toBe("2");
    expect(
      chooseHub({ server: "http://c" }, { ...env, WHEELHOUSE_TOKEN: "3" })
        .token,
    ).toBe("3");
  });

  it("give way to a token in the environment", () => {
    const path = at("config");
    writeContext(path, { name: "a", server: "http://a", token: "admin" });
    const env = { WHEELHOUSE_CONFIG: path, WHEELHOUSE_TOKEN: "viewer" };
    expect(chooseHub({}, env)).toEqual({
      name: "a",
      server: "http://a",
      token: "viewer",
    });
  });

  it("say how to log in where there is none", () => {
    const env = { WHEELHOUSE_CONFIG: at("none") };
    expect(() => chooseHub({}, env)).toThrow("not logged in");
    expect(() => chooseHub({ context: "x" }, env)).toThrow("no context x");
    expect(() => chooseHub({ server: "http://c" }, env)).toThrow("no token");
  });
});

describe("a target", () => {
  it.each([
    ["prod-eu-1", { cluster: "prod-eu-1" }],
    ["prod-eu-1/webapp", { cluster: "prod-eu-1", bundle: "webapp" }],
    [
      "prod-eu-1/HelmRelease/web/app",
      { cluster: "prod-eu-1", bundle: "HelmRelease/web/app" },
    ],
  ])("%s", (text, target) => {
    expect(parseTarget(text)).toEqual(target);
  });

  it("with an empty half is refused", () => {
    expect(() => parseTarget("prod-eu-1/")).toThrow("is no target");
  });
});
