import { type CommonMetadata, type Problem } from "@wheelhouse/fleet-model";
import {
  type Json,
  type KubeObject,
  type Labels,
  formatObjectId,
  isJsonObject,
  objectIdOf,
} from "@wheelhouse/kube-object";

/** A build's objects as Flux would apply them. */
export interface MarkedObjects {
  readonly objects: readonly KubeObject[];
  readonly warnings: readonly Problem[];
}

/**
 * Sets labels and annotations on every object. Labels that are not all text are
 * lost whole, as in Flux, which reads them as text before it adds its own.
 */
export function withCommonMetadata(
  objects: readonly KubeObject[],
  { labels, annotations }: CommonMetadata,
): MarkedObjects {
  const warnings: Problem[] = [];
  const marked = objects.map((object) => {
    const { metadata } = object;
    const before = metadata["labels"];
    const isOdd = before !== undefined && !isTexts(before);
    if (isOdd && textsOf(before) === undefined) warnings.push(lost(object));
    const isNothing = isEmpty(labels) && isEmpty(annotations) && !isOdd;
    if (isNothing) return object;
    return {
      ...object,
      metadata: {
        ...metadata,
        ...merged("labels", before, labels),
        ...merged("annotations", metadata["annotations"], annotations),
      },
    };
  });
  return { objects: marked, warnings };
}

function isEmpty(texts: Labels): boolean {
  return Object.keys(texts).length === 0;
}

/** A field's texts with more over them; nothing where there are none. */
function merged(
  field: string,
  before: Json | undefined,
  more: Labels,
): Readonly<Record<string, Json>> {
  if (before === undefined && isEmpty(more)) return {};
  const isKept = field === "annotations" && isEmpty(more);
  if (isKept) return { [field]: before ?? {} };
  return { [field]: { ...textsOf(before), ...more } };
}

/** Texts, with nothing for an empty one, as Kubernetes reads them; undefined where something else is among them. */
function textsOf(value: Json | undefined): Labels | undefined {
  if (!isJsonObject(value)) return undefined;
  const texts = Object.fromEntries(
    Object.entries(value).map(([key, text]) => [key, text ?? ""]),
  );
  return isTexts(texts) ? texts : undefined;
}

function isTexts(value: Json | undefined): value is Labels {
  return (
    isJsonObject(value) &&
    Object.values(value).every((text) => typeof text === "string")
  );
}

function lost(object: KubeObject): Problem {
  return {
    reason: "LabelsLost",
    subject: formatObjectId(objectIdOf(object)),
    message: "metadata.labels: not all are text, so all of them are dropped",
  };
}
