import { type KubeObject, isJsonObject } from "@wheelhouse/kube-object";
import { expand, hasDefault } from "./expansion.ts";
import { type TemplateNode, parseTemplate } from "./template.ts";

/** Values by name. */
export type Variables = Readonly<Record<string, string>>;

/** A text with its variables substituted, or why Flux refuses it. */
export type SubstituteResult =
  | {
      readonly ok: true;
      readonly text: string;
      /** Variables that were needed and not set, sorted: each became empty. */
      readonly missing: readonly string[];
    }
  | {
      readonly ok: false;
      readonly message: string;
      /** The line of the text where the refused expression begins, 1-based. */
      readonly line: number;
    };

/** What a substituted text may grow to, in UTF-16 units. */
const maxSubstitutedLength = 16 * 1024 * 1024;

/**
 * Substitutes variables in a text, exactly as Flux's post-build substitution
 * does. It knows nothing of YAML: a value can change the meaning of what
 * stands around it.
 */
export function substituteText(
  text: string,
  variables: Variables,
): SubstituteResult {
  const template = parseTemplate(text);
  if (!template.ok) {
    const line = text.slice(0, template.offset).split("\n").length;
    return { ok: false, message: template.message, line };
  }
  const missing = new Set<string>();
  let output = "";
  for (const node of template.nodes) {
    output += evaluate(node, variables, missing);
    if (output.length > maxSubstitutedLength) {
      return {
        ok: false,
        message: `grows beyond ${maxSubstitutedLength} characters`,
        line: 1,
      };
    }
  }
  return { ok: true, text: output, missing: [...missing].sort() };
}

function evaluate(
  node: TemplateNode,
  variables: Variables,
  missing: Set<string>,
): string {
  if (node.kind === "text") return node.text;
  const args = node.args.map((arg) => evaluate(arg, variables, missing));
  const isSet = Object.hasOwn(variables, node.name);
  if (!isSet && !hasDefault(node.operator)) missing.add(node.name);
  const value = isSet ? (variables[node.name] ?? "") : "";
  return expand(value, node.operator, args);
}

const variableName = /^[_A-Za-z][_A-Za-z0-9]*$/;

/** The names that Flux would refuse, sorted; one is enough to refuse the whole Kustomization. */
export function invalidVariableNames(variables: Variables): readonly string[] {
  return Object.keys(variables)
    .filter((name) => !variableName.test(name))
    .sort();
}

/** Merges values, later ones over earlier; line feeds are taken out, as in Flux. */
export function mergeVariables(...sources: readonly Variables[]): Variables {
  const merged = Object.create(null) as Record<string, string>;
  for (const source of sources) {
    for (const [name, value] of Object.entries(source)) {
      merged[name] = value.replaceAll("\n", "");
    }
  }
  return merged;
}

const substituteKey = "kustomize.toolkit.fluxcd.io/substitute";

/** Whether an object's label or annotation asks to be left as it is. */
export function isSubstituteDisabled({ metadata }: KubeObject): boolean {
  return [metadata["labels"], metadata["annotations"]].some(
    (texts) => isJsonObject(texts) && texts[substituteKey] === "disabled",
  );
}
