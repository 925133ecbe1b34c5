import {
  type RenderPort,
  type RenderRequest,
  type RenderResult,
} from "@wheelhouse/compile";
import { errorText } from "@wheelhouse/kube-object";
import { type ProgramOptions } from "./closed-program.ts";
import { HelmProcess } from "./helm-process.ts";
import { KustomizeProcess } from "./kustomize-process.ts";

/** The programs that render, and how they are run. */
export interface ProgramRendererOptions extends Omit<
  ProgramOptions,
  "program"
> {
  /** The absolute path of the official kustomize. */
  readonly kustomize: string;
  /** Brings the official helm and gives its absolute path: asked when the first chart is rendered, and again after a failure. */
  readonly helm: () => Promise<string>;
}

/** Renders each request with its own program. */
export class ProgramRenderer implements RenderPort {
  readonly #kustomize: KustomizeProcess;
  readonly #options: ProgramRendererOptions;
  #helm: Promise<HelmProcess> | undefined;

  constructor(options: ProgramRendererOptions) {
    this.#options = options;
    this.#kustomize = new KustomizeProcess({
      ...options,
      program: options.kustomize,
    });
  }

  /** Renders one request; a helm that cannot be had is a result, so that whatever needs none goes on. */
  async render(
    request: RenderRequest,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<RenderResult> {
    if (request.program === "kustomize") {
      return this.#kustomize.render(request, options);
    }
    this.#helm ??= this.#bringHelm();
    const bringing = this.#helm;
    try {
      return await (await bringing).render(request, options);
    } catch (error) {
      if (!(error instanceof HelmMissing)) throw error;
      if (this.#helm === bringing) this.#helm = undefined;
      return { ok: false, message: error.message };
    }
  }

  async #bringHelm(): Promise<HelmProcess> {
    try {
      const program = await this.#options.helm();
      return new HelmProcess({ ...this.#options, program });
    } catch (error) {
      const why = errorText(error);
      throw new HelmMissing(`helm cannot be had: ${why}`);
    }
  }
}

class HelmMissing extends Error {}
