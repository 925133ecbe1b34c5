import { parseYaml } from "@wheelhouse/fleet-model";
import {
  type Json,
  type KubeObject,
  isJsonList,
  isJsonObject,
  isKubeObject,
} from "@wheelhouse/kube-object";
import {
  type Variables,
  isSubstituteDisabled,
  substituteText,
} from "./substitute.ts";

/** One object of kustomize's output, with the text that Flux would substitute in. */
export interface RenderedDocument {
  readonly text: string;
  readonly object: KubeObject;
}

/** An object after substitution, or why there is none. */
export type DocumentResult =
  | {
      readonly ok: true;
      /** The very object that was given where nothing changed. */
      readonly object: KubeObject;
      /** Variables that were needed and not set, sorted: each became empty. */
      readonly missing: readonly string[];
      /** Paths of texts that became null, a list or a map, but for what a variable that is not set left empty: `missing` tells of it. */
      readonly changedTypes: readonly string[];
    }
  | {
      readonly ok: false;
      /** `expression`: Flux refuses the text; `yaml`: the result is none; `object`: it is not one Kubernetes object. */
      readonly problem: "expression" | "yaml" | "object";
      /** May quote values: not to be shown where these are secret. */
      readonly message: string;
      /** The line of the text before substitution where a refused expression begins. */
      readonly line?: string;
    };

/** Substitutes variables in one object's text and reads it again, as Flux does object by object. */
export function substituteDocument(
  { text, object }: RenderedDocument,
  variables: Variables,
): DocumentResult {
  const unchanged = {
    ok: true,
    object,
    missing: [],
    changedTypes: [],
  } as const;
  if (isSubstituteDisabled(object) || !text.includes("$")) return unchanged;
  const result = substituteText(text, variables);
  if (!result.ok) {
    const line = text.split("\n")[result.line - 1]?.trim() ?? "";
    const { message } = result;
    return { ok: false, problem: "expression", message, line };
  }
  if (result.text === text) return unchanged;
  const parsed = parseYaml("rendered", result.text);
  if (!parsed.ok) {
    return { ok: false, problem: "yaml", message: parsed.problem.message };
  }
  const [first, second] = parsed.documents;
  if (first === undefined || second !== undefined) return notOneObject;
  if (!isKubeObject(first.value)) return notOneObject;
  return {
    ok: true,
    object: first.value,
    missing: result.missing,
    changedTypes: changedTypes(object, first.value, (before) =>
      isLeftEmpty(before, variables),
    ),
  };
}

/** Whether nothing is left of a text, since a variable in it is not set. */
function isLeftEmpty(before: string, variables: Variables): boolean {
  const result = substituteText(before, variables);
  return result.ok && result.missing.length > 0 && result.text.trim() === "";
}

const notOneObject: DocumentResult = {
  ok: false,
  problem: "object",
  message: "is no single object after substitution",
};

/** Paths of texts that became null, a list or a map by substitution, without those that are told of otherwise. */
function changedTypes(
  before: Json,
  after: Json | undefined,
  isToldOf: (before: string) => boolean,
  path = "",
): readonly string[] {
  if (typeof before === "string") {
    const isScalar = after !== null && typeof after !== "object";
    return isScalar || isToldOf(before) ? [] : [path];
  }
  if (isJsonList(before)) {
    return isJsonList(after)
      ? before.flatMap((item, index) =>
          changedTypes(item, after[index], isToldOf, `${path}[${index}]`),
        )
      : [];
  }
  if (!isJsonObject(before) || !isJsonObject(after)) return [];
  return Object.entries(before).flatMap(([key, value]) =>
    Object.hasOwn(after, key)
      ? changedTypes(
          value,
          after[key],
          isToldOf,
          path === "" ? key : `${path}.${key}`,
        )
      : [],
  );
}
