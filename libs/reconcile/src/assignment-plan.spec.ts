import {
  type BundleSpec,
  bundleDigest,
  createEnvelope,
  digestOf,
  encodeObjects,
} from "@wheelhouse/assignment";
import { objectKey } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { lackingArtifacts, planAssignment } from "./assignment-plan.ts";

const artifact = encodeObjects([
  { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" } },
]);
const { digest } = artifact.reference;

function envelopeOf(seq: number, ...names: readonly string[]) {
  const revision = { commit: "a".repeat(40), lock: digestOf("") };
  return createEnvelope({
    ...{ fleet: "demo", cluster: "prod-eu-1", audience: "uid", epoch: 1, seq },
    ...{ revision, issuedAt: "2026-01-01T00:00:00Z", allowDelete: [] },
    bundles: names.map((name) => {
      const spec: BundleSpec = {
        ...{ name: `Kustomization/flux-system/${name}`, dependsOn: [] },
        ...{ artifact: artifact.reference, wait: false, healthChecks: [] },
        ...{ timeoutMs: 1, intervalMs: 1, retryIntervalMs: 1, prune: true },
        ...{ deletionPolicy: "MirrorPrune", force: false, suspend: false },
        ...{ serviceAccountName: null, decryption: null, adopt: false },
        ...{ drift: { mode: "enabled", ignore: [] }, createNamespaces: [] },
        ...{ lateReferences: [], held: null },
      };
      return { spec, digest: bundleDigest(spec), revision };
    }),
  });
}

const bytes = new Map([[digest, artifact.bytes]]);
const nothing = new Map<typeof digest, Uint8Array>();

describe("a plan", () => {
  it("takes over what the plan before has read of the same bundle", () => {
    const before = planAssignment(envelopeOf(1, "a"), bytes, objectKey);
    const next = envelopeOf(2, "a");
    expect(lackingArtifacts(next, before)).toEqual([]);
    const plan = planAssignment(next, nothing, objectKey, before);
    expect(
      plan.bundles.get("Kustomization/flux-system/a")?.desired,
    ).toHaveLength(1);
  });

  it("reads the artifact again for a bundle of another name with the same bytes", () => {
    const before = planAssignment(envelopeOf(1, "a"), bytes, objectKey);
    expect(lackingArtifacts(envelopeOf(2, "b"), before)).toEqual([digest]);
  });

  it("names those that wait for a bundle, and those that judge their health by it", () => {
    const envelope = envelopeOf(1, "a", "b", "c");
    const flux = "kustomize.toolkit.fluxcd.io/v1";
    const check = {
      kind: "Kustomization",
      namespace: "flux-system",
      name: "a",
    };
    const bundles = envelope.bundles.map((bundle) => {
      const letter = bundle.spec.name.slice(-1);
      const more =
        letter === "b"
          ? { healthChecks: [{ apiVersion: flux, ...check }] }
          : letter === "c"
            ? { dependsOn: [{ bundle: "Kustomization/flux-system/a" }] }
            : {};
      return { ...bundle, spec: { ...bundle.spec, ...more } };
    });
    const plan = planAssignment({ ...envelope, bundles }, bytes, objectKey);
    expect(plan.bundles.get("Kustomization/flux-system/a")?.dependants).toEqual(
      ["Kustomization/flux-system/b", "Kustomization/flux-system/c"],
    );
  });

  it("reads again what could not be read before, once", () => {
    const before = planAssignment(envelopeOf(1, "a", "b"), nothing, objectKey);
    expect(lackingArtifacts(envelopeOf(2, "a", "b"), before)).toEqual([digest]);
  });
});
