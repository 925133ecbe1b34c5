import { type IgnoreRule } from "@wheelhouse/assignment";
import { type Json, type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, test } from "vitest";
import { checkIgnoreRule, matchesIgnoreTarget } from "./ignore-rules.ts";
import {
  expandPointer,
  isWhollyIgnored,
  stripIgnored,
} from "./strip-ignored.ts";

const object: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "api",
    namespace: "webapp",
    labels: { tier: "front" },
    annotations: { "example.org/a~b": "1" },
  },
  spec: {
    replicas: 1,
    containers: [
      { name: "app", image: "v1" },
      { name: "proxy", image: "v1" },
    ],
  },
};

/** The object as it is live, with other values, owned by the given managers. */
function live(
  spec: Record<string, Json>,
  ...owners: readonly (readonly [string, Json])[]
): KubeObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      managedFields: owners.map(([manager, fields]) => ({
        manager,
        operation: manager === "wheelhouse" ? "Apply" : "Update",
        time: "2030-01-01T00:00:00Z",
        fieldsV1: { "f:spec": fields },
      })),
    },
    spec: { ...(object["spec"] as Record<string, Json>), ...spec },
  };
}

const replicas: readonly IgnoreRule[] = [{ paths: ["/spec/replicas"] }];
const owned = { "f:replicas": {} };

describe("stripIgnored", () => {
  test("gives the first value where the object is not there yet", () => {
    expect(stripIgnored(object, undefined, replicas)).toBe(object);
  });

  test("sends the live value of a field that we alone own", () => {
    const sent = stripIgnored(
      object,
      live({ replicas: 5 }, ["wheelhouse", owned]),
      replicas,
    );
    expect(sent).toMatchObject({ spec: { replicas: 5 } });
  });

  test("strips a field that another manager owns, with us or without", () => {
    for (const owners of [
      [["hpa", owned]],
      [
        ["wheelhouse", owned],
        ["hpa", owned],
      ],
    ] as const) {
      const sent = stripIgnored(
        object,
        live({ replicas: 5 }, ...owners),
        replicas,
      );
      expect(sent["spec"]).toEqual({
        containers: (object["spec"] as Record<string, Json>)["containers"],
      });
    }
  });

  test("strips a field that nobody owns: we have not applied it", () => {
    const sent = stripIgnored(object, live({ replicas: 5 }), replicas);
    expect(sent["spec"]).not.toHaveProperty("replicas");
  });

  test("takes items of a list by their keys, wherever they stand live", () => {
    const containers = [
      { name: "injected", image: "v9" },
      { name: "proxy", image: "v3" },
      { name: "app", image: "v2" },
    ];
    const image = { ".": {}, "f:image": {} };
    const ours = {
      "f:containers": {
        'k:{"name":"app"}': image,
        'k:{"name":"proxy"}': image,
      },
    };
    const theirs = { "f:containers": { 'k:{"name":"proxy"}': image } };
    const sent = stripIgnored(
      object,
      live({ containers }, ["wheelhouse", ours], ["updater", theirs]),
      [{ paths: ["/spec/containers/*/image"] }],
    );
    expect(sent["spec"]).toEqual({
      replicas: 1,
      containers: [{ name: "app", image: "v2" }, { name: "proxy" }],
    });
  });

  test("keeps an item of a set that we alone own, and strips another's", () => {
    const finalizers = ["example.org/a", "example.org/b"];
    const set = { ...object, metadata: { ...object.metadata, finalizers } };
    const owner = (manager: string, ...items: readonly string[]) => ({
      manager,
      operation: "Apply",
      fieldsV1: {
        "f:metadata": {
          "f:finalizers": Object.fromEntries(
            items.map((item) => [`v:${JSON.stringify(item)}`, {}]),
          ),
        },
      },
    });
    const managedFields = [
      owner("wheelhouse", ...finalizers),
      owner("other", "example.org/b"),
    ];
    const found = { ...set, metadata: { ...set.metadata, managedFields } };
    for (const path of ["/metadata/finalizers/*", "/metadata/finalizers/0"]) {
      const sent = stripIgnored(set, found, [{ paths: [path] }]);
      expect(sent.metadata["finalizers"]).toEqual(
        path.endsWith("*") ? ["example.org/a"] : finalizers,
      );
    }
  });

  test("takes items by the keys that the server has for their list", () => {
    const rules = [
      { id: "a", size: 1 },
      { id: "b", size: 1 },
    ];
    const sizes = [
      { id: "b", size: 7 },
      { id: "a", size: 5 },
    ];
    const field = { ".": {}, "f:id": {}, "f:size": {} };
    const items = { 'k:{"id":"a"}': field, 'k:{"id":"b"}': field };
    const custom = { ...object, spec: { rules } };
    const found = live({ rules: sizes }, ["wheelhouse", { "f:rules": items }]);
    const sent = stripIgnored(custom, found, [
      { paths: ["/spec/rules/*/size"] },
    ]);
    expect(sent["spec"]).toEqual({
      rules: [
        { id: "a", size: 5 },
        { id: "b", size: 7 },
      ],
    });
  });

  test("takes an item for its own where a key is left to the server", () => {
    const udp = { name: "dns", port: 53, protocol: "UDP", nodePort: 1 };
    const tcp = { name: "dns-tcp", port: 53, nodePort: 2 };
    const field = { ".": {}, "f:nodePort": {} };
    const of = (protocol: string) => `k:{"port":53,"protocol":"${protocol}"}`;
    const ours = { [of("UDP")]: field, [of("TCP")]: field };
    const found = live(
      { ports: [udp, { ...tcp, protocol: "TCP", nodePort: 9 }] },
      ["wheelhouse", { "f:ports": ours }],
      ["allocator", { "f:ports": { [of("TCP")]: field } }],
    );
    const service = { ...object, spec: { ports: [udp, tcp] } };
    const rules = [{ paths: ["/spec/ports/*/nodePort"] }];
    expect(stripIgnored(service, found, rules)["spec"]).toEqual({
      ports: [udp, { name: "dns-tcp", port: 53 }],
    });
  });

  test("covers each place once, whatever rules name it", () => {
    const args = ["-a", "-b", "-c"];
    const custom = { ...object, spec: { args } };
    const rules = [{ paths: ["/spec/args/0", "/spec/args/*"] }];
    const foreign = live({ args }, ["other", { "f:args": {} }]);
    const more = [...rules, { paths: ["/spec/args/1"] }];
    expect(stripIgnored(custom, foreign, more)["spec"]).toEqual({ args: [] });
    const twice = [{ paths: ["/spec/args/1"] }, ...more.slice(1)];
    expect(stripIgnored(custom, foreign, twice)["spec"]).toEqual({
      args: ["-a", "-c"],
    });
  });

  test("means the place in a list that is owned whole, of two equal items too", () => {
    const args = ["-v", "-v"];
    const custom = { ...object, spec: { args } };
    const whole = live({ args: ["-v", "-x"] }, [
      "wheelhouse",
      { "f:args": {} },
    ]);
    const rule = { paths: ["/spec/args/1"] };
    expect(stripIgnored(custom, whole, [rule])["spec"]).toEqual({
      args: ["-v", "-x"],
    });
  });

  test("leaves other objects and paths that lead nowhere alone, and never an identity", () => {
    const found = live({ replicas: 5 }, ["hpa", owned]);
    for (const rule of [
      { paths: ["/spec/replicas"], target: { kind: "StatefulSet" } },
      { paths: ["/spec/nothing", "/spec/containers/7/image", "spec"] },
      { paths: ["/metadata/name", "/kind", "/metadata", "/apiVersion"] },
    ]) {
      expect(stripIgnored(object, found, [rule])).toEqual(object);
    }
  });

  test("changes nothing of what it was given", () => {
    const before = structuredClone(object);
    stripIgnored(object, live({ replicas: 5 }, ["hpa", owned]), replicas);
    expect(object).toEqual(before);
  });
});

