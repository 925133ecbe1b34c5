import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JsonObject, parseJson } from "@wheelhouse/kube-object";
import { comparable, identityOf, readGoldens } from "./golden.ts";

const repository = resolve(import.meta.dirname, "../..");
const corpus = resolve(repository, "../shared/corpus");
const compat = join(repository, "apps/hub/dist/compat.js");

interface Root {
  readonly repo: string;
  readonly cluster: string;
  readonly root: string;
  readonly sources?: Readonly<Record<string, string>>;
}

/** Roots that are much like another one of the same repository, and cost the most: tried when everything is asked for. */
const alike = new Set([
  "equinor+radix-flux c3",
  "equinor+radix-flux c2-production",
  "equinor+radix-flux playground",
  "equinor+radix-flux monitoring",
  "joryirving+home-ops main",
]);

const isThere = existsSync(join(corpus, "roots.json"));
const isAll = process.env["WHEELHOUSE_COMPAT"] === "all";
const roots = isThere
  ? (
      JSON.parse(
        readFileSync(join(corpus, "roots.json"), "utf8"),
      ) as readonly Root[]
    ).filter(({ repo, cluster }) => isAll || !alike.has(`${repo} ${cluster}`))
  : [];
const byRepository = group(roots);

function group(list: readonly Root[]): ReadonlyMap<string, readonly Root[]> {
  const groups = new Map<string, Root[]>();
  for (const root of list) {
    groups.set(root.repo, [...(groups.get(root.repo) ?? []), root]);
  }
  return groups;
}

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "compat-spec-"));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

const run = (program: string, args: readonly string[]): Promise<number> =>
  new Promise((done) => {
    spawn(program, args, { stdio: "ignore" }).on("close", (code) =>
      done(code ?? 1),
    );
  });

/** Unpacks an archive of the corpus once, and gives its top directory. */
const unpack = async (repo: string): Promise<string> => {
  const directory = join(scratch, repo);
  if (!existsSync(directory)) {
    mkdirSync(directory);
    const archive = join(corpus, `${repo}.tar.gz`);
    expect(await run("tar", ["-xzf", archive, "-C", directory])).toBe(0);
  }
  const [only, second] = await readdir(directory);
  return only !== undefined && second === undefined
    ? join(directory, only)
    : directory;
};

const resolveRepository = async (
  repo: string,
  wanted: readonly Root[],
): Promise<readonly JsonObject[]> => {
  const output = join(scratch, `${repo}.jsonl`);
  const args = [await unpack(repo), "--objects", output];
  for (const { root } of wanted) args.push("--root", root);
  for (const [match, source] of Object.entries(wanted[0]?.sources ?? {})) {
    args.push("--source", `${match}=${await unpack(source)}`);
  }
  expect(await run(process.execPath, [compat, ...args])).toBe(0);
  const text = await readFile(output, "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => parseJson(line) as JsonObject);
};

/** Both sides' objects that the other has not: equal lists are empty ones. */
const differences = (
  wanted: readonly string[],
  found: readonly string[],
): {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
} => {
  const left = new Map<string, number>();
  for (const text of found) left.set(text, (left.get(text) ?? 0) + 1);
  const missing = wanted.filter((text) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
  const extra = [...left].flatMap(([text, count]) => (count > 0 ? [text] : []));
  return { missing, extra };
};

describe("a real repository resolves to what Flux makes of it", () => {
  it.skipIf(!isThere)("and there is one (needs the shared corpus)", () => {
    expect(byRepository.size).toBeGreaterThan(0);
  });

  it.each([...byRepository])("%s (needs the shared corpus)", async (repo) => {
    const wanted = byRepository.get(repo) ?? [];
    const lines = await resolveRepository(repo, wanted);
    const goldens = readGoldens(join(corpus, "golden", repo));
    for (const { root } of wanted) {
      const golden = goldens.find((one) => one.root === root);
      if (golden === undefined) throw new Error(`no golden of ${root}`);
      const found = lines
        .filter((line) => line["root"] === root)
        .map((line) => [String(line["bundle"]), line["object"]] as const)
        .filter(
          ([, object]) =>
            !golden.emulated.has(identityOf(object as JsonObject)),
        )
        .map(([bundle, object]) =>
          comparable(bundle, object as JsonObject, golden.rootNames),
        );
      expect(found.length).toBeGreaterThan(0);
      expect({ root, ...differences(golden.objects, found) }).toEqual({
        root,
        missing: [],
        extra: [],
      });
    }
  });
});
