import { type Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeAsCalled } from "@wheelhouse/programs";
import { type Terminal } from "../output.ts";
import { createProgram } from "../program.ts";
import {
  findSilentAddress,
  runCommand,
  runInEnvironment,
  startAnsweringHub,
} from "./command-under-test.ts";

/** Every command that asks a hub, with arguments that it can do its work with. */
const asking: Readonly<Record<string, readonly string[]>> = {
  status: [],
  "rollout status": [],
  "rollout approve": ["--wave", "production"],
  "rollout pause": [],
  "rollout resume": [],
  "rollout abort": [],
  "rollout undo": [],
  drift: [],
  "cluster list": [],
  "cluster add": ["edge-1"],
  "cluster repoint": ["edge-1", "--yes"],
  "cluster remove": ["edge-1", "--yes"],
  "prune list": [],
  "prune approve": ["--all", "--yes"],
  reconcile: [],
  suspend: ["prod-eu-1"],
  resume: ["prod-eu-1"],
  "token list": [],
  "token create": ["ci", "--role", "viewer"],
  "token delete": ["ci"],
};

/** Those that do their work here; what they are told is looked at all the same. */
const local: Readonly<Record<string, readonly string[]>> = {
  login: ["http://127.0.0.1:7700"],
  logout: [],
  "context list": [],
  "context use": ["main"],
  "sim-cluster": ["--kubeconfig", "none"],
  demo: [],
};

/** Programs of their own: their flags are theirs, and test/e2e/cli runs them. */
const programs = ["hub", "init", "validate", "spoke"];

function leavesOf(command: Command, path: readonly string[]): string[] {
  if (command.commands.length === 0) return [path.join(" ")];
  return command.commands.flatMap((child) =>
    leavesOf(child, [...path, child.name()]),
  );
}

const wordsOf = (path: string) => path.split(" ");

describe("every command", () => {
  let silent: string;
  let strict: Awaited<ReturnType<typeof startAnsweringHub>>;

  beforeAll(async () => {
    silent = await findSilentAddress();
    strict = await startAnsweringHub({
      "*": () => [
        401,
        {
          detail: "the hub does not take this token",
          advice: "Log in: wheelhouse login SERVER --token-file FILE",
        },
      ],
    });
  });
  afterAll(() => strict.stop());

  it("is one of those below", () => {
    const program = createProgram({ calledAs: "wheelhouse" } as Terminal);
    expect(leavesOf(program, []).sort()).toEqual(
      [...Object.keys(asking), ...Object.keys(local), ...programs].sort(),
    );
  });

  it("is known where a suggestion is written as the reader calls it", () => {
    const program = createProgram({ calledAs: "wheelhouse" } as Terminal);
    const suggestions = program.commands.map(
      (one) => `wheelhouse ${one.name()}`,
    );
    expect(
      suggestions.map((text) => writeAsCalled(text, "npx wheelhouse")),
    ).toEqual(suggestions.map((text) => `npx ${text}`));
  });

  it.each([...Object.keys(asking), ...Object.keys(local)])(
    "%s explains itself, and what it is told wrongly",
    async (path) => {
      const help = await runInEnvironment({}, [...wordsOf(path), "--help"]);
      expect([help.code, help.err]).toEqual([0, ""]);
      expect(help.out).toMatch(new RegExp(`^Usage: wheelhouse ${path} `));
      const rest = { ...asking, ...local }[path] ?? [];
      const misled = [...wordsOf(path), ...rest, "--bogus"];
      const wrong = await runInEnvironment({}, misled);
      expect([wrong.code, wrong.out]).toEqual([2, ""]);
      expect(wrong.err).toMatch(/^\nx unknown option '--bogus'\n/);
      expect(wrong.err).toContain(`usage: wheelhouse ${path} `);
      expect(wrong.err).toContain(`more: wheelhouse ${path} --help`);
    },
  );

  it.each(Object.entries(asking))(
    "%s says that the hub does not answer, and what to look at",
    async (path, rest) => {
      const args = [...wordsOf(path), ...rest];
      const { code, out, err } = await runCommand({ url: silent }, args);
      expect([code, out]).toEqual([3, ""]);
      expect(err).toContain(`hub at ${silent} cannot be reached: `);
      expect(err).toContain("Is it running (wheelhouse hub)");
    },
  );

  it.each(Object.entries(asking))(
    "%s says how to log in again where the token has ended",
    async (path, rest) => {
      const args = [...wordsOf(path), ...rest];
      const { code, out, err } = await runCommand(strict, args);
      expect([code, out]).toEqual([3, ""]);
      expect(err).toContain("the hub does not take this token");
      expect(err).toContain(`wheelhouse login ${strict.url} --token-file FILE`);
    },
  );

  it.each(Object.entries(asking))(
    "%s says how to log in where nobody has",
    async (path, rest) => {
      const env = { WHEELHOUSE_CONFIG: "/nowhere/config" };
      const args = [...wordsOf(path), ...rest];
      const { code, out, err } = await runInEnvironment(env, args);
      expect([code, out]).toEqual([3, ""]);
      expect(err).toContain("not logged in to a hub");
      expect(err).toContain("wheelhouse login http://HOST:PORT");
    },
  );

  it.each([
    [["suspend"], "missing required argument 'cluster'"],
    [["token", "create", "ci"], "--role <role>' not specified"],
    [["token", "create", "ci", "--role", "root"], "viewer, operator, admin"],
    [
      ["token", "create", "ci", "--role", "viewer", "--expires", "91"],
      "from 1 to 90",
    ],
    [["bogus", "--help"], "x unknown command 'bogus'"],
    [["rollout", "bogus", "-h"], "x unknown command 'bogus'"],
    [["sim-cluster"], "--kubeconfig <file>' not specified"],
    [
      ["sim-cluster", "--kubeconfig", "k", "--ready-after", "soon"],
      "500ms, 10s or 2m",
    ],
    [["status", "-o", "xml"], "table, wide, json, yaml, name"],
    [["status", "a", "b"], "too many arguments"],
    [["cluster"], "Usage: wheelhouse cluster"],
    [["stauts"], "Did you mean status?"],
    [[], "Usage: wheelhouse "],
  ])("is not run with %j", async (args, words) => {
    const { code, out, err } = await runInEnvironment({}, args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(words);
  });

  it("is listed in a line that fits, and its help has no code in it", async () => {
    const help = await runInEnvironment({}, ["--help"]);
    for (const line of help.out.split("\n").slice(4)) {
      expect(line.length).toBeLessThan(100);
    }
    for (const path of [...Object.keys(asking), ...Object.keys(local)]) {
      const { out } = await runInEnvironment({}, [...wordsOf(path), "--help"]);
      expect(out).not.toContain("{}");
    }
    for (const [path, flag] of [
      ["token create", "--role <role>"],
      ["sim-cluster", "--kubeconfig <file>"],
    ] as const) {
      const args = [...wordsOf(path), "--help"];
      const { out } = await runInEnvironment({}, args);
      expect(out.slice(out.indexOf(flag))).toMatch(/^[^-]*--[^-]*\(required\)/);
    }
  });

  it("is named in the form that works where it is called", async () => {
    const env = {
      WHEELHOUSE_CONFIG: "/nowhere/config",
      WHEELHOUSE_CALLED_AS: "npx wheelhouse",
    };
    const { err } = await runInEnvironment(env, ["status"]);
    expect(err).toContain("log in once: npx wheelhouse login http://");
  });
});
