import { describe, expect, it } from "vitest";
import { encodeObjects } from "./artifact.ts";
import { templateMediaType } from "./bundle.ts";
import { type Template, decodeArtifact, encodeTemplate } from "./template.ts";

const document = (name: string) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: "shop",
  name,
  text: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: shop\ndata:\n  password: \${PASSWORD}\n`,
});

const template: Template = {
  documents: [document("b"), document("a")],
  sources: [
    {
      kind: "late",
      reference: {
        kind: "Secret",
        namespace: "flux-system",
        name: "late",
        optional: true,
      },
    },
    { kind: "values", values: { REGION: "eu" } },
  ],
  always: false,
  commonMetadata: { labels: { team: "shop" }, annotations: {} },
};

describe("a template artifact", () => {
  it("is the same bytes for the same content, whatever the order of its documents", () => {
    const artifact = encodeTemplate(template);
    const turned = encodeTemplate({
      ...template,
      documents: [...template.documents].reverse(),
    });
    expect(turned.reference).toEqual(artifact.reference);
    expect(artifact.reference).toMatchObject({
      mediaType: templateMediaType,
      objects: 2,
    });
  });

  it("keeps the order of its sources, which decides who wins", () => {
    const decoded = decodeArtifact(encodeTemplate(template).bytes);
    expect(decoded).toMatchObject({
      kind: "template",
      template: {
        sources: template.sources,
        documents: [{ name: "a" }, { name: "b" }],
      },
    });
  });

  it("refuses an identity that occurs twice", () => {
    const documents = [document("a"), document("a")];
    expect(() => encodeTemplate({ ...template, documents })).toThrow(
      "ConfigMap/shop/a: twice",
    );
  });

  it("is not mistaken for objects, nor objects for it", () => {
    const object = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", namespace: "shop" },
      data: { format: "x" },
      format: "template/v1",
    };
    expect(decodeArtifact(encodeObjects([object]).bytes)).toEqual({
      kind: "objects",
      objects: [object],
    });
    expect(() => decodeArtifact(Buffer.from("{}\n"))).toThrow(SyntaxError);
  });
});
