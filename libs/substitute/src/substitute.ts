import {
  type KubeObject,
  fluxAnnotationGroup,
  isJsonObject,
} from "@wheelhouse/kube-object";
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

/** What a value may be long, in UTF-16 units, where a pattern is taken off its ends: the work grows with its square. */
const maxTrimmedLength = 1_024;

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
  const run: Run = {
    variables,
    missing: new Set(),
    left: maxSubstitutedLength,
  };
  let output = "";
  for (const node of template.nodes) {
    const piece = evaluate(node, run);
    if (!piece.ok) {
      return { ...piece, line: output.split("\n").length };
    }
    output += piece.text;
  }
  return { ok: true, text: output, missing: [...run.missing].sort() };
}

/** One substitution under way: what it knows, what it lacked, and how much more it may write. */
interface Run {
  readonly variables: Variables;
  readonly missing: Set<string>;
  left: number;
}

type Piece =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

function evaluate(node: TemplateNode, run: Run): Piece {
  if (node.kind === "text") return spend(node.text, run);
  const args: string[] = [];
  for (const arg of node.args) {
    const piece = evaluate(arg, run);
    if (!piece.ok) return piece;
    args.push(piece.text);
  }
  const { name, operator } = node;
  const isSet = Object.hasOwn(run.variables, name);
  if (!isSet && !hasDefault(operator)) run.missing.add(name);
  const value = isSet ? (run.variables[name] ?? "") : "";
  return (
    refuseCost(value, operator, args) ??
    spend(expand(value, operator, args), run)
  );
}

function spend(text: string, run: Run): Piece {
  run.left -= text.length;
  return run.left >= 0 ? { ok: true, text } : tooLong;
}

const tooLong: Piece = {
  ok: false,
  message: `grows beyond ${maxSubstitutedLength} characters`,
};

/** Refuses, before it is begun, what an author could write to keep us busy for hours. */
function refuseCost(
  value: string,
  operator: string,
  args: readonly string[],
): Piece | undefined {
  const [sought = "", by = ""] = args;
  if (operator === "//") {
    const places = value.length / Math.max(sought.length, 1) + 1;
    return value.length + places * by.length > maxSubstitutedLength
      ? tooLong
      : undefined;
  }
  const isTrim = /^[#%]/.test(operator) && args.length > 0;
  return isTrim && value.length > maxTrimmedLength
    ? {
        ok: false,
        message: `takes a pattern off a value of more than ${maxTrimmedLength} characters`,
      }
    : undefined;
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

const substituteKey = `${fluxAnnotationGroup}/substitute`;

/** Whether an object's label or annotation asks to be left as it is. */
export function isSubstituteDisabled({ metadata }: KubeObject): boolean {
  return [metadata["labels"], metadata["annotations"]].some(
    (texts) => isJsonObject(texts) && texts[substituteKey] === "disabled",
  );
}
