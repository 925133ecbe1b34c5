import {
  type FieldPath,
  type Json,
  canonicalJson,
  parseApiVersion,
} from "@wheelhouse/kube-object";

/** What stands where a value must not be shown. */
export const redactedText = "(redacted)";

/** Values are cut at this many characters. */
export const maxValueLength = 256;

/** Annotations that hold a copy of the whole object, whatever its kind. */
const copyAnnotations = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
]);

/** Says of a value of some object whether it is secret: where late values went, for instance. */
export type IsSecretValue = (path: FieldPath, value: Json) => boolean;

/** Whether the value at a path of an object must not be shown. Parents of such a value count as well. */
export function isRedacted(
  object: { readonly apiVersion: string; readonly kind: string },
  path: FieldPath,
): boolean {
  const [first, second, third] = path.map((step) =>
    step.kind === "field" ? step.name : "",
  );
  if (first === "metadata") {
    if (second === undefined) return true;
    if (second !== "annotations") return false;
    return third === undefined || copyAnnotations.has(third);
  }
  const isSecret =
    object.kind === "Secret" && parseApiVersion(object.apiVersion).group === "";
  if (!isSecret) return false;
  return first === undefined || first === "data" || first === "stringData";
}

/** A value as canonical JSON, cut at 256 characters; null where nothing is there. */
export function valueText(value: Json | undefined): string | null {
  if (value === undefined) return null;
  const text = canonicalJson(value);
  return text.length <= maxValueLength
    ? text
    : `${text.slice(0, maxValueLength - 1)}…`;
}
