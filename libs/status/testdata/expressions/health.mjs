import { condition, object } from "../objects/object-parts.mjs";

const ready = condition("Ready", "True", "Ok", "", {
  lastTransitionTime: "2026-03-01T09:00:00Z",
});
const synced = condition("Synced", "False", "Error");

const widget = object("example.org/v1 Widget", {
  metadata: { labels: { "app/version": "v1.2.3", tier: "web" } },
  spec: { replicas: 2, ratio: 1.5, ports: [80, 443], empty: [], note: null },
  data: { mode: "on" },
  status: {
    observedGeneration: 4,
    phase: "Ready",
    ready: true,
    large: 9007199254740991,
    conditions: [ready, synced],
  },
});
const fresh = object("example.org/v1 Widget", { spec: { replicas: 2 } });
const unreported = object("example.org/v1 Widget", { status: {} });
const outdated = object("example.org/v1 Widget", {
  status: { observedGeneration: 3, phase: "Ready", conditions: [ready] },
});
const textual = object("example.org/v1 Widget", {
  status: { observedGeneration: "3", phase: "Ready" },
});
const failing = object("example.org/v1 Widget", {
  status: {
    phase: "Failed",
    conditions: [condition("Ready", "False", "Broken")],
  },
});

const isTrue = (type) =>
  `status.conditions.filter(e, e.type == '${type}').all(e, e.status == 'True')`;
const isFalse = (type) =>
  `status.conditions.filter(e, e.type == '${type}').all(e, e.status == 'False')`;

/** Each is asked about every object above. */
const sets = [
  [
    "Ready by conditions",
    { current: isTrue("Ready"), failed: isFalse("Ready") },
  ],
  [
    "Synced by conditions",
    { current: isTrue("Synced"), failed: isFalse("Synced") },
  ],
  [
    "by phase",
    {
      inProgress: "has(status.phase) && status.phase == 'Pending'",
      failed: "has(status.phase) && status.phase == 'Failed'",
      current: "has(status.phase) && status.phase == 'Ready'",
    },
  ],
  [
    "all three at once",
    { inProgress: "true", failed: "true", current: "true" },
  ],
  ["failed before current", { failed: "true", current: "true" }],
  ["none of three", { inProgress: "false", failed: "false", current: "false" }],
  [
    "conditions that may be missing",
    {
      current:
        "has(status.conditions) && status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')",
    },
  ],
  ["optional fields", { current: "status.?phase.orValue('') == 'Ready'" }],
];

const objects = [
  ["reported", widget],
  ["without status", fresh],
  ["with an empty status", unreported],
  ["not observed since its change", outdated],
  ["observed generation as text", textual],
  ["failing", failing],
  [
    "being deleted",
    {
      ...widget,
      metadata: {
        ...widget.metadata,
        deletionTimestamp: "2026-03-02T08:00:00Z",
      },
    },
  ],
];

