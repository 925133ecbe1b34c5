import {
  type KubeObject,
  canonicalJson,
  compareObjectIds,
  formatObjectId,
  isKubeObject,
  objectIdOf,
  objectKey,
  parseJson,
} from "@wheelhouse/kube-object";
import { type ArtifactReference, objectsMediaType } from "./bundle.ts";
import { digestOf } from "./digest.ts";

/** An artifact's bytes with what names them. */
export interface Artifact {
  readonly reference: ArtifactReference;
  readonly bytes: Uint8Array;
}

/**
 * Encodes objects as an artifact: one canonical JSON object a line, sorted by
 * identity, each line ended by a newline. The caller has made sure that no
 * identity occurs twice; if one does, this throws.
 */
export function encodeObjects(objects: readonly KubeObject[]): Artifact {
  const sorted = objects
    .map((object) => ({ id: objectIdOf(object), object }))
    .sort((a, b) => compareObjectIds(a.id, b.id));
  sorted.forEach(({ id }, index) => {
    const before = sorted[index - 1];
    if (before !== undefined && objectKey(before.id) === objectKey(id)) {
      throw new Error(`${formatObjectId(id)}: twice in one artifact`);
    }
  });
  const text = sorted
    .map(({ object }) => `${canonicalJson(object)}\n`)
    .join("");
  const bytes = Buffer.from(text, "utf8");
  return {
    bytes,
    reference: {
      digest: digestOf(bytes),
      mediaType: objectsMediaType,
      bytes: bytes.length,
      objects: objects.length,
    },
  };
}

/** Decodes an artifact's bytes. Throws `SyntaxError` where a line is no Kubernetes object: the digest was checked before, so that is a bug. */
export function decodeObjects(bytes: Uint8Array): readonly KubeObject[] {
  const lines = Buffer.from(bytes).toString("utf8").split("\n");
  if (lines.pop() !== "") throw new SyntaxError("artifact: last line is cut");
  return lines.map((line, index) => {
    const value = parseJson(line);
    if (!isKubeObject(value)) {
      throw new SyntaxError(`artifact line ${index + 1}: not an object`);
    }
    return value;
  });
}
