import { createHash } from "node:crypto";
import { type Digest, digestOf, digestOfJson } from "@wheelhouse/assignment";
import {
  type FleetConfig,
  type FluxHelmRelease,
  type Problem,
  type ReleaseChart,
  type SourceTree,
  clampRepoPath,
  resolveEntry,
} from "@wheelhouse/fleet-model";
import {
  type JsonObject,
  canonicalJson,
  compareBytewise,
} from "@wheelhouse/kube-object";
import { chartFiles } from "./chart-files.ts";
import { builtinApiVersions } from "./kubernetes-kinds.ts";
import { parseValues } from "./release-values.ts";
import { type HelmRequest } from "./render-request.ts";
import { mergeValues } from "./values-path.ts";

/** A chart's render to ask for, or everything that stands against it. */
export type ReleaseRequest =
  | { readonly ok: true; readonly request: HelmRequest }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The version of Kubernetes that charts are rendered for where the fleet does not say. */
export const defaultKubeVersion = "v1.36.0";

const chartDirectory = "chart";
const valuesFile = "values.json";

/** What a release is rendered with. */
export interface ReleaseInput {
  readonly tree: SourceTree;
  readonly release: FluxHelmRelease;
  readonly values: JsonObject;
  readonly config: FleetConfig;
}

/** Prepares the render of a release whose chart lies in a source's files. */
export function prepareRelease({
  tree,
  release,
  values,
  config,
}: ReleaseInput): ReleaseRequest {
  const chart = chartFiles(tree, release.chart.chart);
  if (!chart.ok) return chart;
  const defaults = chartDefaults(tree, release.chart);
  if (!defaults.ok) return defaults;
  const files = [...chart.files].map(([path, bytes]) => ({
    path: `${chartDirectory}/${path}`,
    bytes:
      path === "values.yaml" && defaults.bytes !== undefined
        ? defaults.bytes
        : bytes,
  }));
  if (defaults.bytes !== undefined && !chart.files.has("values.yaml")) {
    const path = `${chartDirectory}/values.yaml`;
    files.push({ path, bytes: defaults.bytes });
  }
  files.push({ path: valuesFile, bytes: Buffer.from(canonicalJson(values)) });
  return { ok: true, request: createRequest(files, release, config) };
}

function createRequest(
  files: HelmRequest["files"],
  release: FluxHelmRelease,
  { helm }: FleetConfig,
): HelmRequest {
  const sorted = [...files].sort((a, b) => compareBytewise(a.path, b.path));
  const rest = {
    program: "helm",
    directory: chartDirectory,
    release: {
      name: releaseNameOf(release),
      namespace: release.targetNamespace ?? release.namespace,
      valuesFile,
      includeCrds: release.crds !== "Skip",
      skipSchemaValidation: release.skipSchemaValidation,
      kubeVersion: helm?.kubeVersion ?? defaultKubeVersion,
      apiVersions: [...builtinApiVersions, ...(helm?.apiVersions ?? [])],
    },
  } as const;
  const key = digestOfJson({
    ...rest,
    files: sorted.map(({ path, bytes }) => [path, knownDigest(bytes)]),
  });
  return { ...rest, key, files: sorted };
}

const digests = new WeakMap<Uint8Array, Digest>();

/** A chart's files are those of the tree, and are asked for once for every cluster. */
function knownDigest(bytes: Uint8Array): Digest {
  const digest = digests.get(bytes) ?? digestOf(bytes);
  digests.set(bytes, digest);
  return digest;
}

/** Helm's limit for a release's name. */
const maxNameLength = 53;
const shortLength = 40;
const hashLength = 12;

/** The name that Flux gives a release: with its target namespace in front, and shortened by a hash of itself where Helm would refuse it. */
export function releaseNameOf({
  name,
  releaseName,
  targetNamespace,
}: Pick<FluxHelmRelease, "name" | "releaseName" | "targetNamespace">): string {
  const whole =
    releaseName ??
    (targetNamespace === undefined ? name : `${targetNamespace}-${name}`);
  if (whole.length <= maxNameLength) return whole;
  const hash = createHash("sha256").update(whole).digest("hex");
  return `${whole.slice(0, shortLength)}-${hash.slice(0, hashLength)}`;
}

type ChartDefaults =
  | { readonly ok: true; readonly bytes: Uint8Array | undefined }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** What stands in the place of the chart's values, where the release names files for that. */
function chartDefaults(
  tree: SourceTree,
  { valuesFiles, ignoreMissingValuesFiles }: ReleaseChart,
): ChartDefaults {
  if (valuesFiles.length === 0) return { ok: true, bytes: undefined };
  let merged: JsonObject = {};
  for (const file of valuesFiles) {
    const path = clampRepoPath(file);
    const found = path.ok ? resolveEntry(tree, path.path) : path;
    const entry = found.ok && "entry" in found ? found.entry : undefined;
    if (entry?.kind !== "file") {
      if (found.ok && entry === undefined && ignoreMissingValuesFiles) continue;
      return missing(file, found.ok ? "there is no such file" : found.message);
    }
    const values = parseValues(file, entry.bytes);
    if (!values.ok) return missing(file, values.message);
    merged = mergeValues(merged, values.values);
  }
  return { ok: true, bytes: Buffer.from(canonicalJson(merged)) };
}

function missing(
  file: string,
  message: string,
): Extract<ChartDefaults, { ok: false }> {
  return {
    ok: false,
    problems: [
      {
        reason: "InvalidValues",
        subject: file,
        message: message.startsWith(file) ? message : `${file}: ${message}`,
      },
    ],
  };
}
