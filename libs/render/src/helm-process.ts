import { type HelmRequest, type RenderResult } from "@wheelhouse/compile";
import { checkPath } from "./closed-directory.ts";
import {
  ClosedProgram,
  type Layout,
  type ProgramCall,
  type ProgramOptions,
} from "./closed-program.ts";

/**
 * Runs `helm template` of the official Helm on closed input: no cluster, so
 * that `lookup` finds nothing; no names resolved; no plugins, repositories or
 * registries, since its homes are empty; no dependency fetched. A chart is
 * rendered twice: what comes out differently each time would change the fleet
 * with nobody's commit, and is refused.
 */
export class HelmProcess {
  readonly #program: ClosedProgram;

  constructor(options: ProgramOptions) {
    this.#program = new ClosedProgram("helm", options);
  }

  /** Renders one chart. What the input does wrong is a result; only a broken machine throws. */
  async render(
    request: HelmRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<RenderResult> {
    const call = (layout: Layout): ProgramCall => templateCall(request, layout);
    const first = await this.#program.run(request, call, signal);
    if (!first.ok) return first;
    const second = await this.#program.run(request, call, signal);
    if (!second.ok || first.output === second.output) return second;
    return {
      ok: false,
      message: `renders differently each time, by chance or the time of day: ${differingTemplates(first.output, second.output)}`,
    };
  }
}

function templateCall(
  { release }: HelmRequest,
  { home, source, target }: Layout,
): ProgramCall {
  return {
    args: [
      "template",
      `--namespace=${release.namespace}`,
      `--values=${source}/${checkPath(release.valuesFile)}`,
      `--kube-version=${release.kubeVersion}`,
      ...release.apiVersions.map((version) => `--api-versions=${version}`),
      release.includeCrds ? "--include-crds" : "--skip-crds",
      ...(release.skipSchemaValidation ? ["--skip-schema-validation"] : []),
      "--",
      release.name,
      target,
    ],
    env: {
      HELM_CACHE_HOME: `${home}/cache`,
      HELM_CONFIG_HOME: `${home}/config`,
      HELM_DATA_HOME: `${home}/data`,
      HELM_NO_PLUGINS: "1",
    },
  };
}

const maxNamed = 3;

/** The templates whose text differs between two outputs, as Helm names them. */
function differingTemplates(one: string, other: string): string {
  const others = new Set(other.split(/^---\n/m));
  const sources = one
    .split(/^---\n/m)
    .filter((text) => !others.has(text))
    .map((text) => /^# Source: (.*)/.exec(text)?.[1] ?? "a template");
  return [...new Set(sources)].slice(0, maxNamed).join(", ");
}
