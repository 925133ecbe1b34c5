import {
  isObject,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";

/** What becomes of a pod. */
export type PodBehaviour = "ready" | "never-ready" | "fail";

/** Annotation that says what becomes of a pod or claim: `never-ready` or `fail`. */
const simulateAnnotation = "wheelhouse.dev/simulate";

/** What an annotation asks for; undefined where it asks for nothing. */
export function askedBehaviour(object: JsonObject): PodBehaviour | undefined {
  const asked = objectAt(objectAt(object, "metadata"), "annotations")[
    simulateAnnotation
  ];
  return asked === "never-ready" || asked === "fail" ? asked : undefined;
}

/** By annotation, else `never-ready` when the last part of an image has the word `bad` in it (`app:v2-bad`, not `badger:v2`). */
export function podBehaviour(pod: JsonObject): PodBehaviour {
  const bad = listAt(objectAt(pod, "spec"), "containers")
    .filter(isObject)
    .some((each) =>
      /(^|[^a-z])bad([^a-z]|$)/.test(
        stringAt(each, "image").split("/").pop() ?? "",
      ),
    );
  return askedBehaviour(pod) ?? (bad ? "never-ready" : "ready");
}
