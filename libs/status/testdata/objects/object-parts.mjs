/** A condition as controllers write them; absent texts are left out. */
export const condition = (type, status, reason, message, more = {}) => ({
  type,
  status,
  ...(reason === undefined ? {} : { reason }),
  ...(message === undefined ? {} : { message }),
  ...more,
});

/** An object of `group/version Kind`, at generation 4 unless said otherwise; a field that is undefined is left out. */
export function object(type, { metadata = {}, ...rest } = {}) {
  const [apiVersion, kind] = type.split(" ");
  return withoutUndefined({
    apiVersion,
    kind,
    metadata: {
      name: "sample",
      namespace: "shop",
      uid: "00000000-0000-4000-8000-000000000001",
      resourceVersion: "1007",
      generation: 4,
      creationTimestamp: "2026-03-01T08:00:00Z",
      ...metadata,
    },
    ...rest,
  });
}

/** Every pair of two lists of `[name, parts]`, merged by `make`. */
export function pairs(left, right, make) {
  return left.flatMap(([leftName, leftParts]) =>
    right.map(([rightName, rightParts]) => [
      `${leftName}, ${rightName}`,
      make(leftParts, rightParts),
    ]),
  );
}

/** Metadata that every object may have, and what status says of the generation. */
export const generations = [
  ["observed", {}, { observedGeneration: 4 }],
  ["observed an older generation", {}, { observedGeneration: 3 }],
  ["observed a newer generation", {}, { observedGeneration: 5 }],
  ["observed generation 0", {}, { observedGeneration: 0 }],
  ["never observed", {}, {}],
  ["without generation", { generation: undefined }, { observedGeneration: 4 }],
  ["without any generation", { generation: undefined }, {}],
  [
    "being deleted",
    {
      deletionTimestamp: "2026-03-02T08:00:00Z",
      finalizers: ["example.org/x"],
    },
    { observedGeneration: 4 },
  ],
];

function withoutUndefined(value) {
  return JSON.parse(JSON.stringify(value));
}
