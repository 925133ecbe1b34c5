import {
  type Json,
  type JsonObject,
  type KubeObject,
  isJsonList,
  isJsonObject,
  objectIdOf,
} from "@wheelhouse/kube-object";
import { type FluxSourceRef } from "./flux-references.ts";

/** A Flux source that lies somewhere else than in the object itself: a repository, an OCI artifact, a bucket. */
export interface FluxSource extends FluxSourceRef {
  /** As written; empty where there is none. */
  readonly url: string;
  /** `branch`, `tag`, `semver`, `commit` or `name`, as written. */
  readonly ref: JsonObject;
  /** Ignore patterns of the source's own, in gitignore's form. */
  readonly ignore: string;
}

/** One step of making an artifact: what of a source goes where. */
export interface CopyStep {
  /** `@alias/pattern`. */
  readonly from: string;
  /** `@artifact/path`; with a slash at its end a directory. */
  readonly to: string;
  readonly exclude: readonly string[];
  readonly isOptional: boolean;
  readonly strategy: string;
}

/** An artifact that an ArtifactGenerator makes of other sources. */
export interface MadeArtifact {
  /** `ExternalArtifact` in the generator's namespace. */
  readonly artifact: FluxSourceRef;
  readonly sources: ReadonlyMap<string, FluxSourceRef>;
  readonly copy: readonly CopyStep[];
}

/** Reads a source object. What is not there is empty: the server would have refused what is wrong. */
export function readFluxSource(
  object: KubeObject,
  defaultNamespace: string,
): FluxSource {
  const { kind, namespace, name } = objectIdOf(object);
  const spec = mapOf(object["spec"]);
  return {
    kind,
    namespace: namespace || defaultNamespace,
    name,
    url: textOf(spec["url"]) || textOf(spec["endpoint"]),
    ref: mapOf(spec["ref"]),
    ignore: textOf(spec["ignore"]),
  };
}

/** Reads the artifacts that an `ArtifactGenerator` makes. */
export function readArtifactGenerator(
  object: KubeObject,
  defaultNamespace: string,
): readonly MadeArtifact[] {
  const namespace = objectIdOf(object).namespace || defaultNamespace;
  const spec = mapOf(object["spec"]);
  const sources = new Map(
    listOf(spec["sources"]).map((item): [string, FluxSourceRef] => {
      const source = mapOf(item);
      return [
        textOf(source["alias"]),
        {
          kind: textOf(source["kind"]),
          namespace: textOf(source["namespace"]) || namespace,
          name: textOf(source["name"]),
        },
      ];
    }),
  );
  return listOf(spec["artifacts"]).map((item) => {
    const name = textOf(mapOf(item)["name"]);
    return {
      artifact: { kind: "ExternalArtifact", namespace, name },
      sources,
      copy: listOf(mapOf(item)["copy"]).map(readCopyStep),
    };
  });
}

function readCopyStep(item: Json): CopyStep {
  const step = mapOf(item);
  return {
    from: textOf(step["from"]),
    to: textOf(step["to"]),
    exclude: listOf(step["exclude"]).map(textOf),
    isOptional: step["optional"] === true,
    strategy: textOf(step["strategy"]) || "Overwrite",
  };
}

function mapOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return isJsonList(value) ? value : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
