import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "@wheelhouse/assignment";
import { type RenderRequest } from "@wheelhouse/compile";
import { ensureTools } from "@wheelhouse/tools";
import { KustomizeProcess } from "./kustomize-process.ts";
import { CachedRender } from "./render-cache.ts";

const request = (
  files: Readonly<Record<string, string>>,
  directory = "web",
): RenderRequest => ({
  key: digestOf(JSON.stringify(files) + directory),
  program: "kustomize",
  directory,
  files: Object.entries(files).map(([path, text]) => ({
    path,
    bytes: Buffer.from(text),
  })),
});

const configMap =
  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {mode: '0755', on: 'yes'}\n";

let scratch: string;
let kustomize: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "render-spec-"));
  ({ kustomize } = await ensureTools(["kustomize"], { env: process.env }));
}, 120_000);

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** A program of our own in the place of kustomize, to see what it is given and to misbehave. */
const impostor = async (name: string, body: string): Promise<string> => {
  const path = join(scratch, name);
  await writeFile(path, `#!${process.execPath}\n${body}\n`);
  await chmod(path, 0o755);
  return path;
};

describe("KustomizeProcess", () => {
  it("builds a directory, also with files outside it", async () => {
    const port = new KustomizeProcess({ program: kustomize });
    const result = await port.render(
      request({
        "web/kustomization.yaml":
          "resources: [../base/cm.yaml]\nnamespace: web\n",
        "base/cm.yaml": configMap,
      }),
    );
    expect(result).toEqual({
      ok: true,
      output:
        'apiVersion: v1\ndata:\n  mode: "0755"\n  "on": "yes"\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: web\n',
    });
  });

  it("fails in kustomize's own words, with the repository's paths", async () => {
    const port = new KustomizeProcess({
      program: kustomize,
      temporaryDirectory: scratch,
    });
    const result = await port.render(
      request({ "web/kustomization.yaml": "resources: [gone.yaml]\n" }),
    );
    const message = result.ok ? "" : result.message;
    expect(message).toContain("gone.yaml");
    expect(message).toContain("web");
    expect(message).not.toContain(scratch);
    expect(message).not.toContain("wheelhouse-");
  });

  it("leaves nothing behind", async () => {
    const parent = await mkdtemp(join(scratch, "left-"));
    const port = new KustomizeProcess({
      program: kustomize,
      temporaryDirectory: parent,
    });
    await port.render(request({ "web/kustomization.yaml": "bad: [\n" }));
    expect(await readdir(parent)).toEqual([]);
  });

  it("gives the program no environment but a home of its own", async () => {
    process.env["WHEELHOUSE_SPEC_SECRET"] = "canary";
    const program = await impostor(
      "env.mjs",
      "process.stdout.write(JSON.stringify(process.env))",
    );
    const port = new KustomizeProcess({ program });
    const result = await port.render(request({ "web/x": "" }));
    delete process.env["WHEELHOUSE_SPEC_SECRET"];
    const env = JSON.parse(result.ok ? result.output : "{}") as object;
    expect(Object.keys(env).sort()).toEqual(["GOMEMLIMIT", "HOME", "TMPDIR"]);
  });

  it.each([
    ["time", "setInterval(() => {}, 1000)", { timeoutMs: 300 }, "took longer"],
    [
      "output",
      "for (;;) process.stdout.write('x'.repeat(65536))",
      { maxOutputBytes: 100_000 },
      "wrote more than 100000 bytes",
    ],
    [
      "memory",
      "const all = []; setInterval(() => all.push(Buffer.alloc(64 * 1024 * 1024, 1)), 20)",
      { maxMemoryBytes: 200 * 1024 * 1024 },
      "bytes of memory",
    ],
  ])("kills what passes its limit of %s", async (name, body, limits, why) => {
    const program = await impostor(`${name}.mjs`, body);
    const port = new KustomizeProcess({ program, limits });
    const result = await port.render(request({ "web/x": "" }));
    expect(result).toMatchObject({
      ok: false,
      message: expect.stringContaining(why) as string,
    });
  });

  it("kills what the program started, too", async () => {
    const marker = join(scratch, "child-pid");
    const program = await impostor(
      "parent.mjs",
      `import { spawn } from "node:child_process"; import { writeFileSync } from "node:fs";
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
writeFileSync(${JSON.stringify(marker)}, String(child.pid)); setInterval(() => {}, 1000);`,
    );
    const port = new KustomizeProcess({
      program,
      limits: { timeoutMs: 1_500 },
    });
    await port.render(request({ "web/x": "" }));
    const { readFile } = await import("node:fs/promises");
    const pid = Number(await readFile(marker, "utf8"));
    await expect
      .poll(() => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "gone"))
      .toMatch(/^gone$|\) Z /);
  });

  it("ends with its signal", async () => {
    const program = await impostor(
      "endless.mjs",
      "setInterval(() => {}, 1000)",
    );
    const port = new KustomizeProcess({ program });
    const abort = new AbortController();
    const running = port.render(request({ "web/x": "" }), {
      signal: abort.signal,
    });
    abort.abort();
    expect(await running).toMatchObject({ ok: false });
  });

  it("throws for a program that is not there", async () => {
    const port = new KustomizeProcess({ program: join(scratch, "absent") });
    await expect(port.render(request({ "web/x": "" }))).rejects.toThrow(
      "absent",
    );
  });

  it.each(["../x", "/etc/x", "a/../../x", "a//b"])(
    "throws for a layout that has %s",
    async (path) => {
      const port = new KustomizeProcess({ program: kustomize });
      await expect(port.render(request({ [path]: "" }))).rejects.toThrow(
        "leaves its layout",
      );
    },
  );
});

describe("CachedRender", () => {
  const counting = () => {
    const calls: string[] = [];
    return {
      calls,
      port: {
        render: async ({ directory }: RenderRequest) => {
          calls.push(directory);
          await Promise.resolve();
          return directory === "bad"
            ? ({ ok: false, message: "no" } as const)
            : ({ ok: true, output: "x".repeat(10) } as const);
        },
      },
    };
  };

  it("renders equal inputs once, also at the same time", async () => {
    const { port, calls } = counting();
    const cached = new CachedRender(port);
    await Promise.all([
      cached.render(request({}, "a")),
      cached.render(request({}, "a")),
    ]);
    await cached.render(request({}, "a"));
    expect(calls).toEqual(["a"]);
  });

  it("lets the least recently used go first", async () => {
    const { port, calls } = counting();
    const cached = new CachedRender(port, { maxLength: 20 });
    for (const directory of ["a", "b", "a", "c", "a", "b"]) {
      await cached.render(request({}, directory));
    }
    expect(calls).toEqual(["a", "b", "c", "b"]);
  });

  it("asks again for what failed", async () => {
    const { port, calls } = counting();
    const cached = new CachedRender(port);
    await cached.render(request({}, "bad"));
    await cached.render(request({}, "bad"));
    expect(calls).toHaveLength(2);
  });

  it("takes from a durable cache, and fills it", async () => {
    const { port, calls } = counting();
    const stored = new Map();
    const cache = {
      get: (key: string) => Promise.resolve(stored.get(key)),
      put: (key: string, value: unknown) => {
        stored.set(key, value);
        return Promise.resolve();
      },
    };
    await new CachedRender(port, { cache }).render(request({}, "a"));
    await new CachedRender(port, { cache }).render(request({}, "a"));
    expect(calls).toEqual(["a"]);
  });
});
