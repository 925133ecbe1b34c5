import { condition, generations, object, pairs } from "./object-parts.mjs";

const clusterScoped = { namespace: undefined };
const names = (status, reason, message) =>
  condition("NamesAccepted", status, reason, message);
const established = (status, reason, message) =>
  condition("Established", status, reason, message);

const definitionConditions = [
  ["no conditions", undefined],
  ["empty conditions", []],
  [
    "names accepted, installing",
    [
      names("True", "NoConflicts"),
      established(
        "False",
        "Installing",
        "the initial names have been accepted",
      ),
    ],
  ],
  [
    "established",
    [names("True", "NoConflicts"), established("True", "InitialNamesAccepted")],
  ],
  [
    "established is said first",
    [established("True", "InitialNamesAccepted"), names("True", "NoConflicts")],
  ],
  [
    "names taken",
    [
      names("False", "ListKindConflict", '"WidgetList" is already in use'),
      established("False", "NotAccepted", "not all names are accepted"),
    ],
  ],
  [
    "names taken after it was established",
    [
      established("True", "InitialNamesAccepted"),
      names("False", "PluralConflict"),
    ],
  ],
  [
    "not accepted",
    [established("False", "NotAccepted", "not all names are accepted")],
  ],
  ["only names accepted", [names("True", "NoConflicts")]],
  [
    "established is unknown",
    [names("True"), established("Unknown", "Waiting")],
  ],
  [
    "terminating",
    [
      names("True"),
      established("True"),
      condition("Terminating", "True", "InstanceDeletionInProgress"),
    ],
  ],
  [
    "schema is not structural",
    [
      names("True"),
      established("True"),
      condition("NonStructuralSchema", "True", "Violations"),
    ],
  ],
];

const definitions = pairs(
  [
    ["v1", "apiextensions.k8s.io/v1 CustomResourceDefinition"],
    ["v1beta1", "apiextensions.k8s.io/v1beta1 CustomResourceDefinition"],
  ],
  definitionConditions,
  (type, conditions) =>
    object(type, {
      metadata: clusterScoped,
      spec: { group: "example.org" },
      status: conditions === undefined ? undefined : { conditions },
    }),
).map(([name, value]) => [`CustomResourceDefinition: ${name}`, value]);

const apiServices = [
  ["no status", undefined],
  [
    "local",
    [
      condition(
        "Available",
        "True",
        "Local",
        "Local APIServices are always available",
      ),
    ],
  ],
  [
    "available",
    [condition("Available", "True", "Passed", "all checks passed")],
  ],
  [
    "no endpoints",
    [
      condition(
        "Available",
        "False",
        "MissingEndpoints",
        "endpoints for service/metrics-server have no addresses",
      ),
    ],
  ],
  [
    "service not found",
    [
      condition(
        "Available",
        "False",
        "ServiceNotFound",
        "service/metrics-server is not present",
      ),
    ],
  ],
  [
    "discovery fails",
    [condition("Available", "False", "FailedDiscoveryCheck", "no response")],
  ],
  ["unknown", [condition("Available", "Unknown", "Waiting")]],
].map(([name, conditions]) => [
  `APIService: ${name}`,
  object("apiregistration.k8s.io/v1 APIService", {
    metadata: { ...clusterScoped, generation: undefined },
    spec: { group: "metrics.k8s.io" },
    status: conditions === undefined ? undefined : { conditions },
  }),
]);

const namespaces = [
  ["active", { phase: "Active" }],
  ["no status", undefined],
  [
    "terminating",
    {
      phase: "Terminating",
      conditions: [
        condition("NamespaceContentRemaining", "True", "SomeResourcesRemain"),
      ],
    },
  ],
  [
    "cannot be emptied",
    {
      phase: "Active",
      conditions: [
        condition(
          "NamespaceDeletionDiscoveryFailure",
          "True",
          "DiscoveryFailed",
        ),
      ],
    },
  ],
].flatMap(([name, status]) => [
  [
    `Namespace: ${name}`,
    object("v1 Namespace", {
      metadata: { ...clusterScoped, generation: undefined },
      status,
    }),
  ],
  [
    `Namespace: ${name}, being deleted`,
    object("v1 Namespace", {
      metadata: {
        ...clusterScoped,
        generation: undefined,
        deletionTimestamp: "2026-03-02T08:00:00Z",
      },
      status,
    }),
  ],
]);

