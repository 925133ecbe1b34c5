import { describe, expect, it } from "vitest";
import { type Json, type KubeObject } from "@wheelhouse/kube-object";
import { withCommonMetadata } from "./common-metadata.ts";

const object = (metadata: Readonly<Record<string, Json>>): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "x", ...metadata },
});

const none = { labels: {}, annotations: {} };

describe("withCommonMetadata", () => {
  it("leaves objects as they are where there is nothing to set", () => {
    const plain = object({ labels: { a: "1" } });
    expect(withCommonMetadata([plain], none).objects[0]).toBe(plain);
  });

  it("sets labels and annotations over the objects' own", () => {
    const { objects } = withCommonMetadata(
      [object({ labels: { a: "1", b: "1" } })],
      { labels: { b: "2" }, annotations: { c: "3" } },
    );
    expect(objects[0]?.metadata).toEqual({
      name: "x",
      labels: { a: "1", b: "2" },
      annotations: { c: "3" },
    });
  });

  it("makes an empty text of an empty label", () => {
    const { objects, warnings } = withCommonMetadata(
      [object({ labels: { a: null, b: "1" } })],
      none,
    );
    expect(objects[0]?.metadata["labels"]).toEqual({ a: "", b: "1" });
    expect(warnings).toEqual([]);
  });

  it("drops labels that are not all text, and says so", () => {
    const { objects, warnings } = withCommonMetadata(
      [object({ labels: { a: 1, b: "1" } })],
      { labels: { c: "3" }, annotations: {} },
    );
    expect(objects[0]?.metadata["labels"]).toEqual({ c: "3" });
    expect(warnings.map(({ reason }) => reason)).toEqual(["LabelsLost"]);
  });
});
