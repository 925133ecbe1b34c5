import {
  type FieldPath,
  type Json,
  type KubeObject,
  type ObjectId,
  formatFieldPath,
  objectIdOf,
} from "@wheelhouse/kube-object";
import { compareApplied } from "./compare-applied.ts";
import {
  type FieldDifference,
  diffFields,
  maxDifferences,
} from "./diff-fields.ts";
import { type FoundField } from "./drift-record.ts";
import { followFieldText } from "./field-text.ts";
import {
  lastForeignWriter,
  latestWriter,
  likelyRemover,
} from "./field-writer.ts";
import { type FieldWriter } from "./managed-fields.ts";
import { type ConflictingField } from "./may-force.ts";
import {
  type IsSecretValue,
  isRedacted,
  redactedText,
  valueText,
} from "./redaction.ts";

/**
 * What the server said to a dry run without force: what the object would be,
 * or the fields over which it conflicts. Where it refused, only what we sent
 * can be compared with what is live.
 */
export type DryRunAnswer =
  | { readonly kind: "wouldBe"; readonly object: KubeObject }
  | {
      readonly kind: "conflict";
      readonly conflicts: readonly ConflictingField[];
    }
  | { readonly kind: "refused" };

/** That an object is not as we applied it. */
export interface DriftFinding {
  readonly object: ObjectId;
  readonly fields: readonly FoundField[];
  readonly missing: boolean;
  /** The last who wrote one of the fields, or else something in the place of one that is gone; null where nothing tells. */
  readonly writer: string | null;
}

/** What drift is looked for in. */
export interface DriftInput {
  /** What we send: stripped of ignored fields. */
  readonly applied: KubeObject;
  /** A live read with its managedFields; undefined where the object is gone. */
  readonly live: KubeObject | undefined;
  /** Not looked at where the object is gone. */
  readonly answer?: DryRunAnswer;
  /** Marks further values as secret, beside those of Secrets. */
  readonly isSecretValue?: IsSecretValue;
}

/** The drift of one object, or undefined where it is as we applied it. At most 20 fields. */
export function findDrift(input: DriftInput): DriftFinding | undefined {
  const object = objectIdOf(input.applied);
  if (input.live === undefined) {
    return { object, fields: [], missing: true, writer: null };
  }
  if (input.answer === undefined) return undefined;
  const found = ofAnswer(input, input.live, input.answer);
  return found.fields.length === 0
    ? undefined
    : { object, missing: false, ...found };
}

type Found = Pick<DriftFinding, "fields" | "writer">;

function ofAnswer(
  input: DriftInput,
  live: KubeObject,
  answer: DryRunAnswer,
): Found {
  switch (answer.kind) {
    case "wouldBe":
      return ofDifferences(input, live, diffFields(live, answer.object));
    case "conflict":
      return ofConflicts(input, live, answer.conflicts);
    case "refused":
      return ofDifferences(input, live, compareApplied(input.applied, live));
  }
}

function ofDifferences(
  input: DriftInput,
  live: KubeObject,
  differences: readonly FieldDifference[],
): Found {
  const writers = differences.map((difference) => writerOf(live, difference));
  const known = writers.filter((writer) => writer !== undefined);
  const paths = differences.map(({ path }) => path);
  const last = lastForeignWriter(live, paths) ?? latestWriter(known);
  return {
    writer: last?.manager ?? null,
    fields: differences.map((difference, index) => {
      const path = formatFieldPath(difference.path);
      const hidden =
        isRedacted(input.applied, difference.path) ||
        isSecret(input, difference.path, difference.live) ||
        isSecret(input, difference.path, difference.wouldBe);
      return {
        ...field(path, hidden, difference.wouldBe, difference.live),
        writer: writers[index]?.manager ?? null,
      };
    }),
  };
}

function writerOf(
  live: KubeObject,
  difference: FieldDifference,
): FieldWriter | undefined {
  return (
    lastForeignWriter(live, [difference.path]) ??
    (difference.live === undefined
      ? likelyRemover(live, difference.path)
      : undefined)
  );
}

function ofConflicts(
  input: DriftInput,
  live: KubeObject,
  conflicts: readonly ConflictingField[],
): Found {
  const fields = conflicts.slice(0, maxDifferences).map((conflict) => {
    const wanted = valueOf(input.applied, conflict.field);
    const found = valueOf(live, conflict.field);
    // The server's text is not taken apart again; its first names decide.
    const path = leadingSteps(conflict.field);
    const hidden =
      isRedacted(input.applied, path) ||
      isSecret(input, path, wanted) ||
      isSecret(input, path, found);
    const name = conflict.field.replace(/^\./, "");
    return {
      ...field(name, hidden, wanted, found),
      writer: conflict.manager,
    };
  });
  return { fields, writer: conflicts[0]?.manager ?? null };
}

/** `.data.x` → data, x; an annotation's name is all that follows `.metadata.annotations.`. */
function leadingSteps(text: string): FieldPath {
  const annotation = /^\.?metadata\.annotations\.(.+)$/.exec(text)?.[1];
  const names =
    annotation === undefined
      ? text.replace(/^\./, "").split(/[.[]/)
      : ["metadata", "annotations", annotation];
  return names.map((name) => ({ kind: "field", name }));
}

function valueOf(object: KubeObject, text: string): Json | undefined {
  const result = followFieldText(object, text);
  return result.found ? result.value : undefined;
}

function isSecret(
  input: DriftInput,
  path: FieldPath,
  value: Json | undefined,
): boolean {
  return value !== undefined && (input.isSecretValue?.(path, value) ?? false);
}

function field(
  path: string,
  hidden: boolean,
  wanted: Json | undefined,
  found: Json | undefined,
): Omit<FoundField, "writer"> {
  if (!hidden) {
    return { path, wanted: valueText(wanted), found: valueText(found) };
  }
  return {
    path,
    wanted: wanted === undefined ? null : redactedText,
    found: found === undefined ? null : redactedText,
  };
}
