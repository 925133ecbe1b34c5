/** A difference that is known, and why it is there. */
export interface KnownDifference {
  readonly subject: string;
  readonly simulated: string;
  readonly real: string;
  /** Which observed differences this covers; absent where no sequence can show it. */
  readonly covers?: { readonly sequence?: RegExp; readonly at: RegExp };
}

const observed: readonly KnownDifference[] = [
  {
    subject: "A body of another kind than the path's",
    simulated: 'refused: `no kind "Secret" is registered`',
    real: "refused with the same code: `converting (v1.Secret) to (core.ConfigMap): unknown conversion`",
    covers: {
      sequence: /^create refuses bad names/,
      at: /^5 POST .* message$/,
    },
  },
  {
    subject: "A label selector that cannot be read",
    simulated: "refused, naming the requirement",
    real: "refused with the same code, naming the token",
    covers: { sequence: /^lists with selectors$/, at: /message$/ },
  },
  {
    subject: "A continue token that cannot be read",
    simulated: "refused: `continue key is not valid`",
    real: "refused with the same code and the decoder's own words",
    covers: { sequence: /^lists in pages$/, at: /message$/ },
  },
  {
    subject: "`storageVersionHash` in discovery",
    simulated: "absent",
    real: "present",
    covers: { at: /storageVersionHash$/ },
  },
];

const unseen: readonly KnownDifference[] = [
  {
    subject: "Versions of the API",
    simulated:
      "one version of each built-in group, those of `facts.json`; no `autoscaling/v1` but for `Scale`, no alpha or beta, no `resource.k8s.io`",
    real: "all that are enabled",
  },
  {
    subject: "Protobuf and CBOR bodies",
    simulated:
      "refused with 415 (imperative `kubectl create configmap` and the like send them; `-f` does not)",
    real: "accepted",
  },
  {
    subject: "OpenAPI",
    simulated:
      "v3 only, without descriptions: enough for `apply --server-side` with validation, not for `kubectl explain`; no v2",
    real: "v2 and v3 in full",
  },
  {
    subject: "Authorization",
    simulated:
      "everybody who is recognised may do everything; RBAC objects are stored and do nothing; access reviews say yes",
    real: "RBAC",
  },
  {
    subject: "Admission",
    simulated:
      "webhooks, admission policies, quotas, limit ranges and pod security are stored and do nothing",
    real: "enforced",
  },
  {
    subject: "Validation of built-in kinds",
    simulated:
      "names, types, unknown fields, required parts of workloads, names that a Service's ports, containers and a container's ports have once, the usual immutable fields, 1 MiB of data",
    real: "every field",
  },
  {
    subject: "Fields that Go omits when zero",
    simulated:
      "a list of the frequent ones (`minReadySeconds: 0`, `hostNetwork: false`, …); others stay as given",
    real: "all are omitted",
  },
  {
    subject: "Validation of custom objects",
    simulated:
      "type, required, enum, minimum, maximum, pattern, additionalProperties; no CEL rules, no allOf/anyOf/oneOf",
    real: "the whole schema",
  },
  {
    subject: "Conversion between versions of a definition",
    simulated: "the apiVersion is changed, whatever the strategy",
    real: "None, or a webhook",
  },
  {
    subject: "Ownership after `scale --replicas=0`",
    simulated: "the scaler owns `.spec.replicas`",
    real: "nobody does: a scale of 0 leaves the field out",
  },
  {
    subject: "History for watches",
    simulated:
      "the last `historySize` changes of the whole cluster, in memory; the rest answers 410",
    real: "five minutes of etcd, and a cache for each kind",
  },
  {
    subject: "Subresources that need a node",
    simulated:
      "no log, exec, attach, port-forward, proxy, eviction, binding, resize, ephemeral containers; no TokenRequest",
    real: "served",
  },
  {
    subject: "Pods",
    simulated:
      "one node; pods are placed and ready after `readyAfterMs`, never, or crash, as the annotation `wheelhouse.dev/simulate` or the word `bad` in an image's last part says; they are deleted at once",
    real: "scheduler and kubelet; grace periods",
  },
  {
    subject: "Controllers",
    simulated:
      "CronJobs never start; no EndpointSlices, no ControllerRevisions, no events of their own; `minReadySeconds` is not waited for; an HPA has no metrics and only keeps its bounds",
    real: "as documented by Kubernetes",
  },
  {
    subject: "Volumes",
    simulated:
      "every claim is bound to a volume made for it, whatever its storage class says",
    real: "binder and provisioners",
  },
];

/** Every known difference, in the order of the table in docs/simulated-cluster.md. */
export const knownDifferences: readonly KnownDifference[] = [
  ...observed,
  ...unseen,
];
