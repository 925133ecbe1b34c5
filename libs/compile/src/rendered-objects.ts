import {
  type Json,
  type KubeObject,
  canonicalJson,
  formatObjectId,
  isJsonObject,
  isKubeObject,
  objectIdOf,
} from "@wheelhouse/kube-object";
import {
  type Problem,
  type ProblemReason,
  didYouMean,
  parseYaml,
} from "@wheelhouse/fleet-model";
import {
  type DocumentResult,
  type RenderedDocument,
  type Variables,
  invalidVariableNames,
  substituteDocument,
} from "@wheelhouse/substitute";

/** A build's objects after substitution, or everything that is wrong with them. */
export type RenderedObjects =
  | {
      readonly ok: true;
      readonly objects: readonly KubeObject[];
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** kustomize's output object by object, or what is wrong with it. */
export type RenderedDocuments =
  | { readonly ok: true; readonly documents: readonly RenderedDocument[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A bundle's objects: beyond this it is refused. */
const maxObjects = 5_000;
const maxNameLength = 253;

const cache = new WeakMap<object, RenderedDocuments>();

/** What is substituted, and whether also where no variable is known. */
export interface Substitution {
  readonly variables: Variables;
  readonly always: boolean;
}

/** Substitutions of one output that are remembered; beyond it they are made again. */
const maxRemembered = 16;

const substituted = new WeakMap<object, Map<string, RenderedObjects>>();

/**
 * Reads kustomize's output and substitutes variables, object by object. The
 * output's text is the very text that Flux substitutes in, so nothing is
 * written anew. `owner` is whose output it is, by identity: it is parsed once,
 * and substituted once for equal variables.
 */
export function readRendered(
  owner: { readonly output: string },
  { variables, always }: Substitution,
): RenderedObjects {
  const documents = documentsOf(owner);
  if (!documents.ok) return documents;
  if (Object.keys(variables).length === 0 && !always) {
    const objects = documents.documents.map(({ object }) => object);
    return { ok: true, objects, warnings: [] };
  }
  const [invalid] = invalidVariableNames(variables);
  if (invalid !== undefined) {
    return failed("InvalidVariable", invalid, "is no name of a variable");
  }
  const known = substituted.get(owner) ?? new Map<string, RenderedObjects>();
  if (known.size >= maxRemembered) known.clear();
  substituted.set(owner, known);
  const key = canonicalJson(variables);
  const result =
    known.get(key) ?? substituteAll(documents.documents, variables);
  known.set(key, result);
  return result;
}

/** The documents of an output, each parsed once. */
export function documentsOf(owner: {
  readonly output: string;
}): RenderedDocuments {
  const documents = cache.get(owner) ?? readDocuments(owner.output);
  cache.set(owner, documents);
  return documents;
}

function readDocuments(output: string): RenderedDocuments {
  const documents: RenderedDocument[] = [];
  const problems: Problem[] = [];
  for (const text of splitDocuments(output)) {
    const parsed = parseYaml("rendered", text);
    if (!parsed.ok) {
      problems.push(withoutLocation(parsed.problem, "rendered"));
      continue;
    }
    for (const { value } of parsed.documents) {
      if (isKustomizeConfig(value)) continue;
      const problem = checkObject(value);
      if (problem !== undefined) problems.push(problem);
      else documents.push({ text, object: value as KubeObject });
    }
  }
  if (documents.length > maxObjects) {
    problems.push({
      reason: "TooManyObjects",
      subject: "rendered",
      message: `${documents.length} objects; at most ${maxObjects} make a bundle`,
    });
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, documents };
}

/** Flux drops a kustomization that somebody lists as a resource. */
function isKustomizeConfig(value: Json): boolean {
  return (
    isJsonObject(value) &&
    value["kind"] === "Kustomization" &&
    String(value["apiVersion"]).startsWith("kustomize.config.k8s.io/")
  );
}

/** kustomize writes a line of dashes between objects, and indents everything that is inside one. */
function splitDocuments(output: string): readonly string[] {
  return output.split(/^---\n/m).filter((text) => text.trim() !== "");
}

function checkObject(value: Json): Problem | undefined {
  if (!isKubeObject(value)) {
    const kind = isJsonObject(value) ? value["kind"] : undefined;
    return {
      reason: "NoKubernetesObject",
      subject: typeof kind === "string" ? kind : "rendered",
      message: "apiVersion, kind and metadata.name must be there",
    };
  }
  if (value.metadata.name.length <= maxNameLength) return undefined;
  return {
    reason: "NameTooLong",
    subject: formatObjectId(objectIdOf(value)),
    message: `the name is longer than ${maxNameLength} characters`,
  };
}

function substituteAll(
  documents: readonly RenderedDocument[],
  variables: Variables,
): RenderedObjects {
  const objects: KubeObject[] = [];
  const warnings: Problem[] = [];
  for (const document of documents) {
    const result = substituteOne(document, variables);
    if (!result.ok) return result;
    objects.push(...result.objects);
    warnings.push(...result.warnings);
  }
  return { ok: true, objects, warnings };
}

function substituteOne(
  document: RenderedDocument,
  variables: Variables,
): RenderedObjects {
  const subject = formatObjectId(objectIdOf(document.object));
  const result = substituteDocument(document, variables);
  if (!result.ok) {
    return failed("SubstitutionFailed", subject, substitutionFault(result));
  }
  if (checkObject(result.object) !== undefined) {
    const message = "is no single object after substitution";
    return failed("SubstitutionFailed", subject, message);
  }
  return {
    ok: true,
    objects: [result.object],
    warnings: [
      ...result.missing.map((name) => blanked(subject, name, variables)),
      ...result.changedTypes.map((path) => changed(subject, path)),
    ],
  };
}

/** What is wrong with a substitution, in words. */
export function substitutionFault({
  problem,
  message,
  line = "",
}: Extract<DocumentResult, { ok: false }>): string {
  switch (problem) {
    case "expression":
      return `${message} at ${JSON.stringify(line.slice(0, 120))}`;
    case "yaml":
      return `is no YAML after substitution: ${message}`;
    case "object":
      return message;
  }
}

function blanked(subject: string, name: string, variables: Variables): Problem {
  return {
    reason: "VariableNotSet",
    subject,
    message: `\${${name}} is not set and becomes empty`,
    advice: `Set it, write $\${${name}} where it is not meant for us, or annotate the object kustomize.toolkit.fluxcd.io/substitute: disabled`,
    ...didYouMean(name, Object.keys(variables)),
  };
}

function changed(subject: string, path: string): Problem {
  return {
    reason: "ScalarChangedType",
    subject,
    message: `${path} was text and is no scalar after substitution`,
    advice: `Put quotes into the value itself, such as '"#fff"'`,
  };
}

function failed(
  reason: ProblemReason,
  subject: string,
  message: string,
): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [{ reason, subject, message }] };
}

function withoutLocation(problem: Problem, subject: string): Problem {
  const { reason, message } = problem;
  return { reason, subject, message };
}
