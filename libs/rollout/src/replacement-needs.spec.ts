import { type BundleSpec, type LateReference } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import { replacementNeeds } from "./replacement-needs.ts";

const secret = (name: string, optional = false): LateReference => ({
  kind: "Secret",
  namespace: "web",
  name,
  optional,
});

const bundle = (
  name: string,
  lateReferences: readonly LateReference[],
  secretName?: string,
) =>
  ({
    name: `Kustomization/web/${name}`,
    lateReferences,
    decryption: secretName === undefined ? null : { secretName },
  }) as unknown as BundleSpec;

describe("what a new cluster brings itself", () => {
  it("is nothing where no bundle looks for anything", () => {
    expect(replacementNeeds([bundle("a", [])])).toEqual({
      required: [],
      optional: [],
    });
  });

  it("tells what holds a bundle from what may be missing", () => {
    const bundles = [
      bundle("b", [secret("values"), secret("extra", true)], "sops-keys"),
      bundle("a", [secret("values")]),
    ];
    expect(replacementNeeds(bundles)).toEqual({
      required: [
        "Secret web/sops-keys, for Kustomization/web/b",
        "Secret web/values, for Kustomization/web/b, Kustomization/web/a",
      ],
      optional: ["Secret web/extra, for Kustomization/web/b"],
    });
  });

  it("is required where one bundle is held without it", () => {
    const bundles = [
      bundle("a", [secret("values", true)]),
      bundle("b", [secret("values")]),
    ];
    expect(replacementNeeds(bundles)).toEqual({
      required: ["Secret web/values, for Kustomization/web/b"],
      optional: [],
    });
  });
});
