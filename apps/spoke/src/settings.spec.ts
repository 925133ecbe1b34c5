import { describe, expect, it } from "vitest";
import { parseSettings, usage } from "./settings.ts";

describe("settings", () => {
  it("run by default, with what kubectl would take", () => {
    expect(parseSettings([], {})).toEqual({
      ok: true,
      settings: {
        command: "run",
        kubeconfig: { kind: "default" },
        join: undefined,
        replaceIdentity: undefined,
        hubAddress: undefined,
        confirmPruneAfterMs: 60_000,
        failpoint: undefined,
      },
    });
  });

  it("read a kubeconfig, a context, and where the join is", () => {
    const args = ["run", "--kubeconfig", "k", "--context", "c"];
    args.push("--replace-identity", "staging-1");
    const env = { WHEELHOUSE_JOIN_FILE: "join.json", WHEELHOUSE_HUB: "h:1" };
    expect(parseSettings(args, env)).toMatchObject({
      settings: {
        kubeconfig: { kind: "file", path: "k", context: "c" },
        join: { kind: "file", path: "join.json" },
        replaceIdentity: "staging-1",
        hubAddress: "h:1",
      },
    });
  });

  it.each([
    [["--token", "secret"], {}],
    [["status", "-o", "xml"], {}],
    [[], { WHEELHOUSE_FAILPOINT: "nowhere" }],
    [[], { WHEELHOUSE_CONFIRM_PRUNE_AFTER_MS: "soon" }],
  ] as const)("refuse %j %j", (args, env) => {
    expect(parseSettings(args, env).ok).toBe(false);
  });

  it.each([
    "--kubeconfig",
    "--context",
    "--join-file",
    "--replace-identity",
    "--hub",
    "--output",
    "example:",
  ])("explain %s in the help", (words) => {
    expect(usage).toMatch(new RegExp(`^ *(-o, )?${words}`, "m"));
  });

  it.each(["table", "json", "yaml"])("prints a status as %s", (output) => {
    expect(parseSettings(["status", "-o", output], {})).toMatchObject({
      settings: { command: "status", output },
    });
  });
});
