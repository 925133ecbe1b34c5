import { type Digest } from "@wheelhouse/assignment";

/**
 * A render that the compiler wants: exactly these files, laid out in a fresh
 * directory, and the directory in it to build. Equal `key`s have equal output,
 * so each is rendered once for the whole fleet.
 */
export type RenderRequest = KustomizeRequest | HelmRequest;

interface ClosedInput {
  readonly key: Digest;
  /** Relative to the layout's root; regular files only, at most 5,000 and 64 MiB. */
  readonly files: readonly RequestFile[];
  /** The directory to build, relative to the layout's root; empty for the root. */
  readonly directory: string;
}

/** One regular file of a layout. */
export interface RequestFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A directory for `kustomize build`. */
export interface KustomizeRequest extends ClosedInput {
  readonly program: "kustomize";
}

/** A chart for `helm template`: `directory` holds its Chart.yaml, and all that it depends on. */
export interface HelmRequest extends ClosedInput {
  readonly program: "helm";
  readonly release: HelmReleaseInput;
}

/** What `helm template` is told beside the chart. */
export interface HelmReleaseInput {
  readonly name: string;
  readonly namespace: string;
  /** The values, as one of the request's files. */
  readonly valuesFile: string;
  /** Whether the definitions in `crds` directories are part of the output. */
  readonly includeCrds: boolean;
  readonly skipSchemaValidation: boolean;
  /** Such as `v1.36.3`; what `.Capabilities.KubeVersion` says. */
  readonly kubeVersion: string;
  /** Added to Helm's own list of built-in ones: what `.Capabilities.APIVersions` has. */
  readonly apiVersions: readonly string[];
}

/** What a render came to: the program's output as text, or why not, in its own words. */
export type RenderResult =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly message: string };

/** Renders by key, as far as they are known. */
export type RenderResults = ReadonlyMap<Digest, RenderResult>;

/** Runs renders: bounded in time, memory and output, and with nothing to fetch. Never throws for what the input does. */
export interface RenderPort {
  render(
    request: RenderRequest,
    options?: { readonly signal?: AbortSignal },
  ): Promise<RenderResult>;
}
