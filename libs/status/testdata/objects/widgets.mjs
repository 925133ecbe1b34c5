import { condition, generations, object, pairs } from "./object-parts.mjs";

const ready = (status, reason = "Because", more = {}) =>
  condition("Ready", status, reason, `Ready is ${status}`, more);
const reconciling = (status) =>
  condition("Reconciling", status, "Progressing", "new revision");
const stalled = (status) =>
  condition("Stalled", status, "InvalidSpec", "spec cannot be used");

const conditionSets = [
  ["none", []],
  ["Ready", [ready("True")]],
  ["not Ready", [ready("False", "Failed")]],
  ["Ready unknown", [ready("Unknown")]],
  ["Ready in lower case", [ready("true")]],
  ["Ready with an empty status", [ready("")]],
  ["Ready without a status", [{ type: "Ready" }]],
  ["ready in lower case", [condition("ready", "False")]],
  ["Reconciling", [reconciling("True")]],
  ["Reconciling and Ready", [ready("True"), reconciling("True")]],
  ["not Reconciling, Ready", [reconciling("False"), ready("True")]],
  ["Stalled", [stalled("True")]],
  ["Stalled and Ready", [ready("True"), stalled("True")]],
  ["not Stalled, not Ready", [stalled("False"), ready("False")]],
  ["Stalled before Reconciling", [stalled("True"), reconciling("True")]],
  ["Reconciling before Stalled", [reconciling("True"), stalled("True")]],
  ["Reconciling unknown, Ready", [reconciling("Unknown"), ready("True")]],
  ["Stalled unknown, no Ready", [stalled("Unknown")]],
  ["Ready twice, first true", [ready("True"), ready("False")]],
  ["Ready twice, first false", [ready("False"), ready("True")]],
  ["Ready twice, first without a status", [{ type: "Ready" }, ready("False")]],
  [
    "Ready about this generation",
    [ready("True", "Ok", { observedGeneration: 4 })],
  ],
  [
    "Ready about an older generation",
    [ready("True", "Ok", { observedGeneration: 3 })],
  ],
  [
    "not Ready about an older generation",
    [ready("False", "Bad", { observedGeneration: 3 })],
  ],
  [
    "Ready about a newer generation",
    [ready("True", "Ok", { observedGeneration: 5 })],
  ],
  [
    "others only",
    [condition("Synced", "True"), condition("Accepted", "False")],
  ],
  ["Available false", [condition("Available", "False", "Down")]],
  ["Failed true", [condition("Failed", "True", "Broken")]],
  ["Progressing and Ready", [condition("Progressing", "True"), ready("True")]],
  ["Healthy false, Ready", [condition("Healthy", "False"), ready("True")]],
];

const widgets = [
  ...pairs(
    [
      ["without observedGeneration", {}],
      ["observed", { observedGeneration: 4 }],
      ["observed an older generation", { observedGeneration: 2 }],
    ],
    conditionSets,
    (status, conditions) =>
      object("example.org/v1 Widget", {
        spec: {},
        status: { ...status, conditions },
      }),
  ),
  ...generations.map(([name, metadata, status]) => [
    `Ready, ${name}`,
    object("example.org/v1 Widget", {
      metadata,
      status: { ...status, conditions: [ready("True")] },
    }),
  ]),
  ...generations.map(([name, metadata, status]) => [
    `Stalled, ${name}`,
    object("example.org/v1 Widget", {
      metadata,
      status: { ...status, conditions: [stalled("True")] },
    }),
  ]),
].map(([name, value]) => [`Widget: ${name}`, value]);

const malformed = [
  ["no status", {}],
  ["status is null", { status: null }],
  ["status is a text", { status: "Ready" }],
  ["status is empty", { status: {} }],
  ["conditions are null", { status: { conditions: null } }],
  ["conditions are a map", { status: { conditions: { Ready: "True" } } }],
  ["a condition is a text", { status: { conditions: ["Ready"] } }],
  ["a condition is null", { status: { conditions: [null, ready("False")] } }],
  [
    "a condition's status is a boolean",
    { status: { conditions: [{ type: "Ready", status: true }] } },
  ],
  [
    "a condition's type is a number",
    { status: { conditions: [{ type: 1, status: "False" }] } },
  ],
  [
    "a condition's reason is a number",
    { status: { conditions: [{ type: "Ready", status: "False", reason: 3 }] } },
  ],
  [
    "observedGeneration is a text",
    { status: { observedGeneration: "4", conditions: [ready("True")] } },
  ],
  [
    "observedGeneration is null",
    { status: { observedGeneration: null, conditions: [ready("True")] } },
  ],
  [
    "observedGeneration is a fraction",
    { status: { observedGeneration: 3.5, conditions: [ready("True")] } },
  ],
  [
    "deletionTimestamp is empty",
    {
      metadata: { deletionTimestamp: "" },
      status: { conditions: [ready("True")] },
    },
  ],
  [
    "deletionTimestamp is null",
    {
      metadata: { deletionTimestamp: null },
      status: { conditions: [ready("True")] },
    },
  ],
  [
    "generations beyond 32 bits",
    {
      metadata: { generation: 9007199254740991 },
      status: { observedGeneration: 9007199254740991 },
    },
  ],
  ["conditions beside status", { conditions: [ready("False")] }],
].map(([name, parts]) => [
  `Widget: ${name}`,
  object("example.org/v1 Widget", parts),
]);

/** A made-up kind: all ways to say Ready, and malformed ones, each with its name. */
export const customResources = [...widgets, ...malformed];
