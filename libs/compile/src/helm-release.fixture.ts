import {
  type CompiledOk,
  type PlainOptions,
  compiledOk,
  renderPlainly,
  said,
} from "./plain-fleet.fixture.ts";
import { type HelmRequest, type RenderRequest } from "./render-request.ts";

/** Where the release is written. */
export const root = "clusters/prod/flux.yaml";

/** A HelmRelease's text, eight lines before what is added to its spec. */
export const releaseText = (spec = "", name = "web"): string =>
  `---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
  namespace: apps
spec:
  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}
${spec}`;

/** A chart's files. */
export const chart = {
  "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
  "charts/web/values.yaml": "replicas: 1\n",
  "charts/web/templates/x.yaml": "unused\n",
};

/** A template's part of helm's output. */
export const source = (name: string, text: string): string =>
  `---\n# Source: web/${name}\n${text}`;

/** A ConfigMap without a namespace. */
export const cm = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";

/** Compiles with a helm that gives `output`, and keeps what it was asked. */
export const compiled = (
  files: Readonly<Record<string, string>>,
  output: string = source("templates/x.yaml", cm),
  options: PlainOptions = {},
): {
  readonly compiled: CompiledOk;
  readonly asked: readonly HelmRequest[];
} => {
  const asked: HelmRequest[] = [];
  const render = (request: RenderRequest) => {
    if (request.program === "kustomize") return renderPlainly(request);
    asked.push(request);
    return { ok: true, output } as const;
  };
  return {
    compiled: compiledOk({ ...chart, ...files }, { ...options, render }),
    asked,
  };
};

/** Compiles a fleet with one release. */
export const web = (
  spec: string,
  output?: string,
  files: Readonly<Record<string, string>> = {},
): CompiledOk =>
  compiled({ [root]: releaseText(spec), ...files }, output).compiled;

/** The values that helm is given, or what is said instead. */
export const valuesAsked = (
  spec: string,
  files: Readonly<Record<string, string>> = {},
): unknown => {
  const { asked, compiled: result } = compiled({
    [root]: releaseText(spec),
    ...files,
  });
  const [request] = asked;
  const values = request?.files.find(({ path }) => path === "values.json");
  return values === undefined
    ? result.problems.map(said)
    : JSON.parse(Buffer.from(values.bytes).toString("utf8"));
};
