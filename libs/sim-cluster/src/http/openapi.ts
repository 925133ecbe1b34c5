import { createHash } from "node:crypto";
import { type MapSchema, type Schema } from "../facts/schema.ts";
import { type JsonObject } from "../json.ts";
import {
  apiVersionOf,
  type Resource,
  type ResourceTable,
} from "../resource.ts";

const pathOf = (group: string, version: string) =>
  group === "" ? `api/${version}` : `apis/${group}/${version}`;

/** `/openapi/v3`: where the document of each group version is. */
export function openApiIndex(table: ResourceTable): JsonObject {
  const paths: JsonObject = {};
  for (const { group, version } of table.all()) {
    const path = pathOf(group, version);
    // Clients keep documents by this hash; custom resources change it.
    paths[path] ??= {
      serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(table, group, version)}`,
    };
  }
  return { paths };
}

function hashOf(table: ResourceTable, group: string, version: string): string {
  const isCustom = ofGroup(table, group, version).some(
    (each) => each.custom !== undefined,
  );
  return createHash("sha256")
    .update(`${group}/${version}/${isCustom ? table.generation : 0}`)
    .digest("hex")
    .toUpperCase();
}

const ofGroup = (table: ResourceTable, group: string, version: string) =>
  table
    .all()
    .filter((each) => each.group === group && each.version === version);

/** The OpenAPI v3 document of a group version, or undefined where nothing serves it. */
export function openApiDocument(
  table: ResourceTable,
  group: string,
  version: string,
): JsonObject | undefined {
  const resources = ofGroup(table, group, version);
  if (resources.length === 0) return undefined;
  const schemas: JsonObject = {};
  const paths: JsonObject = {};
  for (const resource of resources) {
    schemas[schemaName(resource)] = {
      ...mapSchema(resource.schema, schemas),
      "x-kubernetes-group-version-kind": [kindOf(resource)],
    };
    paths[objectPath(resource)] = objectOperations(resource);
  }
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "simulated" },
    paths,
    components: { schemas },
  };
}

const kindOf = ({ group, version, kind }: Resource) => ({
  group,
  version,
  kind,
});

const schemaName = (resource: Resource) =>
  resource.type ??
  [
    ...resource.group.split(".").reverse(),
    resource.version,
    resource.kind,
  ].join(".");

const objectPath = (resource: Resource) =>
  `/${pathOf(resource.group, resource.version)}${resource.namespaced ? "/namespaces/{namespace}" : ""}/${resource.plural}/{name}`;

/** Parameters by which kubectl learns that the server validates. */
const writeParameters = ["dryRun", "fieldManager", "fieldValidation", "force"];

function objectOperations(resource: Resource): JsonObject {
  const parameters = writeParameters.map((name) => ({
    name,
    in: "query",
    schema: {
      type: name === "force" ? "boolean" : "string",
      uniqueItems: true,
    },
  }));
  const operation = (action: string) => ({
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": kindOf(resource),
    operationId: `${action}${apiVersionOf(resource)}${resource.kind}`,
    parameters,
    responses: {
      "200": {
        description: "OK",
        content: {
          "application/json": {
            schema: { $ref: `#/components/schemas/${schemaName(resource)}` },
          },
        },
      },
    },
  });
  return {
    get: operation("get"),
    put: operation("put"),
    patch: operation("patch"),
  };
}

function mapSchema(schema: MapSchema, schemas: JsonObject): JsonObject {
  const properties: JsonObject = {};
  for (const [name, field] of schema.fields)
    properties[name] = shapeOf(field.schema, schemas);
  const required = [...schema.fields].flatMap(([name, field]) =>
    field.required ? [name] : [],
  );
  return {
    type: "object",
    ...(schema.fields.size === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
    ...(schema.element === undefined
      ? {}
      : { additionalProperties: shapeOf(schema.element, schemas) }),
    ...(schema.atomic ? { "x-kubernetes-map-type": "atomic" } : {}),
  };
}

const scalarTypes: Readonly<Record<string, JsonObject>> = {
  s: { type: "string" },
  d: { type: "string", format: "byte" },
  t: { type: "string", format: "date-time" },
  i: { type: "integer" },
  n: { type: "number" },
  b: { type: "boolean" },
  q: { oneOf: [{ type: "string" }, { type: "number" }] },
  x: {
    format: "int-or-string",
    oneOf: [{ type: "integer" }, { type: "string" }],
  },
};

function shapeOf(schema: Schema, schemas: JsonObject): JsonObject {
  switch (schema.kind) {
    case "any":
      return { "x-kubernetes-preserve-unknown-fields": true };
    case "scalar":
      return scalarTypes[schema.type] ?? {};
    case "list":
      return {
        type: "array",
        items: shapeOf(schema.element, schemas),
        "x-kubernetes-list-type": schema.list,
        ...(schema.keys.length > 0
          ? { "x-kubernetes-list-map-keys": [...schema.keys] }
          : {}),
      };
    case "map":
      return schema.name === "" || schema.fields.size === 0
        ? mapSchema(schema, schemas)
        : reference(schema, schemas);
  }
}

/** Named types are components, so that types that refer to themselves end. */
function reference(schema: MapSchema, schemas: JsonObject): JsonObject {
  if (!(schema.name in schemas)) {
    schemas[schema.name] = {};
    schemas[schema.name] = mapSchema(schema, schemas);
  }
  return { $ref: `#/components/schemas/${schema.name}` };
}
