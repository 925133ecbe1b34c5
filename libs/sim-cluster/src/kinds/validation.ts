import {
  equalJson,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "../json.ts";
import { type Resource } from "../resource.ts";
import { type FieldProblem } from "../status-failure.ts";
import { nameProblems } from "./names.ts";

/** A ConfigMap or Secret holds at most 1 MiB. */
const maxDataBytes = 1024 * 1024;

type Check = (object: JsonObject) => FieldProblem[];
type UpdateCheck = (next: JsonObject, live: JsonObject) => FieldProblem[];

const problem = (
  kind: FieldProblem["kind"],
  field: string,
  detail: string,
  value?: Json,
): FieldProblem => ({
  kind,
  field,
  detail,
  ...(value === undefined ? {} : { value }),
});

/** What is wrong with a new object of a built-in kind. */
export function validateCreate(
  resource: Resource,
  object: JsonObject,
): FieldProblem[] {
  return [
    ...nameProblems(resource, object),
    ...(checks[resource.type ?? ""]?.(object) ?? []),
  ];
}

/** What an update may not do. */
export function validateUpdate(
  resource: Resource,
  next: JsonObject,
  live: JsonObject,
): FieldProblem[] {
  const type = resource.type ?? "";
  return [
    ...(updateChecks[type]?.(next, live) ?? []),
    ...(checks[type]?.(next) ?? []),
  ];
}

function podTemplate(spec: JsonObject, path: string): FieldProblem[] {
  const containers = listAt(spec, "containers").filter(isObject);
  if (containers.length === 0)
    return [problem("required", `${path}.containers`, "")];
  return [
    ...containers.flatMap((container, index) => {
      const at = `${path}.containers[${index}]`;
      return [
        ...(stringAt(container, "name") === ""
          ? [problem("required", `${at}.name`, "")]
          : []),
        ...(stringAt(container, "image") === ""
          ? [problem("required", `${at}.image`, "")]
          : []),
        ...repeatedNames(container, "ports", at),
      ];
    }),
    ...repeatedNames(spec, "containers", path),
  ];
}

/** The names in a list, where no two items that have one may have the same. */
function repeatedNames(
  holder: JsonObject,
  list: string,
  path: string,
): FieldProblem[] {
  const names = new Set<string>();
  return listAt(holder, list)
    .filter(isObject)
    .flatMap((item, index) => {
      const name = stringAt(item, "name");
      const isNew = name === "" || !names.has(name);
      names.add(name);
      const at = `${path}.${list}[${index}].name`;
      return isNew ? [] : [problem("duplicate", at, "", name)];
    });
}

function workload(object: JsonObject): FieldProblem[] {
  const spec = objectAt(object, "spec");
  const template = objectAt(spec, "template");
  const pods = podTemplate(objectAt(template, "spec"), "spec.template.spec");
  const selector = spec["selector"];
  if (!isObject(selector))
    return [
      problem("required", "spec.selector", ""),
      problem(
        "invalid",
        "spec.template.metadata.labels",
        "`selector` does not match template `labels`",
        objectAt(template, "metadata")["labels"] ?? null,
      ),
      ...pods,
    ];
  const labels = objectAt(objectAt(template, "metadata"), "labels");
  const matches = Object.entries(objectAt(selector, "matchLabels")).every(
    ([key, value]) => labels[key] === value,
  );
  return [
    ...negative(spec, "replicas"),
    ...(matches
      ? []
      : [
          problem(
            "invalid",
            "spec.template.metadata.labels",
            "`selector` does not match template `labels`",
            labels,
          ),
        ]),
    ...pods,
  ];
}

function negative(spec: JsonObject, key: string): FieldProblem[] {
  const value = spec[key];
  if (typeof value !== "number" || value >= 0) return [];
  return [
    problem(
      "invalid",
      `spec.${key}`,
      "must be greater than or equal to 0",
      value,
    ),
  ];
}

const dataSize = (object: JsonObject) =>
  ["data", "binaryData"].reduce(
    (sum, key) =>
      sum +
      Object.values(objectAt(object, key)).reduce<number>(
        (each, value) => each + valueBytes(key, object, value),
        0,
      ),
    0,
  );

function valueBytes(key: string, object: JsonObject, value: Json): number {
  const text = String(value);
  const encoded = key === "binaryData" || object["kind"] === "Secret";
  return Buffer.byteLength(text, encoded ? "base64" : "utf8");
}

function dataKeys(object: JsonObject): FieldProblem[] {
  return ["data", "binaryData"].flatMap((part) =>
    Object.keys(objectAt(object, part)).flatMap((key) =>
      /^[-._a-zA-Z0-9]{1,253}$/.test(key)
        ? []
        : [
            problem(
              "invalid",
              `${part}[${key}]`,
              "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
              key,
            ),
          ],
    ),
  );
}

const configMap: Check = (object) => [
  ...dataKeys(object),
  ...(dataSize(object) > maxDataBytes
    ? [problem("long", "[]", `may not be more than ${maxDataBytes} bytes`)]
    : []),
];

const secret: Check = (object) => [
  ...dataKeys(object),
  ...(dataSize(object) > maxDataBytes
    ? [problem("long", "data", `may not be more than ${maxDataBytes} bytes`)]
    : []),
];

function service(object: JsonObject): FieldProblem[] {
  const spec = objectAt(object, "spec");
  const headless = spec["clusterIP"] === "None";
  const ports = listAt(spec, "ports").filter(isObject);
  if (ports.length > 0 || headless) {
    const unnamed = ports.flatMap((port, index) =>
      ports.length > 1 && stringAt(port, "name") === ""
        ? [problem("required", `spec.ports[${index}].name`, "")]
        : [],
    );
    return [...unnamed, ...repeatedNames(spec, "ports", "spec")];
  }
  if (spec["type"] === "ExternalName") return [];
  return [problem("required", "spec.ports", "")];
}

function definition(object: JsonObject): FieldProblem[] {
  const spec = objectAt(object, "spec");
  const names = objectAt(spec, "names");
  const wanted = `${stringAt(names, "plural")}.${stringAt(spec, "group")}`;
  const name = stringAt(objectAt(object, "metadata"), "name");
  const missing = listAt(spec, "versions")
    .filter(isObject)
    .flatMap((version, index) =>
      isObject(objectAt(version, "schema")["openAPIV3Schema"])
        ? []
        : [
            problem(
              "required",
              `spec.versions[${index}].schema.openAPIV3Schema`,
              "schemas are required",
            ),
          ],
    );
  return [
    ...(name === wanted
      ? []
      : [
          problem(
            "invalid",
            "metadata.name",
            'must be spec.names.plural+"."+spec.group',
            name,
          ),
        ]),
    ...missing,
  ];
}

const checks: Readonly<Record<string, Check>> = {
  "core.v1.ConfigMap": configMap,
  "core.v1.Secret": secret,
  "core.v1.Service": service,
  "core.v1.Pod": (object) => podTemplate(objectAt(object, "spec"), "spec"),
  "apps.v1.Deployment": workload,
  "apps.v1.ReplicaSet": workload,
  "apps.v1.StatefulSet": workload,
  "apps.v1.DaemonSet": workload,
  "batch.v1.Job": (object) => {
    const spec = objectAt(objectAt(object, "spec"), "template");
    const pod = objectAt(spec, "spec");
    const policy = stringAt(pod, "restartPolicy");
    return [
      ...podTemplate(pod, "spec.template.spec"),
      ...(policy === "Always"
        ? [
            problem(
              "unsupported",
              "spec.template.spec.restartPolicy",
              'supported values: "OnFailure", "Never"',
              policy,
            ),
          ]
        : []),
    ];
  },
  "apiextensions.v1.CustomResourceDefinition": definition,
};

const immutable =
  (path: readonly string[], printed?: (value: Json) => Json): UpdateCheck =>
  (next, live) => {
    const at = (object: JsonObject) =>
      path.reduce<Json | undefined>(
        (value, key) => (isObject(value) ? value[key] : undefined),
        object,
      );
    const value = at(next) ?? null;
    if (equalJson(value, at(live) ?? null)) return [];
    return [
      problem(
        "invalid",
        path.join("."),
        "field is immutable",
        printed?.(value) ?? value,
      ),
    ];
  };

const lockedData: UpdateCheck = (next, live) => {
  if (live["immutable"] !== true) return [];
  const unlocked = next["immutable"] !== true;
  return [
    ...(unlocked
      ? [
          problem(
            "forbidden",
            "immutable",
            "field is immutable when `immutable` is set",
          ),
        ]
      : []),
    ...["data", "binaryData"].flatMap((key) =>
      equalJson(next[key] ?? null, live[key] ?? null)
        ? []
        : [
            problem(
              "forbidden",
              key,
              "field is immutable when `immutable` is set",
            ),
          ],
    ),
  ];
};

const statefulSetMutable = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

function statefulSet(next: JsonObject, live: JsonObject): FieldProblem[] {
  const fixed = (object: JsonObject) =>
    Object.fromEntries(
      Object.entries(objectAt(object, "spec")).filter(
        ([key]) => !statefulSetMutable.includes(key),
      ),
    );
  if (equalJson(fixed(next), fixed(live))) return [];
  return [
    problem(
      "forbidden",
      "spec",
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ),
  ];
}

function serviceUpdate(next: JsonObject, live: JsonObject): FieldProblem[] {
  const before = stringAt(objectAt(live, "spec"), "clusterIP");
  const spec = objectAt(next, "spec");
  const after = stringAt(spec, "clusterIP");
  if (before === after || spec["type"] === "ExternalName") return [];
  return [
    problem("invalid", "spec.clusterIPs[0]", "may not change once set", [
      after,
    ]),
  ];
}

function claimUpdate(next: JsonObject, live: JsonObject): FieldProblem[] {
  const fixed = (object: JsonObject) => {
    const {
      resources: _r,
      volumeName: _v,
      volumeAttributesClassName: _c,
      ...rest
    } = objectAt(object, "spec");
    return rest;
  };
  if (equalJson(fixed(next), fixed(live))) return [];
  return [
    problem(
      "forbidden",
      "spec",
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    ),
  ];
}

const updateChecks: Readonly<Record<string, UpdateCheck>> = {
  "apps.v1.Deployment": immutable(["spec", "selector"]),
  "apps.v1.ReplicaSet": immutable(["spec", "selector"]),
  "apps.v1.DaemonSet": immutable(["spec", "selector"]),
  "apps.v1.StatefulSet": statefulSet,
  "batch.v1.Job": (next, live) => [
    ...immutable(["spec", "selector"])(next, live),
    ...immutable(["spec", "completionMode"])(next, live),
    ...immutable(["spec", "template"])(next, live),
  ],
  "core.v1.Service": serviceUpdate,
  "core.v1.PersistentVolumeClaim": claimUpdate,
  "core.v1.ConfigMap": lockedData,
  "core.v1.Secret": (next, live) => [
    ...lockedData(next, live),
    ...immutable(["type"])(next, live),
  ],
  "rbac.v1.RoleBinding": roleRef,
  "rbac.v1.ClusterRoleBinding": roleRef,
  "storage.v1.StorageClass": (next, live) => [
    ...immutable(["parameters"])(next, live),
    ...immutable(["provisioner"])(next, live),
    ...immutable(["reclaimPolicy"])(next, live),
    ...immutable(["volumeBindingMode"])(next, live),
  ],
};

/** The message shows the server's internal form. */
function internalRole(binding: JsonObject): Json {
  const role = objectAt(binding, "roleRef");
  return {
    APIGroup: stringAt(role, "apiGroup"),
    Kind: stringAt(role, "kind"),
    Name: stringAt(role, "name"),
  };
}

function roleRef(next: JsonObject, live: JsonObject): FieldProblem[] {
  if (equalJson(next["roleRef"] ?? null, live["roleRef"] ?? null)) return [];
  return [
    problem("invalid", "roleRef", "cannot change roleRef", internalRole(next)),
  ];
}
