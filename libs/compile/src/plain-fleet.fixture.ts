import { type AssignedBundle, decodeObjects } from "@wheelhouse/assignment";
import {
  type Cluster,
  type FleetConfig,
  type Problem,
  type SourceTree,
  type TreeEntry,
  createSourceTree,
  defaultFleetConfig,
  parseYaml,
} from "@wheelhouse/fleet-model";
import {
  type KubeObject,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import {
  type CompileInput,
  type CompileStep,
  compileCluster,
} from "./compile-cluster.ts";
import { type CompiledCluster } from "./compiled-cluster.ts";
import { formatProblem } from "./explored-bundle.ts";
import { type RenderRequest, type RenderResult } from "./render-request.ts";
import { type ResolvedCluster, resolveCluster } from "./resolve-cluster.ts";

/** A tree of texts by path; `-> target` makes a symlink, `!! why` a file that is not read. */
export function treeOf(
  files: Readonly<Record<string, string>>,
  commit = "c0ffee",
): SourceTree {
  return createSourceTree(
    commit,
    Object.entries(files).map(([path, text]): TreeEntry => {
      if (text.startsWith("!! ")) {
        return { kind: "unreadable", path, why: text.slice(3) };
      }
      return text.startsWith("-> ")
        ? { kind: "symlink", path, target: text.slice(3) }
        : { kind: "file", path, oid: text, bytes: Buffer.from(text) };
    }),
  );
}

/** A cluster named prod-eu-1 with its root in `clusters/prod`. */
export const prodCluster: Cluster = {
  name: "prod-eu-1",
  source: "git",
  labels: { env: "production", region: "eu" },
  path: "clusters/prod",
  variables: {},
  exposeVariablesAs: [],
  suspend: false,
  revokedUids: [],
  location: { file: "fleet/clusters/prod-eu-1.yaml", line: 1 },
};

/** The simplest thing that is like kustomize: resources one after the other, and nothing else. */
export function renderPlainly(request: RenderRequest): RenderResult {
  const files = new Map(
    request.files.map(({ path, bytes }) => [
      path,
      Buffer.from(bytes).toString("utf8"),
    ]),
  );
  const build = (directory: string): string[] => {
    const prefix = directory === "" ? "" : `${directory}/`;
    const parsed = parseYaml(
      "k",
      files.get(`${prefix}kustomization.yaml`) ?? "",
    );
    const [document] = parsed.ok ? parsed.documents : [];
    const value = document?.value;
    const resources = isJsonObject(value) ? value["resources"] : [];
    return (isJsonList(resources) ? resources : []).flatMap((resource) => {
      const path = normalize(`${prefix}${String(resource)}`);
      const text = files.get(path);
      return text === undefined ? build(path) : [text.replace(/^---\n/, "")];
    });
  };
  return { ok: true, output: build(request.directory).join("---\n") };
}

function normalize(path: string): string {
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "." && step !== "") steps.push(step);
  }
  return steps.join("/");
}

/** What `compilePlainly` may be told. */
export interface PlainOptions {
  readonly cluster?: Partial<Cluster>;
  readonly config?: Partial<FleetConfig>;
  readonly commit?: string;
  readonly render?: (request: RenderRequest) => RenderResult;
  /** Trees of other sources, by URL. */
  readonly sources?: Readonly<Record<string, SourceTree>>;
}

/** Compiles `prodCluster` to its end, with every render answered at once. */
export function compilePlainly(
  files: Readonly<Record<string, string>>,
  options: PlainOptions = {},
): CompiledCluster {
  return toTheEnd(compileCluster, files, options).compiled;
}

/** Resolves `prodCluster` to its end, as `compat` does. */
export function resolvePlainly(
  files: Readonly<Record<string, string>>,
  options: PlainOptions = {},
): ResolvedCluster {
  return toTheEnd(resolveCluster, files, options).resolved;
}

function toTheEnd<Done extends { readonly kind: "done" }>(
  next: (input: CompileInput) => Exclude<CompileStep, { kind: "done" }> | Done,
  files: Readonly<Record<string, string>>,
  options: PlainOptions,
): Done {
  const tree = treeOf(files, options.commit);
  const cluster = { ...prodCluster, ...options.cluster };
  const config = { ...defaultFleetConfig, ...options.config };
  const fleet = { clusters: [cluster], rollouts: [], config };
  const renders = new Map<RenderRequest["key"], RenderResult>();
  const resolveSource = ({ url }: { readonly url: string }) =>
    options.sources?.[url];
  for (let round = 0; round < 20; round += 1) {
    const step = next({ tree, fleet, cluster, renders, resolveSource });
    if (step.kind === "done") return step;
    for (const request of step.requests) {
      renders.set(request.key, (options.render ?? renderPlainly)(request));
    }
  }
  throw new Error("asks for renders without end");
}

/** A cluster that compiled. */
export type CompiledOk = Extract<CompiledCluster, { ok: true }>;

/** As `compilePlainly`; throws where the whole cluster is refused. */
export function compiledOk(
  files: Readonly<Record<string, string>>,
  options?: PlainOptions,
): CompiledOk {
  const compiled = compilePlainly(files, options);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled;
}

/** The bundle whose name ends so. */
export function bundleOf(compiled: CompiledOk, name: string): AssignedBundle {
  const bundle = compiled.bundles.find(({ spec }) => spec.name.endsWith(name));
  if (bundle === undefined) throw new Error(`no bundle ${name}`);
  return bundle;
}

/** A bundle's objects; none where it has no artifact. */
export function objectsOf(
  compiled: CompiledOk,
  name: string,
): readonly KubeObject[] {
  const digest = bundleOf(compiled, name).spec.artifact?.digest ?? "";
  const artifact = compiled.artifacts.get(digest);
  return artifact === undefined ? [] : decodeObjects(artifact.bytes);
}

/** What is said of a cluster with one good bundle and whatever is added. */
export interface Outcome {
  /** Whether the good bundle is as it was. */
  readonly good: boolean;
  readonly problems: readonly string[];
  readonly held: readonly string[] | "everything";
}

/** A problem as the specs write it: reason, place and message. */
export function said(problem: Problem): string {
  return `${problem.reason} ${formatProblem(problem)}`;
}

/** Compiles a cluster with one good bundle and what is added. */
export function outcomeOf(files: Readonly<Record<string, string>>): Outcome {
  const compiled = compilePlainly({
    "clusters/prod/good.yaml": fluxText("good", "./good"),
    "good/cm.yaml": configMapText("good"),
    ...files,
  });
  const good = compiled.ok ? bundleOf(compiled, "/good").spec : undefined;
  return {
    good: good?.held === null && good.artifact !== null,
    problems: compiled.problems.map(said),
    held: compiled.ok
      ? compiled.bundles.flatMap(({ spec }) =>
          spec.held === null ? [] : [spec.name],
        )
      : "everything",
  };
}

/** A Flux Kustomization's text, nine lines before what is added to its spec. */
export function fluxText(name: string, path: string, more = ""): string {
  return `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  sourceRef: {kind: GitRepository, name: flux-system}
  path: ${path}
${more}`;
}

/** A ConfigMap's text. */
export function configMapText(name: string, data = "{}"): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: web\ndata: ${data}\n`;
}
