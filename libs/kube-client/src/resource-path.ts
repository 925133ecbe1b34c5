import { KubeError, type ServedKind } from "@wheelhouse/kube-apply";
import { type ObjectId, formatObjectId } from "@wheelhouse/kube-object";
import { type RequestSubject } from "./kube-error-of.ts";

/** A query; undefined values are left out. */
export type Query = Readonly<Record<string, string | undefined>>;

/** The path of a kind's objects, in one namespace or, with an empty text, in all. Throws `invalid` where the namespace cannot stand in a path. */
export function collectionPath(kind: ServedKind, namespace: string): string {
  const { group, version } = kind.gvk;
  if (kind.namespaced && namespace !== "" && isNoSegment(namespace)) {
    const subject = `${kind.gvk.kind} in ${namespace}`;
    throw new KubeError("invalid", `${subject}: no namespace for a path`);
  }
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope =
    kind.namespaced && namespace !== ""
      ? `/namespaces/${encodeURIComponent(namespace)}`
      : "";
  return `${root}${scope}/${kind.resource}`;
}

/** The path of one object. Throws `invalid` where its namespace or name cannot stand in a path. */
export function objectPath(
  kind: ServedKind,
  id: Pick<ObjectId, "namespace" | "name">,
): string {
  const subject = `${kind.gvk.kind}/${id.name}`;
  if (kind.namespaced && id.namespace === "") {
    throw new KubeError("invalid", `${subject}: needs a namespace`);
  }
  if (isNoSegment(id.name)) {
    throw new KubeError("invalid", `${subject}: no name for a path`);
  }
  return `${collectionPath(kind, id.namespace)}/${encodeURIComponent(id.name)}`;
}

/** Whether a URL would lose or resolve a text that stands in its path; everything else is encoded. */
function isNoSegment(text: string): boolean {
  return text === "" || text === "." || text === "..";
}

/** A path with a query. */
export function withQuery(path: string, query: Query): string {
  const pairs = Object.entries(query).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  if (pairs.length === 0) return path;
  return `${path}?${new URLSearchParams(pairs).toString()}`;
}

/** What a request about an object, or about a kind, is called in messages. */
export function subjectOf(
  kind: { readonly group: string; readonly kind: string },
  id: Pick<ObjectId, "namespace" | "name"> | undefined,
): RequestSubject {
  return {
    text: id === undefined ? kind.kind : formatObjectId({ ...kind, ...id }),
    isSecret: kind.kind === "Secret" && kind.group === "",
  };
}
