import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "@wheelhouse/assignment";
import {
  type HelmReleaseInput,
  type HelmRequest,
  type RenderResult,
} from "@wheelhouse/compile";
import { ensureTools } from "@wheelhouse/tools";
import { HelmProcess } from "./helm-process.ts";
import { ProgramRenderer } from "./program-renderer.ts";

const chartYaml = "apiVersion: v2\nname: web\nversion: 1.2.3\n";

const request = (
  files: Readonly<Record<string, string>>,
  release: Partial<HelmReleaseInput> = {},
): HelmRequest => ({
  key: digestOf(JSON.stringify([files, release])),
  program: "helm",
  directory: "chart",
  files: Object.entries({
    "values.json": "{}",
    "chart/Chart.yaml": chartYaml,
    ...files,
  }).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
  release: {
    name: "site",
    namespace: "apps",
    valuesFile: "values.json",
    includeCrds: true,
    skipSchemaValidation: false,
    kubeVersion: "v1.31.0",
    apiVersions: [],
    ...release,
  },
});

let scratch: string;
let helm: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "helm-spec-"));
  ({ helm } = await ensureTools(["helm"], { env: process.env }));
}, 600_000);

afterAll(() => rm(scratch, { recursive: true, force: true }));

const render = (
  files: Readonly<Record<string, string>>,
  release: Partial<HelmReleaseInput> = {},
): Promise<RenderResult> =>
  new HelmProcess({ program: helm, temporaryDirectory: scratch }).render(
    request(files, release),
  );

/** One template of one ConfigMap with this value. */
const valueOf = async (
  expression: string,
  files: Readonly<Record<string, string>> = {},
  release: Partial<HelmReleaseInput> = {},
): Promise<string> => {
  const result = await render(
    {
      "chart/templates/cm.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {v: {{ ${expression} | toJson | quote }}}\n`,
      ...files,
    },
    release,
  );
  const text = result.ok ? result.output : `failed: ${result.message}`;
  return /v: "(.*)"}/.exec(text)?.[1]?.replaceAll('\\"', '"') ?? text;
};

const outside = async (name: string, body: string): Promise<string> => {
  const path = join(scratch, name);
  await writeFile(path, `#!${process.execPath}\n${body}\n`);
  await chmod(path, 0o755);
  return path;
};

describe("a chart", () => {
  it("is rendered with its release's name, namespace, values and capabilities", async () => {
    const all = await valueOf(
      '(list .Release.Name .Release.Namespace .Values.a .Values.b .Capabilities.KubeVersion.Version (.Capabilities.APIVersions.Has "example.com/v1/Thing") (.Capabilities.APIVersions.Has "apps/v1"))',
      {
        "values.json": '{"b":2}',
        "chart/values.yaml": "a: 1\nb: 1\n",
      },
      { apiVersions: ["example.com/v1/Thing"] },
    );
    expect(JSON.parse(all)).toEqual([
      "site",
      "apps",
      1,
      2,
      "v1.31.0",
      true,
      true,
    ]);
  });

  it.each([
    [true, ["CustomResourceDefinition", "ConfigMap"]],
    [false, ["ConfigMap"]],
  ])(
    "has its definitions in it where asked: %s",
    async (includeCrds, kinds) => {
      const result = await render(
        {
          "chart/crds/thing.yaml":
            "kind: CustomResourceDefinition\nmetadata: {name: things.example.com}\n",
          "chart/templates/cm.yaml": "kind: ConfigMap\nmetadata: {name: x}\n",
        },
        { includeCrds },
      );
      const text = result.ok ? result.output : result.message;
      expect(
        [...text.matchAll(/^kind: (.*)$/gm)].map(([, kind]) => kind),
      ).toEqual(kinds);
    },
  );

  it("fails in Helm's own words, with the request's paths", async () => {
    const result = await render({
      "chart/templates/x.yaml": '{{ required "name it" .Values.name }}',
    });
    const message = result.ok ? "" : result.message;
    expect(message).toContain("web/templates/x.yaml");
    expect(message).toContain("name it");
    expect(message).not.toContain(scratch);
  });

  it("is held to its schema, unless told otherwise", async () => {
    const files = {
      "values.json": '{"replicas":"two"}',
      "chart/values.schema.json":
        '{"type":"object","properties":{"replicas":{"type":"integer"}}}',
      "chart/templates/x.yaml": "kind: X\n",
    };
    expect((await render(files)).ok).toBe(false);
    const skipped = await render(files, { skipSchemaValidation: true });
    expect(skipped.ok).toBe(true);
  });

  it("leaves nothing behind", async () => {
    const parent = await mkdtemp(join(scratch, "left-"));
    const port = new HelmProcess({ program: helm, temporaryDirectory: parent });
    const result = await port.render(request({}));
    expect(result.ok).toBe(true);
    expect(await readdir(parent)).toEqual([]);
  });
});

