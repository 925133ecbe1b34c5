import { type BundleName } from "@wheelhouse/assignment";
import {
  type Json,
  type JsonObject,
  type KubeObject,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { fluxObjectOf } from "./bundle-object.ts";
import { dependenciesOf } from "./dependency-problems.ts";
import { type ExploredBundle } from "./explored-bundle.ts";

/** The Flux objects that some ready expression is about, by bundle. */
export type AskedObjects = ReadonlyMap<BundleName, JsonObject>;

/** Collects the objects of both sides of every dependency with a `readyExpr`; no other bundle carries its object. */
export function objectsAskedAbout(
  bundles: readonly ExploredBundle[],
  selfName: string | undefined,
): AskedObjects {
  const asked = new Set<BundleName>();
  for (const bundle of bundles) {
    for (const { bundle: target, readyExpr } of dependenciesOf(
      bundle,
      selfName,
    )) {
      if (readyExpr === undefined) continue;
      asked.add(bundle.name).add(target);
    }
  }
  return new Map(
    bundles
      .filter(({ name }) => asked.has(name))
      .map((bundle) => {
        const object = fluxObjectOf(bundle)?.object;
        return [
          bundle.name,
          object === undefined ? nameless : writtenParts(object),
        ];
      }),
  );
}

/** The implicit root has no object of its own; what an expression asks of it is not there. */
const nameless: JsonObject = { metadata: {} };

/** What a person wrote of an object: its kind, name, labels, annotations and spec. */
function writtenParts({
  apiVersion,
  kind,
  metadata,
  ...rest
}: KubeObject): JsonObject {
  const { name, namespace, labels, annotations } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    ...(rest["spec"] === undefined ? {} : { spec: withoutWide(rest["spec"]) }),
  };
}

/** An envelope is plain JSON, which has no integers beyond 53 bits: the nearest number stands for one. */
function withoutWide(value: Json): Json {
  if (typeof value === "bigint") return Number(value);
  if (isJsonList(value)) return value.map(withoutWide);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, withoutWide(item)]),
  );
}
