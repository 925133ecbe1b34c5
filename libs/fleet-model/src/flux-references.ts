import {
  type Json,
  type JsonObject,
  isDnsSubdomain,
} from "@wheelhouse/kube-object";
import {
  type FieldSteps,
  type ObjectReading,
  checkKnownFields,
  readList,
  readMap,
  readText,
  reportField,
  requireText,
} from "./field-reader.ts";
import { readReadyExpression } from "./flux-expressions.ts";

/** Where a bundle's files or chart come from. */
export interface FluxSourceRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A bundle that must come first. */
export interface FluxDependency {
  readonly namespace: string;
  readonly name: string;
  /** CEL in the place of whether it is Ready. */
  readonly readyExpr?: string;
}

/** Reads a reference to a source; one without a namespace means `namespace`. */
export function readSourceRef(
  reading: ObjectReading,
  value: Json | undefined,
  {
    path,
    namespace,
  }: { readonly path: FieldSteps; readonly namespace: string },
): FluxSourceRef {
  const ref = readMap(reading, value, path);
  return {
    kind: requireText(reading, ref["kind"], [...path, "kind"]),
    namespace:
      readText(reading, ref["namespace"], [...path, "namespace"]) ?? namespace,
    name: requireText(reading, ref["name"], [...path, "name"]),
  };
}

/** Reads `spec.dependsOn`; an entry without a namespace means `namespace`. */
export function readDependencies(
  reading: ObjectReading,
  spec: JsonObject,
  namespace: string,
): readonly FluxDependency[] {
  const path = ["spec", "dependsOn"];
  return readList(reading, spec["dependsOn"], path).map((item, index) => {
    const at = [...path, index];
    const dependency = readMap(reading, item, at);
    checkKnownFields(reading, dependency, at, [
      "name",
      "namespace",
      "readyExpr",
    ]);
    return {
      name: requireText(reading, dependency["name"], [...at, "name"]),
      namespace:
        readText(reading, dependency["namespace"], [...at, "namespace"]) ??
        namespace,
      ...readReadyExpression(reading, dependency["readyExpr"], [
        ...at,
        "readyExpr",
      ]),
    };
  });
}

/** Reads `spec.serviceAccountName`. An empty name is none, as in Flux. Any other must be an account's: it becomes a part of a user's name. */
export function readServiceAccount(
  reading: ObjectReading,
  spec: JsonObject,
): { readonly serviceAccountName?: string } {
  const path = ["spec", "serviceAccountName"];
  const serviceAccountName =
    readText(reading, spec["serviceAccountName"], path) ?? "";
  if (serviceAccountName === "") return {};
  if (!isDnsSubdomain(serviceAccountName)) {
    reportField(
      reading,
      path,
      `${JSON.stringify(serviceAccountName)} is no service account's name`,
      {
        advice:
          "Name an account of the object's own namespace, without the namespace",
      },
    );
    return {};
  }
  return { serviceAccountName };
}
