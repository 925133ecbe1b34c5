import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareObjectIds,
  formatApiVersion,
  formatObjectId,
  gvkOf,
  isKubeObject,
  objectIdOf,
  objectKey,
  parseApiVersion,
  parseObjectKey,
} from "./object-id.ts";
import { ownerAnnotation, ownerOf, readOwner } from "./ownership.ts";

const object = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "api", namespace: "webapp" },
};

describe("an identity", () => {
  test("has no version: the same object in two versions is one", () => {
    const id = objectIdOf(object);
    expect(objectIdOf({ ...object, apiVersion: "apps/v1beta1" })).toEqual(id);
    expect(gvkOf(object)).toEqual({
      group: "apps",
      version: "v1",
      kind: "Deployment",
    });
    expect(objectKey(id)).toBe("apps/Deployment/webapp/api");
    expect(formatObjectId(id)).toBe("Deployment/webapp/api");
  });

  test("of a cluster-scoped object has an empty namespace", () => {
    const id = objectIdOf({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "webapp" },
    });
    expect(objectKey(id)).toBe("/Namespace//webapp");
    expect(formatObjectId(id)).toBe("Namespace/webapp");
  });

  test("comes back from its key", () => {
    const part = fc.stringMatching(/^[a-z0-9.:-]{0,20}$/);
    const named = fc.stringMatching(/^[a-z0-9.:-]{1,20}$/);
    const ids = fc.record({
      group: part,
      kind: fc.stringMatching(/^[A-Z][A-Za-z]{0,10}$/),
      namespace: part,
      name: named,
    });
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        expect(parseObjectKey(objectKey(a))).toEqual(a);
        const isSame = objectKey(a) === objectKey(b);
        expect(compareObjectIds(a, b) === 0).toBe(isSame);
      }),
    );
  });

  test.each(["", "a", "a/b", "a/b/c", "a/b/c/", "a//c/d"])(
    "is not in %j",
    (key) => {
      expect(parseObjectKey(key)).toBeUndefined();
    },
  );
});

test("an apiVersion comes back from its group and version", () => {
  for (const text of ["v1", "apps/v1", "fleet.wheelhouse.dev/v1alpha1"]) {
    const { group, version } = parseApiVersion(text);
    expect(formatApiVersion(group, version)).toBe(text);
  }
});

test("an object without apiVersion, kind or name is none", () => {
  expect(isKubeObject(object)).toBe(true);
  for (const broken of [
    null,
    [],
    {},
    { ...object, kind: "" },
    { ...object, apiVersion: 1 },
    { ...object, metadata: null },
    { ...object, metadata: { namespace: "webapp" } },
  ]) {
    expect(isKubeObject(broken)).toBe(false);
  }
});

test("an owner is read from the annotation, and only where it is text", () => {
  const owner = ownerOf("demo", "Kustomization/flux-system/webapp");
  const marked = (value: string | number) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { [ownerAnnotation]: value } },
  });
  expect(readOwner(marked(owner))).toBe(
    "demo/Kustomization/flux-system/webapp",
  );
  expect(readOwner(marked(1))).toBeUndefined();
  expect(readOwner(object)).toBeUndefined();
});
