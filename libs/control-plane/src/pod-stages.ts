import {
  conditionLine,
  isAbsent,
  isAlive,
  isIn,
  isPresent,
  type StageRule,
} from "./kwok-stage.ts";

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

const behaves = (as: "ready" | "never-ready" | "fail") => isIn(behaviour, as);
const inPhase = (...phases: string[]) => isIn(".status.phase", ...phases);
const runsOnce = isIn(".spec.restartPolicy", "Never", "OnFailure");
const runsForEver = isIn(".spec.restartPolicy", "Always");
const isDeleted = isPresent(".metadata.deletionTimestamp");

/** A pod's status in kwok's Go template: phase, conditions, and one state for all containers. */
const status = (options: {
  phase: string;
  ready: boolean;
  state: string;
  restartCount?: number;
}) => ({
  status: [
    `phase: ${options.phase}`,
    "startTime: {{ Now | Quote }}",
    "hostIP: {{ NodeIPWith .spec.nodeName | Quote }}",
    'podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}',
    "conditions:",
    conditionLine("Initialized", true),
    conditionLine("ContainersReady", options.ready),
    conditionLine("Ready", options.ready),
    "containerStatuses:",
    "{{ range .spec.containers }}",
    "- name: {{ .name | Quote }}",
    "  image: {{ .image | Quote }}",
    '  imageID: ""',
    `  ready: ${options.ready}`,
    `  restartCount: ${options.restartCount ?? 0}`,
    `  state: ${options.state}`,
    "{{ end }}",
  ],
});

const running = "{running: {startedAt: {{ Now | Quote }}}}";
const crashing = "{waiting: {reason: CrashLoopBackOff}}";
const ended = (exitCode: number, reason: string) =>
  `{terminated: {exitCode: ${exitCode}, reason: ${reason}, startedAt: {{ Now | Quote }}, finishedAt: {{ Now | Quote }}}}`;

/** What becomes of pods on a node of kwok's. */
export const podStages: readonly StageRule[] = [
  {
    name: "pod-ready",
    kind: "Pod",
    when: [isAlive, inPhase("Pending"), behaves("ready")],
    then: status({ phase: "Running", ready: true, state: running }),
  },
  {
    name: "pod-never-ready",
    kind: "Pod",
    when: [isAlive, inPhase("Pending"), behaves("never-ready")],
    then: status({ phase: "Running", ready: false, state: running }),
  },
  {
    // A pod that is always restarted does not fail for good: its container crashes again and again.
    name: "pod-crash",
    kind: "Pod",
    when: [isAlive, inPhase("Pending"), behaves("fail"), runsForEver],
    then: status({
      phase: "Running",
      ready: false,
      restartCount: 3,
      state: crashing,
    }),
  },
  {
    name: "pod-fail",
    kind: "Pod",
    when: [isAlive, inPhase("Pending"), behaves("fail"), runsOnce],
    then: status({ phase: "Failed", ready: false, state: ended(1, "Error") }),
  },
  {
    name: "pod-complete",
    kind: "Pod",
    when: [isAlive, inPhase("Running"), behaves("ready"), runsOnce],
    then: status({
      phase: "Succeeded",
      ready: false,
      state: ended(0, "Completed"),
    }),
    delayMs: 200,
  },
  {
    // The Job controller takes its finalizer from a pod only when the pod has ended.
    name: "pod-terminate",
    kind: "Pod",
    when: [
      isDeleted,
      isPresent(".metadata.finalizers"),
      inPhase("Pending", "Running"),
    ],
    then: status({ phase: "Failed", ready: false, state: ended(143, "Error") }),
  },
  {
    name: "pod-delete",
    kind: "Pod",
    when: [isDeleted, isAbsent(".metadata.finalizers")],
    then: { delete: true },
  },
];
