import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { basename, join } from "node:path";
import { type PinnedModule, type PinnedTool } from "./pinned-tools.ts";
import { runProgram } from "./program-run.ts";
import { type Environment, listOnPath } from "./search-path.ts";

/** What a build may use, and where its progress goes. */
export interface BuildOptions {
  readonly env: Environment;
  readonly scratch: string;
  /** A file for everything that go prints; it stays after the build. */
  readonly logPath: string;
  readonly signal?: AbortSignal | undefined;
  readonly onDetail?: (detail: string) => void;
}

/** The built programs by tool name, or why there are none. */
export type Build =
  | { readonly ok: true; readonly programs: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly problem: string };

const buildTimeoutMs = 45 * 60_000;
const downloadTimeoutMs = 10 * 60_000;
const tailLines = 15;

// The linker of a Kubernetes program wants 2 GB; several at a time must not push a laptop into swapping.
const bytesPerJob = 3_000_000_000;
const jobs = Math.max(
  1,
  Math.min(availableParallelism(), Math.floor(totalmem() / bytesPerJob)),
);

/** The last lines of a log, for a message. */
const tail = (output: string): string =>
  output.trimEnd().split("\n").slice(-tailLines).join("\n");

/** The user's environment without what would change the target or fetch another toolchain. */
const buildEnvironment = (env: Environment): Environment => ({
  ...env,
  GOTOOLCHAIN: "local",
  CGO_ENABLED: "0",
  GO111MODULE: "on",
  GOWORK: "off",
  GOFLAGS: undefined,
  GOOS: undefined,
  GOARCH: undefined,
  GOBIN: undefined,
});

/**
 * A module that builds the pinned module's programs. `k8s.io/kubernetes` replaces its staging modules by folders of its
 * own repository, which no module proxy serves; here each is replaced by its published version instead.
 */
export const generateGoMod = (
  module: PinnedModule,
  upstreamGoMod: string,
): string => {
  const goLine = /^go \S+$/m.exec(upstreamGoMod)?.[0] ?? "go 1.24";
  const staged = [...upstreamGoMod.matchAll(/(\S+) => \.\/staging\/src\/\S+/g)];
  const replaces = staged.map(
    ([, path]) => `replace ${path} => ${path} v${module.stagingVersion}`,
  );
  return [
    "module wheelhouse.invalid/tools",
    goLine,
    `require ${module.path} v${module.version}`,
    ...replaces,
    "",
  ].join("\n");
};

/** The linker's flags: no symbol tables, and the version where the program looks for it. */
export const linkerFlags = (module: PinnedModule): string =>
  [
    "-s -w",
    ...Object.entries(module.stamps).map(
      ([key, value]) => `-X ${key}=${value}`,
    ),
  ].join(" ");

/** `go build` writes each program under its package's last element, without a major version. */
const programName = (goPackage: string): string =>
  basename(goPackage.replace(/\/v\d+$/, ""));

const readUpstreamGoMod = async (
  go: string,
  module: PinnedModule,
  options: BuildOptions,
): Promise<{ goMod: string } | { problem: string }> => {
  const run = await runProgram(
    go,
    ["mod", "download", "-json", `${module.path}@v${module.version}`],
    {
      env: buildEnvironment(options.env),
      cwd: options.scratch,
      timeoutMs: downloadTimeoutMs,
      signal: options.signal,
      logPath: options.logPath,
    },
  );
  const path = /"GoMod":\s*("(?:[^"\\]|\\.)*")/.exec(run.output)?.[1];
  if (!run.ok || path === undefined) {
    return { problem: `go mod download failed:\n${tail(run.output)}` };
  }
  return { goMod: await readFile(JSON.parse(path) as string, "utf8") };
};

/** Counts what go reports with -v: modules while it downloads, packages while it compiles. */
const buildCounter = (onDetail: ((detail: string) => void) | undefined) => {
  let modules = 0;
  let packages = 0;
  return (line: string) => {
    if (line.startsWith("go: downloading")) modules += 1;
    else if (/^\S+$/.test(line)) packages += 1;
    onDetail?.(
      packages === 0 ? `${modules} modules` : `${packages} packages compiled`,
    );
  };
};

/**
 * Builds tools of one pinned Go module in one go, so that they share compilation, with the Go that is on PATH and no
 * other toolchain. Module contents are protected by Go's checksum database, as the user's Go is configured.
 */
export const buildTools = async (
  tools: readonly PinnedTool[],
  module: PinnedModule,
  options: BuildOptions,
): Promise<Build> => {
  const [go] = await listOnPath("go", options.env);
  if (go === undefined) return { ok: false, problem: "go is not on PATH" };
  options.onDetail?.("reading the module");
  const upstream = await readUpstreamGoMod(go, module, options);
  if ("problem" in upstream) return { ok: false, problem: upstream.problem };
  const output = join(options.scratch, "bin");
  await mkdir(output);
  await writeFile(
    join(options.scratch, "go.mod"),
    generateGoMod(module, upstream.goMod),
  );
  const run = await runProgram(
    go,
    [
      ...[
        "build",
        "-v",
        `-p=${jobs}`,
        "-mod=mod",
        "-trimpath",
        "-buildvcs=false",
      ],
      ...["-ldflags", linkerFlags(module), "-o", `${output}/`],
      ...tools.map((tool) => tool.goPackage),
    ],
    {
      env: buildEnvironment(options.env),
      cwd: options.scratch,
      timeoutMs: buildTimeoutMs,
      signal: options.signal,
      logPath: options.logPath,
      onLine: buildCounter(options.onDetail),
    },
  );
  if (!run.ok) {
    const problem = `go build ${run.problem} (log: ${options.logPath}):\n${tail(run.output)}`;
    return { ok: false, problem };
  }
  const programs = tools.map(
    (tool) => [tool.name, join(output, programName(tool.goPackage))] as const,
  );
  return { ok: true, programs: new Map(programs) };
};
