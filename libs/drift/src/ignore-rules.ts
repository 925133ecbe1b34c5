import { type IgnoreRule, type IgnoreTarget } from "@wheelhouse/assignment";
import {
  type KubeObject,
  type Labels,
  gvkOf,
  isJsonObject,
  matchesSelector,
  objectIdOf,
  parseSelector,
} from "@wheelhouse/kube-object";

/** Longest regular expression of an ignore target, in characters. */
const maxPatternLength = 256;

/** Whether a rule is about an object: every field of its target matches, the texts as anchored regular expressions. */
export function matchesIgnoreTarget(
  target: IgnoreTarget | undefined,
  object: KubeObject,
): boolean {
  if (target === undefined) return true;
  const { version } = gvkOf(object);
  const id = objectIdOf(object);
  return (
    matchesPattern(target.group, id.group) &&
    matchesPattern(target.version, version) &&
    matchesPattern(target.kind, id.kind) &&
    matchesPattern(target.name, id.name) &&
    matchesPattern(target.namespace, id.namespace) &&
    matchesLabels(target.labelSelector, object.metadata["labels"]) &&
    matchesLabels(target.annotationSelector, object.metadata["annotations"])
  );
}

/** What is wrong with a rule, in words; empty where it is fine. A rule with a problem matches nothing. */
export function checkIgnoreRule(rule: IgnoreRule): readonly string[] {
  const problems: string[] = [];
  const { labelSelector, annotationSelector, ...patterns } = rule.target ?? {};
  for (const [field, pattern] of Object.entries(patterns)) {
    if (pattern !== undefined && parsePattern(pattern) === undefined) {
      problems.push(
        `target.${field}: ${pattern} is not a regular expression that can be used`,
      );
    }
  }
  for (const [field, selector] of Object.entries({
    labelSelector,
    annotationSelector,
  })) {
    const result = parseSelector(selector ?? "");
    if (!result.ok) problems.push(`target.${field}: ${result.problem}`);
  }
  for (const path of rule.paths) {
    if (path !== "" && !path.startsWith("/")) {
      problems.push(`paths: ${path} is not a JSON Pointer`);
    }
  }
  return problems;
}

function matchesPattern(pattern: string | undefined, value: string): boolean {
  if (pattern === undefined || pattern === "") return true;
  return parsePattern(pattern)?.test(value) ?? false;
}

/** A repetition of what holds a repetition: it can take for ever to find that a text does not match. */
const nestedRepetition = /[*+}][^()]*\)[*+{]/;

/** Reads a pattern as Go would, as far as both languages agree; `(?i)` in front is known. */
function parsePattern(pattern: string): RegExp | undefined {
  if (pattern.length > maxPatternLength) return undefined;
  if (nestedRepetition.test(pattern)) return undefined;
  const isCaseless = pattern.startsWith("(?i)");
  const rest = isCaseless ? pattern.slice(4) : pattern;
  try {
    return new RegExp(`^(?:${rest})$`, isCaseless ? "i" : "");
  } catch {
    // The hub refuses such a rule; one that came here all the same matches nothing.
    return undefined;
  }
}

function matchesLabels(selector: string | undefined, labels: unknown): boolean {
  if (selector === undefined || selector === "") return true;
  const result = parseSelector(selector);
  const present = (isJsonObject(labels) ? labels : {}) as Labels;
  return result.ok && matchesSelector(result.selector, present);
}
