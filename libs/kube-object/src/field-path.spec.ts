import { expect, test } from "vitest";
import { type FieldPath, formatFieldPath, valueAt } from "./field-path.ts";

const field = (name: string) => ({ kind: "field", name }) as const;

const ports = [
  { containerPort: 80, protocol: "TCP", name: "http" },
  { containerPort: 80, protocol: "UDP", name: "quic" },
];
const root = { spec: { ports, finalizers: ["a", "b"], matrix: [[1, 2]] } };

const udpName: FieldPath = [
  field("spec"),
  field("ports"),
  { kind: "key", keys: { containerPort: 80, protocol: "UDP" } },
  field("name"),
];

test("a path reads as the API server writes it, without the leading dot", () => {
  expect(formatFieldPath(udpName)).toBe(
    'spec.ports[containerPort=80,protocol="UDP"].name',
  );
  expect(
    formatFieldPath([field("spec"), field("f"), { kind: "value", value: "b" }]),
  ).toBe('spec.f[="b"]');
  expect(formatFieldPath([field("a"), { kind: "index", index: 3 }])).toBe(
    "a[3]",
  );
  expect(formatFieldPath([])).toBe("");
});

test("a path leads to a value, or nowhere", () => {
  expect(valueAt(root, udpName)).toBe("quic");
  expect(
    valueAt(root, [
      field("spec"),
      field("finalizers"),
      { kind: "value", value: "b" },
    ]),
  ).toBe("b");
  const cell: FieldPath = [
    field("spec"),
    field("matrix"),
    { kind: "index", index: 0 },
    { kind: "index", index: 1 },
  ];
  expect(valueAt(root, cell)).toBe(2);
  expect(valueAt(root, [])).toBe(root);
  for (const path of [
    [field("status")],
    [field("spec"), { kind: "index", index: 0 } as const],
    [field("toString")],
    [...udpName, field("deeper")],
  ]) {
    expect(valueAt(root, path)).toBeUndefined();
  }
});
