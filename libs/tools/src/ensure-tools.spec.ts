import { createHash } from "node:crypto";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureTools } from "./ensure-tools.ts";
import { type ToolName } from "./pinned-tools.ts";
import { ToolMissingError } from "./tool-missing-error.ts";
import { type ToolProgress } from "./tool-progress.ts";

const nowhere = {
  kubernetes: "http://127.0.0.1:1",
  github: "http://127.0.0.1:1",
  helm: "http://127.0.0.1:1",
};

let folder = "";
let bin = "";
let cache = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wheelhouse-tools-"));
  bin = join(folder, "bin");
  cache = join(folder, "cache");
  await mkdir(bin);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const script = (lines: readonly string[]) =>
  ["#!/bin/sh", ...lines, ""].join("\n");

const place = async (path: string, lines: readonly string[]) => {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, script(lines), { mode: 0o755 });
  return path;
};

const env = (more: Record<string, string> = {}) => ({
  PATH: bin,
  HOME: folder,
  WHEELHOUSE_CACHE: cache,
  ...more,
});

const calls = async () =>
  (await readFile(join(folder, "go-calls"), "utf8")).trimEnd().split("\n");

/** A `go` that writes down how it is called, and builds scripts that print a version. */
const placeGo = async (version: string) => {
  await writeFile(join(folder, "upstream.mod"), "module x\n\ngo 1.25.0\n");
  await place(join(bin, "go"), [
    `echo "$GOTOOLCHAIN $CGO_ENABLED $*" >> "${folder}/go-calls"`,
    `if [ "$1" = mod ]; then echo '{"GoMod": "${folder}/upstream.mod"}'; exit 0; fi`,
    'while [ "$1" != -o ]; do shift; done',
    'out="$2"; shift 2',
    'for package in "$@"; do',
    '  package="${package%/v[0-9]}"; file="$out${package##*/}"',
    `  printf '#!/bin/sh\\necho v${version}\\n' > "$file"; /bin/chmod 755 "$file"`,
    "done",
  ]);
};

const missing = async (
  names: readonly ToolName[],
  more: Record<string, string> = {},
) => {
  const error: unknown = await ensureTools(names, {
    env: env(more),
    origins: nowhere,
  }).catch((thrown: unknown) => thrown);
  if (!(error instanceof ToolMissingError)) throw error;
  return error;
};

describe("finding a tool that is here", () => {
  it("takes the explicit path at its word, before PATH", async () => {
    await place(join(bin, "kustomize"), ["echo v5.8.1"]);
    const mine = await place(join(folder, "mine"), ["exit 1"]);
    const { kustomize } = await ensureTools(["kustomize"], {
      env: env({ WHEELHOUSE_KUSTOMIZE: mine }),
    });
    expect(kustomize).toBe(mine);
  });

  it("names a wrong explicit path instead of looking further", async () => {
    await place(join(bin, "kube-apiserver"), ["echo Kubernetes v1.36.3"]);
    const error = await missing(["kube-apiserver"], {
      WHEELHOUSE_KUBE_APISERVER: "/gone",
    });
    expect(error.message).toContain(
      "WHEELHOUSE_KUBE_APISERVER=/gone is not a program",
    );
  });

  it("takes what KUBEBUILDER_ASSETS holds", async () => {
    const assets = join(folder, "assets");
    const etcd = await place(join(assets, "etcd"), []);
    const found = await ensureTools(["etcd"], {
      env: env({ KUBEBUILDER_ASSETS: assets }),
    });
    expect(found.etcd).toBe(etcd);
  });

  it("passes over versions on PATH that do not fit", async () => {
    const other = join(folder, "other");
    await place(join(bin, "etcd"), ["echo etcd Version: 3.4.23"]);
    const fitting = await place(join(other, "etcd"), [
      "echo etcd Version: 3.6.1",
    ]);
    const found = await ensureTools(["etcd"], {
      env: env({ PATH: `${bin}:.:${other}` }),
    });
    expect(found.etcd).toBe(fitting);
  });

  it("takes the cache after PATH", async () => {
    await place(join(bin, "kwok"), ["echo kwok version v0.7.0"]);
    const cached = await place(join(cache, "tools/kwok-0.8.0/kwok"), []);
    expect((await ensureTools(["kwok"], { env: env() })).kwok).toBe(cached);
  });
});

