import { type SourceTree } from "@wheelhouse/fleet-model";
import { describe, expect, it } from "vitest";
import { findGivenTwice } from "./written-objects.ts";

const shop =
  "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: shop, namespace: webapp }\n";
const other = shop.replace("name: shop", "name: other");
const contents = new Map([
  ["apps/a.yaml", shop],
  ["apps/b.yaml", `${other}---\n${shop}`],
  ["apps/c.yaml", other],
]);
const entry = (path: string) => {
  if (path === "apps") return { kind: "directory", path };
  const text = contents.get(path);
  return text === undefined
    ? undefined
    : { kind: "file", path, bytes: new TextEncoder().encode(text) };
};
const tree = { entry, list: () => [] } as unknown as SourceTree;
const said =
  "accumulating resources: accumulation err='merging resources from './b.yaml': may not add resource with an already registered id: Deployment.v1.apps/shop.webapp': must build at directory: '/x/b.yaml': file is not directory";

describe("an object that a build was given twice", () => {
  it("is named with both of its files", () => {
    expect(findGivenTwice(tree, [...contents.keys()], said)).toMatchObject({
      subject: "Deployment/webapp/shop",
      message: "apps/a.yaml and apps/b.yaml both have it",
      location: { file: "apps/b.yaml" },
    });
  });

  it("is not guessed where one file has it, or kustomize says something else", () => {
    const files = ["apps/a.yaml", "apps/c.yaml"];
    expect(findGivenTwice(tree, files, said)).toBeUndefined();
    expect(
      findGivenTwice(tree, [...contents.keys()], "no such file"),
    ).toBeUndefined();
  });
});
