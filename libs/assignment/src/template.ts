import {
  type JsonObject,
  type KubeObject,
  type ObjectId,
  canonicalJson,
  compareObjectIds,
  formatObjectId,
  isJsonList,
  isJsonObject,
  objectIdOf,
  objectKey,
  parseJson,
} from "@wheelhouse/kube-object";
import { type Artifact, decodeObjects } from "./artifact.ts";
import { type LateReference, templateMediaType } from "./bundle.ts";
import { digestOf } from "./digest.ts";

/** One object of a build as kustomize wrote it, before decryption and substitution. */
export interface TemplateDocument {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for a cluster-scoped object, or one that says none. */
  readonly namespace: string;
  readonly name: string;
  /** YAML: the very text that Flux would substitute in. */
  readonly text: string;
  /** The encrypted document as it stands in Git, where the build left its content as it is: its MAC can be verified in it. */
  readonly inGit?: string;
}

/** Where values come from, in order: later ones win over earlier. */
export type TemplateSource =
  | {
      readonly kind: "values";
      readonly values: Readonly<Record<string, string>>;
    }
  | { readonly kind: "late"; readonly reference: LateReference };

/** A build's output that only the cluster can finish. */
export interface Template {
  /** Sorted by identity. */
  readonly documents: readonly TemplateDocument[];
  readonly sources: readonly TemplateSource[];
  /** Whether to substitute although no variable is known. */
  readonly always: boolean;
  /** Set on every object at the end, as Flux does. */
  readonly commonMetadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
}

const format = "template/v1";

/** Encodes a template as canonical JSON with a newline at its end. Throws where an identity occurs twice: the caller has made sure that none does. */
export function encodeTemplate(template: Template): Artifact {
  const documents = [...template.documents].sort((a, b) =>
    compareObjectIds(templateIdOf(a), templateIdOf(b)),
  );
  const seen = new Set<string>();
  for (const document of documents) {
    const id = templateIdOf(document);
    if (seen.has(objectKey(id))) {
      throw new Error(`${formatObjectId(id)}: twice in one artifact`);
    }
    seen.add(objectKey(id));
  }
  const value = { format, ...template, documents } as unknown as JsonObject;
  const bytes = Buffer.from(`${canonicalJson(value)}\n`, "utf8");
  return {
    bytes,
    reference: {
      digest: digestOf(bytes),
      mediaType: templateMediaType,
      bytes: bytes.length,
      objects: documents.length,
    },
  };
}

/** What an artifact's bytes hold. */
export type ArtifactContent =
  | { readonly kind: "objects"; readonly objects: readonly KubeObject[] }
  | { readonly kind: "template"; readonly template: Template };

/** Decodes an artifact of either type. Throws `SyntaxError` where it is neither. */
export function decodeArtifact(bytes: Uint8Array): ArtifactContent {
  const text = Buffer.from(bytes).toString("utf8");
  // An object has an apiVersion before a format, and one line an artifact.
  if (!text.includes(`"format":"${format}"`) || isSeveralLines(text)) {
    return { kind: "objects", objects: decodeObjects(bytes) };
  }
  const value = parseJson(text);
  if (!isTemplateShape(value)) {
    return { kind: "objects", objects: decodeObjects(bytes) };
  }
  return { kind: "template", template: value };
}

function isSeveralLines(text: string): boolean {
  return text.indexOf("\n") !== text.length - 1;
}

function isTemplateShape(value: unknown): value is Template {
  return (
    isJsonObject(value) &&
    value["format"] === format &&
    value["kind"] === undefined &&
    isJsonList(value["documents"]) &&
    isJsonList(value["sources"]) &&
    typeof value["always"] === "boolean" &&
    isJsonObject(value["commonMetadata"])
  );
}

/** Whose text a document is. */
export function templateIdOf(document: TemplateDocument): ObjectId {
  return objectIdOf(draftOf(document));
}

/** An object of which only the identity is known before the cluster finishes it. */
export function draftOf({
  apiVersion,
  kind,
  namespace,
  name,
}: Pick<
  TemplateDocument,
  "apiVersion" | "kind" | "namespace" | "name"
>): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === "" ? {} : { namespace }) },
  };
}

/** The identity that a document declares for an object. */
export function documentIdOf(
  object: KubeObject,
): Pick<TemplateDocument, "apiVersion" | "kind" | "namespace" | "name"> {
  const { namespace, name } = objectIdOf(object);
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace,
    name,
  };
}
