import { describe, expect, it } from "vitest";
import { count, formatObject, labelBundles, shortId } from "./names.ts";

describe("names", () => {
  it("shortens an id to eight digits, with or without the algorithm", () => {
    expect(shortId("sha256:9ac41e07aaaa")).toBe("9ac41e07");
    expect(shortId("4f2c91d0bbbb")).toBe("4f2c91d0");
    expect(shortId(null)).toBe("-");
  });

  it("labels a bundle by its name where that is enough", () => {
    const labels = labelBundles([
      "Kustomization/flux-system/webapp",
      "HelmRelease/flux-system/webapp",
      "Kustomization/flux-system/infra",
      "Kustomization/team-a/infra",
    ]);
    expect([...labels.values()]).toEqual([
      "Kustomization/flux-system/webapp",
      "HelmRelease/flux-system/webapp",
      "flux-system/infra",
      "team-a/infra",
    ]);
  });

  it("names an object without a namespace by kind and name", () => {
    const object = { group: "", kind: "Namespace", namespace: "", name: "a" };
    expect(formatObject(object)).toBe("Namespace a");
  });

  it("counts in words a person would use", () => {
    expect(count(1, "cluster")).toBe("1 cluster");
    expect(count(5000, "cluster")).toBe("5,000 clusters");
  });
});
