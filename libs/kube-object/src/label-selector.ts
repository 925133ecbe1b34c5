/** Labels or annotations: text by key. */
export type Labels = Readonly<Record<string, string>>;

/** One demand of a selector, in the words of Kubernetes' LabelSelectorRequirement. */
export interface SelectorRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values: readonly string[];
}

/** A Kubernetes label selector: all of it must hold; an empty one selects everything. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly SelectorRequirement[];
}

/** Whether labels fulfil a selector. As in Kubernetes, `NotIn` holds for an absent key. */
export function matchesSelector(
  selector: LabelSelector,
  labels: Labels,
): boolean {
  const expected = Object.entries(selector.matchLabels ?? {});
  return (
    expected.every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every((requirement) =>
      matchesRequirement(requirement, labels),
    )
  );
}

function matchesRequirement(
  { key, operator, values }: SelectorRequirement,
  labels: Labels,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

/** The outcome of reading a selector's text. */
export type SelectorResult =
  | { readonly ok: true; readonly selector: LabelSelector }
  | { readonly ok: false; readonly problem: string };

const valueForm = /^[-A-Za-z0-9_.]*$/;
const key = String.raw`[A-Za-z0-9][-A-Za-z0-9_./]*`;
const setForm = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const equalForm = new RegExp(`^(${key})\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)$`);
const existsForm = new RegExp(`^(!?)\\s*(${key})$`);

/** Reads the standard selector text, such as `env=production,region in (eu,us),!edge`. */
export function parseSelector(text: string): SelectorResult {
  const requirements: SelectorRequirement[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const requirement = parseRequirement(part.trim());
    if (requirement === undefined) {
      return { ok: false, problem: `cannot read ${JSON.stringify(part)}` };
    }
    requirements.push(requirement);
  }
  return { ok: true, selector: { matchExpressions: requirements } };
}

function splitOutsideParentheses(text: string): string[] {
  return text.trim() === "" ? [] : text.split(/,(?![^(]*\))/);
}

function parseRequirement(part: string): SelectorRequirement | undefined {
  const set = setForm.exec(part);
  if (set?.[1] !== undefined) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim());
    if (!values.every((value) => valueForm.test(value))) return undefined;
    const operator = set[2] === "in" ? "In" : "NotIn";
    return { key: set[1], operator, values };
  }
  const equal = equalForm.exec(part);
  if (equal?.[1] !== undefined) {
    const operator = equal[2] === "!=" ? "NotIn" : "In";
    return { key: equal[1], operator, values: [equal[3] ?? ""] };
  }
  const exists = existsForm.exec(part);
  if (exists?.[2] === undefined) return undefined;
  const operator = exists[1] === "!" ? "DoesNotExist" : "Exists";
  return { key: exists[2], operator, values: [] };
}
