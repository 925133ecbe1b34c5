import {
  conditionLine,
  isAbsent,
  isAlive,
  isIn,
  type StageRule,
} from "./kwok-stage.ts";

const volumeLabel = "wheelhouse.dev/fake-volume";

/** What a cloud would do: nodes that are Ready, addresses for load balancers, volumes for claims. */
export const infrastructureStages: readonly StageRule[] = [
  {
    // kwok looks after the pods of a node only when it has a rule for nodes; this one makes any further node Ready.
    name: "node-ready",
    kind: "Node",
    when: [
      isAlive,
      isIn(
        '.status.conditions // [] | map(select(.type == "Ready" and .status == "True")) | length > 0',
        "false",
      ),
    ],
    then: { status: ["conditions:", conditionLine("Ready", true)] },
  },
  {
    name: "load-balancer-address",
    kind: "Service",
    when: [
      isAlive,
      isIn(".spec.type", "LoadBalancer"),
      isAbsent(".status.loadBalancer.ingress"),
    ],
    then: {
      status: ["loadBalancer:", "  ingress:", "  - ip: {{ .spec.clusterIP }}"],
    },
  },
  {
    // A volume that names its claim is bound to it by the controller manager, with or without a storage class.
    name: "claim-volume",
    kind: "PersistentVolumeClaim",
    when: [
      isAlive,
      isIn(".status.phase", "Pending"),
      isAbsent(".spec.volumeName"),
    ],
    then: {
      apply: [
        "apiVersion: v1",
        "kind: PersistentVolume",
        "metadata:",
        "  name: fake-{{ .metadata.uid }}",
        `  labels: {${volumeLabel}: "true"}`,
        "spec:",
        '  storageClassName: {{ or .spec.storageClassName "" | Quote }}',
        "  accessModes: {{ .spec.accessModes | toJson }}",
        "  capacity: {{ .spec.resources.requests | toJson }}",
        "  persistentVolumeReclaimPolicy: Retain",
        "  hostPath: {path: /nowhere}",
        "  claimRef:",
        "    apiVersion: v1",
        "    kind: PersistentVolumeClaim",
        "    namespace: {{ .metadata.namespace }}",
        "    name: {{ .metadata.name }}",
        "    uid: {{ .metadata.uid }}",
      ],
    },
  },
  {
    name: "released-volume",
    kind: "PersistentVolume",
    when: [
      isAlive,
      isIn(`.metadata.labels["${volumeLabel}"]`, "true"),
      isIn(".status.phase", "Released"),
    ],
    then: { delete: true },
  },
];
