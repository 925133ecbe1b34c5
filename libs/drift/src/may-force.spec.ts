import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, test } from "vitest";
import { isApplied, mayForce } from "./may-force.ts";

const applied: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "api",
    labels: { app: "api", "app.kubernetes.io/name": "api" },
    annotations: { "a.b": "1", "a.b.c[d]": "2" },
  },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "api" } },
    finalizers: ["keep"],
    template: {
      spec: {
        containers: [
          {
            name: 'ap"p,x=[1]',
            image: "v1",
            ports: [
              { containerPort: 80 },
              { containerPort: 53, protocol: "UDP" },
            ],
            args: ["--flag"],
          },
        ],
      },
    },
  },
};

const container = String.raw`.spec.template.spec.containers[name="ap\"p,x=[1]"]`;

describe("a conflict's field", () => {
  test.each([
    ".spec.replicas",
    "spec.replicas",
    ".spec",
    ".metadata.labels.app",
    ".metadata.labels.app.kubernetes.io/name",
    ".metadata.annotations.a.b",
    ".metadata.annotations.a.b.c[d]",
    ".spec.selector",
    container,
    `${container}.image`,
    `${container}.args`,
    `${container}.args[0]`,
    `${container}.ports[containerPort=80,protocol="TCP"]`,
    `${container}.ports[containerPort=80,protocol="TCP"].containerPort`,
    `${container}.ports[containerPort=53,protocol="UDP"].protocol`,
    '.spec.finalizers[="keep"]',
  ])("%s is one that we applied", (field) => {
    expect(isApplied(applied, field)).toBe(true);
  });

  test.each([
    ".spec.paused",
    ".spec.replicas.more",
    ".spec.repl",
    ".metadata.labels.app.kubernetes.io",
    ".metadata.labels.toString",
    '.spec.template.spec.containers[name="other"].image',
    `${container}.command`,
    `${container}.args[1]`,
    `${container}.ports[containerPort=80,protocol="UDP"]`,
    `${container}.ports[containerPort=53,protocol="TCP"]`,
    '.spec.finalizers[="other"]',
    ".spec.finalizers[",
    "",
    ".",
    "[0]",
  ])("%j is not", (field) => {
    expect(isApplied(applied, field)).toBe(false);
  });
});

describe("an apply", () => {
  const replicas = { manager: "kubectl-edit", field: ".spec.replicas" };
  const paused = { manager: "operator", field: ".spec.paused" };

  test("may be forced over fields that we applied last", () => {
    const input = { conflicts: [replicas], lastApplied: applied };
    expect(mayForce({ ...input, mode: "enabled" })).toEqual({ ok: true });
  });

  test("may not be where one field is foreign, and names it", () => {
    const conflicts = [replicas, paused];
    expect(
      mayForce({ conflicts, lastApplied: applied, mode: "enabled" }),
    ).toEqual({ ok: false, problem: { kind: "foreign", fields: [paused] } });
  });

  test("may not be where drift is only reported, or not looked at", () => {
    for (const mode of ["warn", "disabled"] as const) {
      expect(
        mayForce({ conflicts: [replicas], lastApplied: applied, mode }),
      ).toEqual({ ok: false, problem: { kind: "mode", mode } });
    }
  });

  test("may not be where nothing is known to have been applied, or no field is named", () => {
    expect(
      mayForce({
        conflicts: [replicas],
        lastApplied: undefined,
        mode: "enabled",
      }),
    ).toEqual({ ok: false, problem: { kind: "foreign", fields: [replicas] } });
    expect(
      mayForce({ conflicts: [], lastApplied: applied, mode: "enabled" }),
    ).toEqual({ ok: false, problem: { kind: "unnamed" } });
  });
});
