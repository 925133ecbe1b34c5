import { type LateReference } from "@wheelhouse/assignment";
import { type ApplyPort } from "@wheelhouse/kube-apply";
import { type KubeObject, isJsonObject } from "@wheelhouse/kube-object";

/** Values by name, as they stand in a ConfigMap or Secret. */
export type LiveValues = Readonly<Record<string, string>>;

/** How one object is read: as whom, and until when. */
export interface ReadOptions {
  readonly impersonate?: string;
  readonly signal?: AbortSignal;
}

/** Reads the object of a reference live; undefined where it is not there. Throws `KubeError`. */
export function readReference(
  port: Pick<ApplyPort, "get">,
  { kind, namespace, name }: Pick<LateReference, "kind" | "namespace" | "name">,
  options: ReadOptions,
): Promise<KubeObject | undefined> {
  return port.get(
    { group: "", version: "v1", kind },
    { namespace, name },
    options,
  );
}

/** The values of a ConfigMap or Secret; a Secret's are decoded as UTF-8, as Flux reads them. */
export function valuesOf(object: KubeObject): LiveValues {
  const data = object["data"];
  const entries = isJsonObject(data) ? Object.entries(data) : [];
  const isSecret = object.kind === "Secret";
  return Object.fromEntries(
    entries.flatMap(([key, value]) => {
      if (typeof value !== "string") return [];
      const text = isSecret
        ? Buffer.from(value, "base64").toString("utf8")
        : value;
      return [[key, text]];
    }),
  );
}
