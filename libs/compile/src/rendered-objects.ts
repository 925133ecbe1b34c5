import {
  type Json,
  type KubeObject,
  canonicalJson,
  formatObjectId,
  isJsonList,
  isJsonObject,
  isKubeObject,
  objectIdOf,
} from "@wheelhouse/kube-object";
import {
  type Problem,
  type ProblemReason,
  parseYaml,
} from "@wheelhouse/fleet-model";
import {
  type Variables,
  invalidVariableNames,
  isSubstituteDisabled,
  substituteText,
} from "@wheelhouse/substitute";

/** A build's objects after substitution, or everything that is wrong with them. */
export type RenderedObjects =
  | {
      readonly ok: true;
      readonly objects: readonly KubeObject[];
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** One object of kustomize's output, with the text that Flux would substitute in. */
interface RenderedDocument {
  readonly text: string;
  readonly object: KubeObject;
}

type RenderedDocuments =
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
  const documents = cache.get(owner) ?? readDocuments(owner.output);
  cache.set(owner, documents);
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
  { text, object }: RenderedDocument,
  variables: Variables,
): RenderedObjects {
  const unchanged = { ok: true, objects: [object], warnings: [] } as const;
  if (isSubstituteDisabled(object) || !text.includes("$")) return unchanged;
  const subject = formatObjectId(objectIdOf(object));
  const result = substituteText(text, variables);
  if (!result.ok) {
    const line = text.split("\n")[result.line - 1]?.trim() ?? "";
    return failed(
      "SubstitutionFailed",
      subject,
      `${result.message} at ${JSON.stringify(line.slice(0, 120))}`,
    );
  }
  if (result.text === text) return unchanged;
  const parsed = parseYaml(subject, result.text);
  if (!parsed.ok) {
    return failed(
      "SubstitutionFailed",
      subject,
      `is no YAML after substitution: ${parsed.problem.message}`,
    );
  }
  const [value, second] = parsed.documents.map((document) => document.value);
  const problem = checkObject(value ?? null);
  if (problem !== undefined || second !== undefined) {
    return failed(
      "SubstitutionFailed",
      subject,
      "is no single object after substitution",
    );
  }
  return {
    ok: true,
    objects: [value as KubeObject],
    warnings: [
      ...result.missing.map((name) => blanked(subject, name)),
      ...changedTypes(object, value as KubeObject).map((path) =>
        changed(subject, path),
      ),
    ],
  };
}

function blanked(subject: string, name: string): Problem {
  return {
    reason: "VariableNotSet",
    subject,
    message: `\${${name}} is not set and becomes empty`,
    advice: `Set it, write $\${${name}} where it is not meant for us, or annotate the object kustomize.toolkit.fluxcd.io/substitute: disabled`,
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

/** Paths of texts that became null, a list or a map by substitution. */
function changedTypes(
  before: Json,
  after: Json | undefined,
  path = "",
): readonly string[] {
  if (typeof before === "string") {
    const isScalar = after !== null && typeof after !== "object";
    return isScalar ? [] : [path];
  }
  if (isJsonList(before)) {
    return isJsonList(after)
      ? before.flatMap((item, index) =>
          changedTypes(item, after[index], `${path}[${index}]`),
        )
      : [];
  }
  if (!isJsonObject(before) || !isJsonObject(after)) return [];
  return Object.entries(before).flatMap(([key, value]) =>
    Object.hasOwn(after, key)
      ? changedTypes(value, after[key], path === "" ? key : `${path}.${key}`)
      : [],
  );
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
