import {
  type Json,
  type JsonObject,
  formatFieldPath,
  valueAt,
} from "@wheelhouse/kube-object";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffFields, maxDifferences } from "./diff-fields.ts";

const paths = (live: JsonObject, wouldBe: JsonObject): string[] =>
  diffFields(live, wouldBe).map(({ path }) => formatFieldPath(path));

const containers = (...list: Json[]): JsonObject => ({
  spec: { containers: list },
});

const object = fc.dictionary(
  fc.constantFrom("a", "b", "spec", "metadata", "ports", "name", "status"),
  fc.jsonValue({ maxDepth: 3 }),
) as fc.Arbitrary<JsonObject>;

describe("diffFields", () => {
  test("finds none in what the server writes by itself", () => {
    const live = {
      metadata: {
        name: "x",
        managedFields: [1],
        resourceVersion: "1",
        generation: 1,
        uid: "u",
        creationTimestamp: "t",
        selfLink: "/x",
      },
      status: { ready: true },
    };
    expect(paths(live, { metadata: { name: "x" } })).toEqual([]);
    expect(
      paths({ ...live, metadata: { ...live.metadata, labels: {} } }, live),
    ).toEqual(["metadata.labels"]);
  });

  test("names a container by its name, a port by number and protocol", () => {
    const app = (image: string, port: string): Json => ({
      name: "app",
      image,
      ports: [
        { containerPort: 80, protocol: "TCP", name: port },
        { containerPort: 80, protocol: "UDP", name: "quic" },
      ],
    });
    const live = containers({ name: "proxy" }, app("v1", "http"));
    const wouldBe = containers(app("v2", "web"));
    expect(paths(live, wouldBe)).toEqual([
      'spec.containers[name="proxy"]',
      'spec.containers[name="app"].image',
      'spec.containers[name="app"].ports[containerPort=80,protocol="TCP"].name',
    ]);
  });

  test("names an item by its place where nothing else tells it apart", () => {
    const rules = (path: string): JsonObject => ({
      rules: [{ path }, { path: "/" }],
    });
    expect(paths(rules("/a"), rules("/b"))).toEqual(["rules[0].path"]);
    const twins = (value: string): JsonObject => ({
      list: [
        { name: "x", value: "1" },
        { name: "x", value },
      ],
    });
    expect(paths(twins("2"), twins("3"))).toEqual(["list[1].value"]);
  });

  test("names the whole list where texts, lengths or the order differ", () => {
    expect(paths({ args: ["a", "b"] }, { args: ["a"] })).toEqual(["args"]);
    expect(paths({ list: [{}, {}] }, { list: [{}, 1] })).toEqual(["list"]);
    expect(paths({ list: [{}, 1] }, { list: [{}, {}] })).toEqual(["list"]);
    const [a, b] = [{ name: "a" }, { name: "b" }];
    expect(paths(containers(a, b), containers(b, a))).toEqual([
      "spec.containers",
    ]);
  });

  test("names at most twenty fields, in the order of their names", () => {
    const many = (value: number): JsonObject =>
      Object.fromEntries(
        Array.from({ length: 50 }, (_, index) => [`field${index + 10}`, value]),
      );
    const found = paths(many(1), many(2));
    expect(found).toHaveLength(maxDifferences);
    expect(found).toEqual([...found].sort());
  });

  test("finds nothing between an object and itself", () => {
    fc.assert(
      fc.property(object, (one) => {
        expect(diffFields(one, structuredClone(one))).toEqual([]);
      }),
    );
  });

  test("finds the same places from both sides, and values that are there", () => {
    fc.assert(
      fc.property(object, object, (one, other) => {
        const there = diffFields(one, other);
        const back = diffFields(other, one);
        const texts = (list: typeof there): string[] =>
          list.map(({ path }) => formatFieldPath(path)).sort();
        // Beyond the bound the two sides may have stopped at different places.
        fc.pre(there.length < maxDifferences);
        expect(texts(there)).toEqual(texts(back));
        for (const { path, live, wouldBe } of there) {
          expect(valueAt(one, path)).toEqual(live);
          expect(valueAt(other, path)).toEqual(wouldBe);
        }
      }),
    );
  });
});
