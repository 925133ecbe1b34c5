import { describe, expect, it } from "vitest";
import { collectionPath, objectPath } from "./resource-path.ts";

const configMaps = {
  gvk: { group: "", version: "v1", kind: "ConfigMap" },
  resource: "configmaps",
  namespaced: true,
};

describe("the path of an object", () => {
  it("encodes namespace and name", () => {
    const id = { namespace: "a/b", name: "c%2fd" };
    expect(objectPath(configMaps, id)).toBe(
      "/api/v1/namespaces/a%2Fb/configmaps/c%252fd",
    );
  });

  it.each([".", ".."])("is none for a name or namespace %s", (text) => {
    const here = { namespace: "default", name: text };
    expect(() => objectPath(configMaps, here)).toThrow("no name for a path");
    const there = { namespace: text, name: "a" };
    expect(() => objectPath(configMaps, there)).toThrow("no namespace for");
    expect(() => collectionPath(configMaps, text)).toThrow("no namespace for");
  });
});
