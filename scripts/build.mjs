// Builds what runs: the hub (its packages stay in node_modules), the spoke and
// the command line as single files, and the page. `--tests` adds the bench and
// the README's pictures.
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (path) => join(root, path);
const { version } = JSON.parse(readFileSync(at("package.json"), "utf8"));

/** CommonJS packages inside an ESM bundle still ask for these. */
const commonJsBanner = [
  'import { createRequire as __createRequire } from "node:module";',
  'import { fileURLToPath as __fileURLToPath } from "node:url";',
  'import { dirname as __dirnameOf } from "node:path";',
  "const require = __createRequire(import.meta.url);",
  "const __filename = __fileURLToPath(import.meta.url);",
  "const __dirname = __dirnameOf(__filename);",
].join("");

const base = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  logLevel: "warning",
  define: { WHEELHOUSE_VERSION: JSON.stringify(version) },
};

/** Workspace libraries are bundled; every other package stays where npm put it. */
const keepPackages = {
  name: "keep-packages",
  setup(builder) {
    builder.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === "entry-point" || path.startsWith("@wheelhouse/")
        ? undefined
        : { path, external: true },
    );
  },
};

/**
 * Of the Kubernetes client the spoke takes the kubeconfig and what logs in by
 * it. The generated API and undici come along with that file, are never
 * called, and would cost 15 MB in every cluster.
 */
const kubeconfigOnly = {
  name: "kubeconfig-only",
  setup(builder) {
    const unused = /^undici$|\/gen\/index\.js$/;
    builder.onResolve({ filter: unused }, ({ path, importer }) =>
      importer.includes("@kubernetes/client-node/dist/")
        ? { path, namespace: "unused" }
        : undefined,
    );
    const refuse = 'throw new Error("left out of this program");';
    builder.onLoad({ filter: /.*/, namespace: "unused" }, () => ({
      contents: [
        ...["Agent", "ProxyAgent", "ServerConfiguration"].map(
          (name) => `export class ${name} { constructor() { ${refuse} } }`,
        ),
        `export function createConfiguration() { ${refuse} }`,
      ].join("\n"),
    }));
  },
};

/** One file with everything in it: small, quick to start, nothing to install beside it. */
const whole = (entry, outfile) =>
  build({
    ...base,
    entryPoints: [at(entry)],
    outfile: at(outfile),
    minify: true,
    keepNames: true,
    sourcemap: "linked",
    legalComments: "none",
    banner: { js: commonJsBanner },
    plugins: [kubeconfigOnly],
  });

async function withPackages(entry, outfile) {
  const name = basename(outfile, ".js");
  const folder = at(dirname(outfile));
  const { metafile } = await build({
    ...base,
    entryPoints: [{ in: at(entry), out: name }],
    outdir: folder,
    // What `import()` names is loaded when it is needed, not at the start.
    splitting: true,
    chunkNames: `${name}-[name]-[hash]`,
    sourcemap: "linked",
    metafile: true,
    plugins: [keepPackages],
  });
  const made = new Set(Object.keys(metafile.outputs).map((o) => basename(o)));
  for (const file of readdirSync(folder)) {
    // Parts of an earlier build, which nothing names any more.
    if (file.startsWith(`${name}-`) && !made.has(file)) {
      rmSync(join(folder, file));
    }
  }
}

async function buildPage() {
  if (!existsSync(at("apps/web/index.html"))) return;
  const vite = await import("vite");
  await vite.build({
    root: at("apps/web"),
    configFile: at("apps/web/vite.config.ts"),
    logLevel: "warn",
  });
}

const compat = [
  withPackages,
  "apps/hub/src/compat/main.ts",
  "apps/hub/dist/compat.js",
];
const simulation = [
  withPackages,
  "test/simulation/main.ts",
  "test/dist/simulate.js",
];
const alone = { compat, simulation };
const wanted = [
  compat,
  [withPackages, "apps/hub/src/main.ts", "apps/hub/dist/main.js"],
  [withPackages, "apps/hub/src/validate/main.ts", "apps/hub/dist/validate.js"],
  [whole, "apps/spoke/src/main.ts", "apps/spoke/dist/spoke.js"],
  [withPackages, "apps/cli/src/main.ts", "apps/cli/dist/wheelhouse.js"],
];
if (process.argv.includes("--tests")) {
  wanted.push(
    [withPackages, "test/bench/main.ts", "test/dist/bench.js"],
    simulation,
    [withPackages, "scripts/ensure-tools.ts", "test/dist/ensure-tools.js"],
    [
      withPackages,
      "test/e2e/page/readme-pictures.ts",
      // As deep as its source: it looks for the checkout from there.
      "test/e2e/dist/readme-pictures.js",
    ],
  );
}
/** `--only compat` or `--only simulation` is for a command that needs nothing else. */
const only = process.argv.includes("--only")
  ? alone[process.argv[process.argv.indexOf("--only") + 1]]
  : undefined;
await Promise.all([
  ...(only === undefined ? wanted : [only]).map(([bundle, entry, outfile]) =>
    bundle(entry, outfile),
  ),
  ...(only === undefined ? [buildPage()] : []),
]);