describe("a hostile chart", () => {
  it.each([
    ["the cluster's objects", '(lookup "v1" "Secret" "" "")', "{}"],
    ["an address of a name", '(getHostByName "localhost")', '""'],
    ["a file outside it", '(.Files.Get "../values.json")', '""'],
    ["a file by its absolute path", '(.Files.Get "/etc/hostname")', '""'],
  ])("does not see %s", async (_what, expression, nothing) => {
    expect(await valueOf(expression)).toBe(nothing);
  });

  it.each(["env", "expandenv"])("has no function %s", async (name) => {
    expect(await valueOf(`(${name} "HOME")`)).toContain(
      `function "${name}" not defined`,
    );
  });

  it("cannot have a dependency fetched", async () => {
    const asked: string[] = [];
    const server = createServer((from, answer) => {
      asked.push(from.url ?? "");
      answer.end("{}");
    });
    await new Promise<void>((done) =>
      server.listen(0, "127.0.0.1", () => done()),
    );
    const { port } = server.address() as AddressInfo;
    const result = await render({
      "chart/Chart.yaml": `${chartYaml}dependencies:\n  - {name: lib, version: 1.0.0, repository: "http://127.0.0.1:${port}"}\n`,
    });
    server.close();
    expect(asked).toEqual([]);
    expect(result.ok ? "" : result.message).toContain(
      "missing in charts/ directory: lib",
    );
  });

  it.each([
    ["randAlphaNum 8", "chance"],
    ["now", "the time"],
  ])("may not have its output decided by %s", async (expression) => {
    const text = await valueOf(`(${expression})`);
    expect(text).toContain("renders differently each time");
    expect(text).toContain("web/templates/cm.yaml");
  });

  it("is killed when it writes without end", async () => {
    const port = new HelmProcess({
      program: helm,
      limits: { maxOutputBytes: 100_000 },
    });
    const result = await port.render(
      request({
        "chart/templates/x.yaml":
          'kind: X\ndata: {{ repeat 1000000 "x" | quote }}\n',
      }),
    );
    expect(result).toMatchObject({
      message: "helm wrote more than 100000 bytes",
    });
  });

  it("is killed when it takes too much memory or time", async () => {
    const port = new HelmProcess({
      program: helm,
      limits: { timeoutMs: 3_000, maxMemoryBytes: 300 * 1024 * 1024 },
    });
    const result = await port.render(
      request({
        "chart/templates/x.yaml":
          "{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}",
      }),
    );
    expect(result.ok ? "" : result.message).toMatch(
      /^helm (took longer|needed more)/,
    );
  });

  it("is run with no environment but homes of its own", async () => {
    const program = await outside(
      "env.mjs",
      "process.stdout.write(JSON.stringify(process.env))",
    );
    process.env["HELM_SPEC_CANARY"] = "canary";
    const result = await new HelmProcess({ program }).render(request({}));
    delete process.env["HELM_SPEC_CANARY"];
    // Each run has homes of its own, so that two runs differ: what is compared is in the message's stead.
    expect(result).toMatchObject({
      message: expect.stringContaining("differently") as string,
    });
    const once = await outside(
      "keys.mjs",
      "process.stdout.write(JSON.stringify(Object.keys(process.env).sort()))",
    );
    const keys = await new HelmProcess({ program: once }).render(request({}));
    expect(JSON.parse(keys.ok ? keys.output : "[]")).toEqual([
      "GOMEMLIMIT",
      "HELM_CACHE_HOME",
      "HELM_CONFIG_HOME",
      "HELM_DATA_HOME",
      "HELM_NO_PLUGINS",
      "HOME",
      "TMPDIR",
    ]);
  });
});

describe("a helm that has to be brought", () => {
  it("is brought for the first chart, and once", async () => {
    let brought = 0;
    const renderer = new ProgramRenderer({
      kustomize: "/nowhere",
      helm: () => {
        brought += 1;
        return Promise.resolve(helm);
      },
    });
    expect(brought).toBe(0);
    const results = await Promise.all([
      renderer.render(request({})),
      renderer.render(request({})),
    ]);
    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
    expect(brought).toBe(1);
  });

  it("and cannot be had fails that chart, and is asked for again", async () => {
    let isThere = false;
    const renderer = new ProgramRenderer({
      kustomize: "/nowhere",
      helm: () =>
        isThere ? Promise.resolve(helm) : Promise.reject(new Error("no Go")),
    });
    expect(await renderer.render(request({}))).toEqual({
      ok: false,
      message: "helm cannot be had: no Go",
    });
    isThere = true;
    expect(await renderer.render(request({}))).toMatchObject({ ok: true });
  });
});