describe("an ignore rule", () => {
  test.each<[string, IgnoreRule["target"], boolean]>([
    ["no target", undefined, true],
    ["an empty target", {}, true],
    ["its kind", { kind: "Deployment" }, true],
    ["a part of its kind", { kind: "Deploy" }, false],
    ["a pattern", { kind: "Deploy.*|Stateful.*", name: "a.i" }, true],
    [
      "all of its identity",
      { group: "apps", version: "v1", namespace: "webapp" },
      true,
    ],
    ["another group", { group: "batch" }, false],
    ["its label", { labelSelector: "tier in (front,back)" }, true],
    ["another label", { labelSelector: "tier=back" }, false],
    ["another annotation", { annotationSelector: "absent" }, false],
    ["a pattern without regard to case", { kind: "(?i)deployment" }, true],
    ["a pattern that could take for ever", { name: "(a+)+.*" }, false],
    ["no pattern at all", { name: "(" }, false],
    ["no selector at all", { labelSelector: "a in b" }, false],
  ])("for %s matches: %s", (_title, target, expected) => {
    expect(matchesIgnoreTarget(target, object)).toBe(expected);
  });

  test("says what is wrong with it", () => {
    const rule: IgnoreRule = {
      paths: ["", "/ok", "no"],
      target: { name: "(", labelSelector: "a in b" },
    };
    expect(checkIgnoreRule(rule)).toEqual([
      "target.name: ( is not a regular expression that can be used",
      'target.labelSelector: cannot read "a in b"',
      "paths: no is not a JSON Pointer",
    ]);
    expect(checkIgnoreRule({ paths: ["/spec"] })).toEqual([]);
  });

  test("of the empty path means the whole object", () => {
    expect(isWhollyIgnored(object, [{ paths: [""] }])).toBe(true);
    expect(isWhollyIgnored(object, replicas)).toBe(false);
  });

  test("names keys with slashes and tildes by their escapes", () => {
    const pointer = "/metadata/annotations/example.org~1a~0b";
    expect(expandPointer(object, pointer)).toHaveLength(1);
    expect(expandPointer(object, "/spec/*")).toHaveLength(2);
  });
});