describe("building a tool", () => {
  it("builds what PATH and releases do not give, and leaves nothing else behind", async () => {
    await placeGo("3.6.8");
    const progress: ToolProgress[] = [];
    const { etcd } = await ensureTools(["etcd"], {
      env: env(),
      origins: nowhere,
      onProgress: (one) => progress.push(one),
    });
    expect(etcd).toBe(join(cache, "tools/etcd-3.6.8/etcd"));
    expect(await readFile(etcd, "utf8")).toContain("echo v3.6.8");
    expect((await readdir(join(cache, "tools"))).sort()).toEqual([
      "etcd-3.6.8",
      "logs",
    ]);
    const ends = progress.filter((one) => one.kind === "finished");
    expect(ends.map(({ step, outcome }) => [step, outcome])).toEqual([
      ["downloading etcd 3.6.8", "failed"],
      ["building etcd 3.6.8", "done"],
    ]);
  });

  it("builds all Kubernetes programs in one go, with the local toolchain", async () => {
    await placeGo("1.36.3");
    const names = ["kube-scheduler", "kube-apiserver"] as const;
    const found = await ensureTools(names, { env: env(), origins: nowhere });
    expect(Object.keys(found).sort()).toEqual([
      "kube-apiserver",
      "kube-scheduler",
    ]);
    const builds = (await calls()).filter((call) =>
      call.startsWith("local 0 build"),
    );
    expect(builds).toHaveLength(1);
    expect(builds[0]).toContain(
      "k8s.io/kubernetes/cmd/kube-scheduler k8s.io/kubernetes/cmd/kube-apiserver",
    );
  });

  it("builds once for runs at the same time", async () => {
    await placeGo("3.6.8");
    const runs = Array.from({ length: 4 }, () =>
      ensureTools(["etcd"], { env: env(), origins: nowhere }),
    );
    const paths = (await Promise.all(runs)).map(({ etcd }) => etcd);
    expect(new Set(paths).size).toBe(1);
    expect(
      (await calls()).filter((call) => call.includes(" build ")),
    ).toHaveLength(1);
  });

  it("refuses a program that is not the version it should be", async () => {
    await placeGo("3.5.0");
    expect((await missing(["etcd"])).message).toContain(
      "is 3.5.0, wanted is 3.6.x",
    );
    expect(await readdir(join(cache, "tools"))).toEqual(["logs"]);
  });

  it("shows how a failed build's log ends, and where it is", async () => {
    await placeGo("3.6.8");
    await place(join(bin, "go"), [
      `if [ "$1" = mod ]; then echo '{"GoMod": "${folder}/upstream.mod"}'; exit 0; fi`,
      "echo 'go: module requires go >= 1.99' >&2; exit 1",
    ]);
    const { message } = await missing(["etcd"]);
    expect(message).toContain("go: module requires go >= 1.99");
    const log = join(cache, "tools/logs/etcd-3.6.8.log");
    expect(message).toContain(log);
    expect(await readFile(log, "utf8")).toContain("go >= 1.99");
  });

  it("ends with the reason of a cancellation", async () => {
    await placeGo("3.6.8");
    await place(join(bin, "go"), ["exec /bin/sleep 60"]);
    const controller = new AbortController();
    const run = ensureTools(["etcd"], {
      env: env(),
      origins: nowhere,
      signal: controller.signal,
      onProgress: ({ kind, step }) => {
        if (kind === "started" && step.startsWith("building")) {
          controller.abort(new Error("changed my mind"));
        }
      },
    });
    await expect(run).rejects.toThrow("changed my mind");
  });
});

describe.skipIf(process.platform !== "linux")(
  "taking the official release",
  () => {
    it("downloads, checks and installs it", async () => {
      const program = script(["echo Kubernetes v1.36.3"]);
      const hash = createHash("sha256").update(program).digest("hex");
      const server = createServer((request, response) => {
        const isHash = request.url?.endsWith("/kube-scheduler.sha256") === true;
        response.end(isHash ? hash : program);
      });
      await new Promise<void>((resolve) =>
        server.listen(0, "127.0.0.1", resolve),
      );
      const { port } = server.address() as AddressInfo;
      const found = await ensureTools(["kube-scheduler"], {
        env: env(),
        origins: { kubernetes: `http://127.0.0.1:${port}` },
      });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      expect(found["kube-scheduler"]).toBe(
        join(cache, "tools/kube-scheduler-1.36.3/kube-scheduler"),
      );
      expect(await readFile(found["kube-scheduler"], "utf8")).toBe(program);
    });
  },
);

describe("a tool that no way leads to", () => {
  it("is named with every way that was tried and every way that would help", async () => {
    await place(join(bin, "kubectl"), ['echo \'{"gitVersion": "v1.32.4"}\'']);
    const { message, tools } = await missing(["etcd", "kubectl"]);
    expect(tools.map((tool) => tool.name)).toEqual(["etcd", "kubectl"]);
    for (const part of [
      "etcd 3.6.8 is missing",
      "kubectl 1.36.3 is missing",
      "is 1.32.4, wanted is 1.36.x",
      "WHEELHOUSE_ETCD is not set",
      "no etcd on PATH",
      "etcd-3.6.8/etcd is not there",
      "go is not on PATH",
      "KUBEBUILDER_ASSETS",
      "WHEELHOUSE_KUBECTL=/path",
      "https://go.dev/dl",
    ]) {
      expect(message).toContain(part);
    }
  });
});