const unreported = [
  "v1 ConfigMap",
  "v1 Secret",
  "v1 ServiceAccount",
  "v1 LimitRange",
  "v1 Endpoints",
  "v1 PodTemplate",
  "rbac.authorization.k8s.io/v1 Role",
  "rbac.authorization.k8s.io/v1 RoleBinding",
  "rbac.authorization.k8s.io/v1 ClusterRole",
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding",
  "storage.k8s.io/v1 StorageClass",
  "storage.k8s.io/v1 CSIDriver",
  "scheduling.k8s.io/v1 PriorityClass",
  "networking.k8s.io/v1 NetworkPolicy",
  "networking.k8s.io/v1 IngressClass",
  "discovery.k8s.io/v1 EndpointSlice",
  "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration",
  "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration",
  "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding",
  "coordination.k8s.io/v1 Lease",
  "node.k8s.io/v1 RuntimeClass",
].map((type) => [
  `${type.split(" ")[1]}: as stored`,
  object(type, { metadata: { generation: undefined } }),
]);

const strange = [
  [
    "ConfigMap: that looks like a failed object",
    object("v1 ConfigMap", {
      data: { status: "Failed" },
      status: { conditions: [condition("Ready", "False")] },
    }),
  ],
  [
    "ConfigMap: stalled by somebody",
    object("v1 ConfigMap", {
      status: {
        conditions: [condition("Stalled", "True", "x", "says an operator")],
      },
    }),
  ],
  [
    "Secret: being deleted",
    object("v1 Secret", {
      metadata: { deletionTimestamp: "2026-03-02T08:00:00Z" },
    }),
  ],
  [
    "ResourceQuota: used",
    object("v1 ResourceQuota", {
      metadata: { generation: undefined },
      spec: { hard: { pods: "4" } },
      status: { hard: { pods: "4" }, used: { pods: "4" } },
    }),
  ],
  [
    "ReplicationController: starting",
    object("v1 ReplicationController", {
      spec: { replicas: 3 },
      status: { observedGeneration: 4, replicas: 1 },
    }),
  ],
  [
    "ReplicationController: old",
    object("v1 ReplicationController", {
      spec: { replicas: 3 },
      status: { observedGeneration: 3, replicas: 3 },
    }),
  ],
  [
    "ValidatingAdmissionPolicy: type checked",
    object("admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy", {
      status: { observedGeneration: 4, typeChecking: {} },
    }),
  ],
  [
    "ValidatingAdmissionPolicy: not type checked",
    object("admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy", {
      status: { observedGeneration: 2 },
    }),
  ],
  [
    "CertificateSigningRequest: approved",
    object("certificates.k8s.io/v1 CertificateSigningRequest", {
      metadata: { generation: undefined },
      status: { conditions: [condition("Approved", "True")] },
    }),
  ],
  [
    "CertificateSigningRequest: denied",
    object("certificates.k8s.io/v1 CertificateSigningRequest", {
      metadata: { generation: undefined },
      status: {
        conditions: [condition("Denied", "True"), condition("Failed", "True")],
      },
    }),
  ],
  [
    "FlowSchema: dangling",
    object("flowcontrol.apiserver.k8s.io/v1 FlowSchema", {
      status: { conditions: [condition("Dangling", "True", "NotFound")] },
    }),
  ],
  [
    "VolumeAttachment: not attached",
    object("storage.k8s.io/v1 VolumeAttachment", {
      metadata: { generation: undefined },
      status: { attached: false },
    }),
  ],
];

const networkPolicies = generations.map(([name, metadata, status]) => [
  `NetworkPolicy: ${name}`,
  object("networking.k8s.io/v1 NetworkPolicy", { metadata, status }),
]);

/** Definitions, API services, namespaces, and kinds that no controller reports on, each with its name. */
export const stored = [
  ...definitions,
  ...apiServices,
  ...namespaces,
  ...unreported,
  ...strange,
  ...networkPolicies,
];
