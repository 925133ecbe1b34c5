import {
  type FluxHelmRelease,
  type Problem,
  type ValuesReference,
  parseYaml,
} from "@wheelhouse/fleet-model";
import { type JsonObject, isJsonObject } from "@wheelhouse/kube-object";
import { type KnownValues } from "./bundle-variables.ts";
import { mergeValues, putText } from "./values-path.ts";

/** A release's own values, in Flux's order: each reference over the ones before, the inline ones over all. */
export interface ReleaseValues {
  readonly values: JsonObject;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Whether a reference names what is not there, so far. */
  readonly isWaiting: boolean;
}

/** Merges a release's values from what Git shows of its references. */
export function releaseValues(
  release: FluxHelmRelease,
  known: KnownValues,
): ReleaseValues {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  let isWaiting = false;
  let values: JsonObject = {};
  release.valuesFrom.forEach((reference, index) => {
    const id = `${reference.kind}/${release.namespace}/${reference.name}`;
    const subject = `spec.valuesFrom[${index}]`;
    const found = known.get(id);
    if (found === undefined) isWaiting = true;
    if (found === undefined && reference.optional) {
      warnings.push(countsAsEmpty(subject, id));
      return;
    }
    if (found === undefined || found.isEncrypted) {
      problems.push(late(subject, id, found !== undefined));
      return;
    }
    const text = found.texts[reference.valuesKey];
    const taken = takeText(values, reference, text);
    if (taken.ok) values = taken.values;
    else {
      const message = `${id}: ${taken.message}`;
      problems.push({ reason: "InvalidValues", subject, message });
    }
  });
  return {
    values: mergeValues(values, release.values),
    problems,
    warnings,
    isWaiting,
  };
}

type Taken =
  | { readonly ok: true; readonly values: JsonObject }
  | { readonly ok: false; readonly message: string };

function takeText(
  values: JsonObject,
  { valuesKey, targetPath, literal, optional }: ValuesReference,
  text: string | undefined,
): Taken {
  if (text === undefined) {
    return optional
      ? { ok: true, values }
      : { ok: false, message: `has no key ${valuesKey}` };
  }
  if (targetPath !== "") {
    return putText(values, { path: targetPath, text, literal });
  }
  const document = parseValues(valuesKey, text);
  return document.ok
    ? { ok: true, values: mergeValues(values, document.values) }
    : document;
}

/** Reads a document of values: one map, or nothing. */
export function parseValues(name: string, text: string | Uint8Array): Taken {
  const parsed = parseYaml(name, text);
  if (!parsed.ok) {
    const { location, message } = parsed.problem;
    const line = location?.line === undefined ? "" : `:${location.line}`;
    return { ok: false, message: `${name}${line}: ${message}` };
  }
  const [first, second] = parsed.documents;
  const value = first?.value ?? {};
  if (second !== undefined || !isJsonObject(value)) {
    return { ok: false, message: `${name}: is not one map of values` };
  }
  return { ok: true, values: value };
}

function late(subject: string, id: string, isThere: boolean): Problem {
  return {
    reason: "LateValues",
    subject,
    message: isThere
      ? `${id} is encrypted in Git, or finished in the cluster`
      : `${id} is not in Git; only the cluster may have it`,
  };
}

function countsAsEmpty(subject: string, id: string): Problem {
  return {
    reason: "LateValues",
    subject,
    message: `${id} is not in Git, is optional, and counts as empty`,
    advice:
      "If the cluster has it, its values are missing here: bring them into Git",
  };
}
