/** Annotation of a pod that says what becomes of it: `never-ready` or `fail`; anything else is as without it. */
export const simulateAnnotation = "wheelhouse.dev/simulate";

/**
 * What a pod does, as a jq expression: the annotation, else `never-ready` when the last part of an image (name and tag)
 * has the word `bad` in it, else `ready`. Words end at anything that is not a letter: `v2-bad` is bad, `badger` is not.
 */
const behaviour = [
  `(.metadata.annotations["${simulateAnnotation}"] // "") as $asked`,
  `[.spec.containers[].image | split("/") | last | test("(^|[^a-z])bad([^a-z]|$)")] as $bad`,
  `if $asked == "fail" or $asked == "never-ready" then $asked elif ($bad | any) then "never-ready" else "ready" end`,
].join(" | ");

interface Condition {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

const isIn = (key: string, ...values: string[]): Condition => ({
  key,
  operator: "In",
  values,
});
const behaves = (as: string) => isIn(behaviour, as);
const inPhase = (...phases: string[]) => isIn(".status.phase", ...phases);
const runsOnce = isIn(".spec.restartPolicy", "Never", "OnFailure");
const alive: Condition = {
  key: ".metadata.deletionTimestamp",
  operator: "DoesNotExist",
};
const deleted: Condition = {
  key: ".metadata.deletionTimestamp",
  operator: "Exists",
};
const hasFinalizers: Condition = {
  key: ".metadata.finalizers",
  operator: "Exists",
};

const stage = (
  name: string,
  matchExpressions: readonly Condition[],
  next: unknown,
  delayMs = 0,
) => ({
  apiVersion: "kwok.x-k8s.io/v1alpha1",
  kind: "Stage",
  metadata: { name },
  spec: {
    resourceRef: { apiGroup: "v1", kind: "Pod" },
    selector: { matchExpressions },
    ...(delayMs === 0 ? {} : { delay: { durationMilliseconds: delayMs } }),
    next,
  },
});

const condition = (type: string, isTrue: boolean) =>
  `- {type: ${type}, status: "${isTrue ? "True" : "False"}", lastTransitionTime: {{ Now | Quote }}}`;

/** A status patch in kwok's Go template: phase, conditions, and one state for all containers. */
const status = (options: {
  phase: string;
  ready: boolean;
  state: string;
  restartCount?: number;
}) => ({
  statusTemplate: [
    `phase: ${options.phase}`,
    "startTime: {{ Now | Quote }}",
    "hostIP: {{ NodeIPWith .spec.nodeName | Quote }}",
    'podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}',
    "conditions:",
    condition("Initialized", true),
    condition("ContainersReady", options.ready),
    condition("Ready", options.ready),
    "containerStatuses:",
    "{{ range .spec.containers }}",
    "- name: {{ .name | Quote }}",
    "  image: {{ .image | Quote }}",
    '  imageID: ""',
    `  ready: ${options.ready}`,
    `  restartCount: ${options.restartCount ?? 0}`,
    `  state: ${options.state}`,
    "{{ end }}",
  ].join("\n"),
});

const running = "{running: {startedAt: {{ Now | Quote }}}}";
const terminated = (exitCode: number, reason: string) =>
  `{terminated: {exitCode: ${exitCode}, reason: ${reason}, startedAt: {{ Now | Quote }}, finishedAt: {{ Now | Quote }}}}`;

const stages = [
  stage(
    "pod-ready",
    [alive, inPhase("Pending"), behaves("ready")],
    status({ phase: "Running", ready: true, state: running }),
  ),
  stage(
    "pod-never-ready",
    [alive, inPhase("Pending"), behaves("never-ready")],
    status({ phase: "Running", ready: false, state: running }),
  ),
  // A pod that is always restarted does not fail for good: its container crashes again and again.
  stage(
    "pod-crash",
    [
      alive,
      inPhase("Pending"),
      behaves("fail"),
      isIn(".spec.restartPolicy", "Always"),
    ],
    status({
      phase: "Running",
      ready: false,
      restartCount: 3,
      state: "{waiting: {reason: CrashLoopBackOff}}",
    }),
  ),
  stage(
    "pod-fail",
    [alive, inPhase("Pending"), behaves("fail"), runsOnce],
    status({ phase: "Failed", ready: false, state: terminated(1, "Error") }),
  ),
  stage(
    "pod-complete",
    [alive, inPhase("Running"), behaves("ready"), runsOnce],
    status({
      phase: "Succeeded",
      ready: false,
      state: terminated(0, "Completed"),
    }),
    200,
  ),
  // The Job controller takes its finalizer from a pod only when the pod has ended.
  stage(
    "pod-terminate",
    [deleted, hasFinalizers, inPhase("Pending", "Running")],
    status({ phase: "Failed", ready: false, state: terminated(143, "Error") }),
  ),
  stage(
    "pod-delete",
    [deleted, { ...hasFinalizers, operator: "DoesNotExist" }],
    { delete: true },
  ),
];

// kwok looks after the pods of a node only when it has a stage for nodes; this one makes any further node Ready.
const nodeStage = {
  apiVersion: "kwok.x-k8s.io/v1alpha1",
  kind: "Stage",
  metadata: { name: "node-ready" },
  spec: {
    resourceRef: { apiGroup: "v1", kind: "Node" },
    selector: {
      matchExpressions: [
        alive,
        {
          key: '.status.conditions // [] | map(select(.type == "Ready" and .status == "True")) | length > 0',
          operator: "In",
          values: ["false"],
        },
      ],
    },
    next: {
      statusTemplate: ["conditions:", condition("Ready", true)].join("\n"),
    },
  },
};

/** kwok's configuration: what becomes of pods on the fake node. A JSON document is YAML too. */
export const podStages = (): string =>
  [nodeStage, ...stages].map((one) => `${JSON.stringify(one)}\n`).join("---\n");
