/** One demand on an object's field; the key is a jq expression. */
export interface FieldDemand {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

/** What kwok does to an object of a kind once all demands hold. */
export interface StageRule {
  readonly name: string;
  readonly kind:
    "Pod" | "Node" | "Service" | "PersistentVolume" | "PersistentVolumeClaim";
  readonly when: readonly FieldDemand[];
  /** Delete it, patch its status by a Go template, or apply another object from one. */
  readonly then:
    | { readonly delete: true }
    | { readonly status: readonly string[] }
    | { readonly apply: readonly string[] };
  /** Default 0: at once. */
  readonly delayMs?: number;
}

/** The field, or any of several, has one of the values. */
export const isIn = (key: string, ...values: string[]): FieldDemand => ({
  key,
  operator: "In",
  values,
});

/** The field is there. */
export const isPresent = (key: string): FieldDemand => ({
  key,
  operator: "Exists",
});

/** The field is not there. */
export const isAbsent = (key: string): FieldDemand => ({
  key,
  operator: "DoesNotExist",
});

/** Not being deleted. */
export const isAlive = isAbsent(".metadata.deletionTimestamp");

/** A line of a status template: one condition, as of now. */
export const conditionLine = (type: string, isTrue: boolean): string =>
  `- {type: ${type}, status: "${isTrue ? "True" : "False"}", lastTransitionTime: {{ Now | Quote }}}`;

const formatStep = (then: StageRule["then"]): unknown => {
  if ("delete" in then) return then;
  if ("apply" in then) return { apply: { template: then.apply.join("\n") } };
  const template = then.status.join("\n");
  return { patch: { root: "status", subresource: "status", template } };
};

/** A rule as kwok reads it. */
export const formatStage = (rule: StageRule): unknown => ({
  apiVersion: "kwok.x-k8s.io/v1alpha1",
  kind: "Stage",
  metadata: { name: rule.name },
  spec: {
    resourceRef: { apiGroup: "v1", kind: rule.kind },
    selector: { matchExpressions: rule.when },
    ...(rule.delayMs === undefined
      ? {}
      : { delay: { durationMilliseconds: rule.delayMs } }),
    steps: [formatStep(rule.then)],
  },
});