/** Each is asked about the reported widget alone. */
const single = [
  "metadata.generation == status.observedGeneration",
  "spec.replicas == 2",
  "spec.replicas == 2.0",
  "spec.replicas > 1.5",
  "spec.ratio > 1",
  "spec.ratio + 1.0 == 2.5",
  "spec.ratio + 1 == 2.5",
  "spec.replicas / 2 == 1",
  "spec.replicas % 2 == 0",
  "spec.replicas / 0 == 1",
  "-spec.replicas == -2",
  "status.large + 1 == 9007199254740992",
  "double(spec.replicas) == 2.0",
  "int(spec.ratio) == 1",
  "int('7') == 7",
  "int('seven') == 7",
  "string(spec.replicas) == '2'",
  "type(spec.replicas) == int",
  "type(spec.ratio) == double",
  "spec.note == null",
  "has(spec.note)",
  "has(spec.missing)",
  "has(missing.field)",
  "has(missing)",
  "spec.missing == 1",
  "missing == 1",
  "missing.field == 1 || true",
  "true || missing",
  "false && missing",
  "missing || false",
  "status.ready",
  "!status.ready",
  "status.phase",
  "spec.replicas",
  "status",
  "status.ready && 'x' == 'x'",
  "status.phase == 1",
  "status.phase > 1",
  "status.phase < 'Z'",
  "status.phase in ['Ready', 'Synced']",
  "'tier' in metadata.labels",
  "80 in spec.ports",
  "80.0 in spec.ports",
  "metadata.labels['app/version'] == 'v1.2.3'",
  "metadata.labels['none'] == 'v1.2.3'",
  "metadata.labels.all(k, k.size() > 3)",
  "metadata.labels.exists(k, metadata.labels[k] == 'web')",
  "size(spec.ports) == 2",
  "spec.ports.size() == 2",
  "spec.empty.all(p, p > 1000)",
  "spec.empty.exists(p, p > 0)",
  "spec.ports.all(p, p > 79)",
  "spec.ports.exists_one(p, p == 443)",
  "spec.ports.map(p, p + 1) == [81, 444]",
  "spec.ports.map(p, p > 80, p) == [443]",
  "spec.ports.filter(p, p > 80) == [443]",
  "spec.ports[0] == 80",
  "spec.ports[2] == 80",
  "spec.ports + [8080] == [80, 443, 8080]",
  "spec.ports == [80.0, 443.0]",
  "status.conditions.map(c, c.type) == ['Ready', 'Synced']",
  "status.conditions.all(c, c.nothing == 'x')",
  "status.conditions.exists(c, c.type == 'Ready' || c.nothing == 'x')",
  "status.conditions.filter(c, c.type)",
  "status.conditions.exists(c, c.type)",
  "data.mode == 'on'",
  "kind == 'Widget' && apiVersion == 'example.org/v1'",
  "{'a': 1}['a'] == 1",
  "{'a': 1} == {'a': 1.0}",
  "status.phase.startsWith('Re') && status.phase.endsWith('dy')",
  "status.phase.contains('ead')",
  "status.phase.matches('^Re.*y$')",
  "status.phase.matches('^re.*y$')",
  "status.phase.matches('[')",
  "status.phase.lowerAscii() == 'ready'",
  "status.phase.upperAscii() == 'READY'",
  "status.phase.indexOf('a') == 2",
  "status.phase.lastIndexOf('a') == 2",
  "status.phase.substring(2) == 'ady'",
  "status.phase.substring(1, 3) == 'ea'",
  "status.phase.substring(9) == ''",
  "status.phase.charAt(0) == 'R'",
  "status.phase.charAt(5) == ''",
  "status.phase.charAt(9) == ''",
  "status.phase.replace('e', 'E') == 'REady'",
  "status.phase.replace('', '-') == '-R-e-a-d-y-'",
  "'aaaa'.replace('a', 'b', 2) == 'bbaa'",
  "'aaaa'.replace('a', 'b', 0) == 'aaaa'",
  "status.phase.reverse() == 'ydaeR'",
  "'a,b,c'.split(',') == ['a', 'b', 'c']",
  "'a,b,c'.split(',', 2) == ['a', 'b,c']",
  "['a', 'b'].join('-') == 'a-b'",
  "' x '.trim() == 'x'",
  "'é😀'.size() == 2",
  "sets.contains(spec.ports, [443])",
  "sets.contains(spec.ports, [1])",
  "sets.contains(spec.ports, [])",
  "sets.equivalent(spec.ports, [443, 80, 80])",
  "sets.intersects(spec.ports, [1, 80])",
  "sets.intersects(spec.ports, [1])",
  "sets.contains(spec.ports, [80.0])",
  "base64.encode(b'hi') == 'aGk='",
  "base64.decode('aGk=') == b'hi'",
  "base64.decode('aGk') == b'hi'",
  "base64.decode('*') == b'hi'",
  "timestamp(metadata.creationTimestamp) < timestamp('2026-04-01T00:00:00Z')",
  "timestamp(status.conditions[0].lastTransitionTime) - timestamp(metadata.creationTimestamp) == duration('1h')",
  "timestamp('yesterday') < timestamp('2026-04-01T00:00:00Z')",
  "timestamp(metadata.creationTimestamp).getFullYear() == 2026",
  "timestamp(metadata.creationTimestamp).getHours() == 8",
  "duration('90m') > duration('1h')",
  "duration('1h').getMinutes() == 60",
  "optional.of(1).hasValue()",
  "optional.none().hasValue()",
  "status.?conditions[?0].?type.orValue('') == 'Ready'",
  "status.?nothing.?deeper.hasValue()",
  "metadata.?labels['tier'].orValue('') == 'web'",
  "status.ready ? true : missing",
  "status.ready ? 'yes' : 'no'",
  "status.nothing ? true : false",
  "r'\\d' == '\\\\d'",
  "\"double\" == 'double'",
  "1u + 1u == 2u",
  "0x10 == 16",
  "1e3 == 1000.0",
  "9223372036854775807 + 1 > 0",
  "b'abc'.size() == 3",
  "status.conditions.exists(c, c.type == 'Ready' && timestamp(c.lastTransitionTime) > timestamp(metadata.creationTimestamp))",
  "status.conditions.filter(c, c.type == 'Ready').map(c, c.status)[0] == 'True'",
  "status.conditions.filter(c, c.type == 'None').map(c, c.status)[0] == 'True'",
  "1 +",
  "status.phase = 'Ready'",
  "status.conditions.all(c)",
  "status..phase == 'Ready'",
  "(status.ready",
  "'unfinished",
  "status.phase == 'Ready' and true",
  "for",
  "",
];

/** Health check expressions with the objects that they are asked about. */
export const healthQuestions = [
  ...sets.flatMap(([name, exprs]) =>
    objects.map(([about, asked]) => [
      `${name}: ${about}`,
      { object: asked, exprs },
    ]),
  ),
  ...single.map((current) => [
    `current: ${current}`,
    { object: widget, exprs: { current } },
  ]),
];
