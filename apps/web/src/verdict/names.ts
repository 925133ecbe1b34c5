import { type ObjectView } from "@wheelhouse/rest-api";

/** The first eight digits of a commit, root or digest; a dash for none. */
export function shortId(id: string | null): string {
  return id === null || id === ""
    ? "-"
    : id.replace(/^sha256:/, "").slice(0, 8);
}

/** `Deployment webapp/frontend`, or `Namespace webapp`. */
export function formatObject({ kind, namespace, name }: ObjectView): string {
  return namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** `webapp` of `Kustomization/flux-system/webapp`. */
export function bundleName(bundle: string): string {
  return bundle.split("/").at(-1) ?? bundle;
}

/** The shortest labels that tell the bundles apart: the name, else namespace/name, else all of it. */
export function labelBundles(
  bundles: readonly string[],
): ReadonlyMap<string, string> {
  const tails = (bundle: string) => {
    const parts = bundle.split("/");
    return parts.map((_, index) => parts.slice(-1 - index).join("/"));
  };
  const uses = new Map<string, number>();
  for (const tail of bundles.flatMap(tails)) {
    uses.set(tail, (uses.get(tail) ?? 0) + 1);
  }
  return new Map(
    bundles.map((bundle) => [
      bundle,
      tails(bundle).find((tail) => uses.get(tail) === 1) ?? bundle,
    ]),
  );
}

/** `1 cluster`, `3 clusters`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
