/**
 * Derives the committed table of facts about built-in kinds from a real API
 * server's discovery and OpenAPI v3 documents. Pure: documents in, table out.
 *
 * A field is one string:
 *   [flags] shape
 *   flags: `!` required, `~` always present as an empty struct,
 *          `<key>` strategic merge key, `<+>` strategic merge of scalars,
 *          `(value)` default that stands in for a missing list key
 *   shape: s string, i integer, n number, b boolean, q quantity,
 *          x integer or string, t time, d base64, * anything,
 *          @Type struct, {}shape granular map, {a}shape atomic map,
 *          [a]shape atomic list, [s]shape set, [m:k1,k2]shape list by keys
 */

/** Group versions that the simulated cluster serves, in discovery order. */
export const servedGroupVersions = [
  "v1",
  "apiregistration.k8s.io/v1",
  "apps/v1",
  "events.k8s.io/v1",
  "autoscaling/v2",
  "batch/v1",
  "certificates.k8s.io/v1",
  "networking.k8s.io/v1",
  "policy/v1",
  "rbac.authorization.k8s.io/v1",
  "storage.k8s.io/v1",
  "admissionregistration.k8s.io/v1",
  "apiextensions.k8s.io/v1",
  "scheduling.k8s.io/v1",
  "coordination.k8s.io/v1",
  "node.k8s.io/v1",
  "discovery.k8s.io/v1",
  "flowcontrol.apiserver.k8s.io/v1",
];

const prefixes = [
  "io.k8s.apimachinery.pkg.apis.",
  "io.k8s.apiextensions-apiserver.pkg.apis.",
  "io.k8s.kube-aggregator.pkg.apis.",
  "io.k8s.api.",
];
const wellKnown = new Map([
  ["io.k8s.apimachinery.pkg.api.resource.Quantity", "q"],
  ["io.k8s.apimachinery.pkg.util.intstr.IntOrString", "x"],
  ["io.k8s.apimachinery.pkg.apis.meta.v1.Time", "t"],
  ["io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", "t"],
  ["io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1", "*"],
  ["io.k8s.apimachinery.pkg.runtime.RawExtension", "*"],
]);
const scalars = { string: "s", integer: "i", number: "n", boolean: "b" };

const shortType = (name) => {
  const prefix = prefixes.find((each) => name.startsWith(each));
  return prefix === undefined ? name : name.slice(prefix.length);
};

const refOf = (schema) =>
  (schema.$ref ?? schema.allOf?.[0]?.$ref)?.split("/").pop();

function listShape(schema, shape) {
  const kind = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (kind === "map") return `[m:${keys.join(",")}]${shape}`;
  return `${kind === "set" ? "[s]" : "[a]"}${shape}`;
}

function createWalker(schemas) {
  const types = {};

  function structShape(name) {
    const schema = schemas[name];
    if (schema.properties === undefined) return shapeOf(schema);
    const short = shortType(name);
    if (!(short in types)) {
      types[short] = {};
      const fields = Object.keys(schema.properties).sort();
      types[short] = {
        ...(schema["x-kubernetes-map-type"] === "atomic"
          ? { atomic: true }
          : {}),
        fields: Object.fromEntries(
          fields.map((field) => [field, fieldShape(schema, field)]),
        ),
      };
    }
    return `@${short}`;
  }

  function shapeOf(schema) {
    const ref = refOf(schema);
    if (ref !== undefined) return wellKnown.get(ref) ?? structShape(ref);
    if (schema.type === "array")
      return listShape(schema, shapeOf(schema.items));
    if (schema.type === "object" && schema.additionalProperties) {
      const atomic = schema["x-kubernetes-map-type"] === "atomic";
      return `${atomic ? "{a}" : "{}"}${shapeOf(schema.additionalProperties)}`;
    }
    if (schema.format === "byte") return "d";
    return scalars[schema.type] ?? "*";
  }

  function fieldShape(owner, field) {
    const schema = owner.properties[field];
    const mergeKey = schema["x-kubernetes-patch-merge-key"];
    const merges = schema["x-kubernetes-patch-strategy"]?.includes("merge");
    const atomicStruct =
      schema["x-kubernetes-map-type"] === "atomic" &&
      refOf(schema) !== undefined;
    return [
      owner.required?.includes(field) ? "!" : "",
      JSON.stringify(schema.default) === "{}" ? "~" : "",
      merges ? `<${mergeKey ?? "+"}>` : "",
      ["string", "number", "boolean"].includes(typeof schema.default) &&
      schema.default !== "" &&
      schema.default !== 0
        ? `(${schema.default})`
        : "",
      atomicStruct ? "{a}*" : shapeOf(schema),
    ].join("");
  }

  return { types, structShape };
}

function typeNameOf(schemas, group, version, kind) {
  const hit = Object.entries(schemas).find(([, schema]) =>
    (schema["x-kubernetes-group-version-kind"] ?? []).some(
      (gvk) =>
        gvk.group === group && gvk.version === version && gvk.kind === kind,
    ),
  );
  return hit?.[0];
}

function resourceFacts(list, schemas, walker) {
  const [group, version] = list.groupVersion.includes("/")
    ? list.groupVersion.split("/")
    : ["", list.groupVersion];
  const whole = list.resources.filter((each) => !each.name.includes("/"));
  return whole
    .map((each) => {
      const typeName = typeNameOf(schemas, group, version, each.kind);
      if (typeName === undefined) return undefined;
      return {
        group,
        version,
        kind: each.kind,
        plural: each.name,
        singular: each.singularName || each.kind.toLowerCase(),
        namespaced: each.namespaced,
        ...(each.shortNames ? { shortNames: each.shortNames } : {}),
        ...(each.categories ? { categories: each.categories } : {}),
        verbs: each.verbs,
        type: walker.structShape(typeName).slice(1),
        subresources: list.resources
          .filter((sub) => sub.name.startsWith(`${each.name}/`))
          .map((sub) => ({
            name: sub.name.slice(each.name.length + 1),
            kind: sub.kind,
            ...(sub.group ? { group: sub.group } : {}),
            ...(sub.version ? { version: sub.version } : {}),
            verbs: sub.verbs,
          }))
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
      };
    })
    .filter((each) => each !== undefined)
    .sort((a, b) => (a.plural < b.plural ? -1 : 1));
}

/**
 * @param {{ version: string, lists: readonly object[], documents: Readonly<Record<string, object>> }} input
 *   `lists` are APIResourceLists, `documents` OpenAPI v3 documents by group version
 */
export function deriveFacts({ version, lists, documents }) {
  const resources = [];
  const types = {};
  for (const groupVersion of servedGroupVersions) {
    const list = lists.find((each) => each.groupVersion === groupVersion);
    const schemas = documents[groupVersion]?.components?.schemas;
    if (list === undefined || schemas === undefined)
      throw new Error(`${groupVersion}: not served by this API server`);
    const walker = createWalker(schemas);
    resources.push(...resourceFacts(list, schemas, walker));
    if (groupVersion === "v1")
      typeNameOf(schemas, "autoscaling", "v1", "Scale");
    Object.assign(types, walker.types);
  }
  const sorted = Object.keys(types).sort();
  return {
    version,
    resources,
    types: Object.fromEntries(sorted.map((name) => [name, types[name]])),
  };
}

/** The table as it is committed, before the formatter. */
export function printFacts(facts) {
  return `${JSON.stringify(facts, null, 2)}\n`;
}
