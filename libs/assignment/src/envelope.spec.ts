import { describe, expect, it } from "vitest";
import { type JsonObject, canonicalJson } from "@wheelhouse/kube-object";
import { type BundleSpec, bundleDigest } from "./bundle.ts";
import { digestOf } from "./digest.ts";
import {
  type Envelope,
  createEnvelope,
  decodeEnvelope,
  encodeEnvelope,
  rootOf,
} from "./envelope.ts";

const revision = { commit: "0".repeat(40), lock: digestOf("none") };

const spec = (name: string): BundleSpec => ({
  name: `Kustomization/flux-system/${name}`,
  artifact: null,
  dependsOn: [],
  wait: false,
  healthChecks: [],
  timeoutMs: 60_000,
  intervalMs: 600_000,
  retryIntervalMs: 60_000,
  prune: true,
  deletionPolicy: "MirrorPrune",
  force: false,
  suspend: false,
  serviceAccountName: null,
  decryption: null,
  drift: { mode: "enabled", ignore: [] },
  adopt: false,
  createNamespaces: [],
  lateReferences: [],
  held: null,
});

const assigned = (name: string) => {
  const own = spec(name);
  return { spec: own, digest: bundleDigest(own), revision };
};

const envelope = createEnvelope({
  fleet: "harbour",
  cluster: "prod-eu-1",
  audience: "uid-1",
  epoch: 1,
  seq: 5,
  revision,
  issuedAt: "2026-01-01T00:00:00Z",
  bundles: [assigned("web"), assigned("db")],
  allowDelete: [],
});

const decodeChanged = (change: object) =>
  decodeEnvelope(encodeEnvelope({ ...envelope, ...change } as Envelope));

describe("an envelope", () => {
  it("is read as it was written, its bundles in the order of their names", () => {
    expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual({
      ok: true,
      envelope,
    });
    expect(envelope.bundles.map(({ spec: { name } }) => name)).toEqual([
      "Kustomization/flux-system/db",
      "Kustomization/flux-system/web",
    ]);
  });

  it("names what is released beside its root, and says nothing of it where nothing is", () => {
    const released = ["Kustomization/a/web", "Kustomization/a/db"];
    const some = createEnvelope({ ...envelope, released });
    expect(some.released).toEqual([...released].reverse());
    expect(some.root).toBe(envelope.root);
    expect(decodeEnvelope(encodeEnvelope(some))).toMatchObject({ ok: true });
    expect(createEnvelope({ ...some, released: [] })).toEqual(envelope);
  });

  it("is refused where a bundle does not have its digest, though the root fits", () => {
    const [db, web] = envelope.bundles;
    const bundles = [db, web && { ...web, spec: spec("other") }].flatMap(
      (bundle) => bundle ?? [],
    );
    expect(decodeChanged({ bundles, root: rootOf(bundles) })).toEqual({
      ok: false,
      problem:
        "Kustomization/flux-system/other: the bundle does not have its digest",
    });
  });

  it.each([
    ["a bundle is missing", { bundles: envelope.bundles.slice(1) }],
    ["there is none", { bundles: [] }],
    [
      "a bundle is there twice",
      { bundles: [assigned("web"), assigned("web")] },
    ],
    ["the root is another's", { root: digestOf("another") }],
  ])("is refused where %s", (_what, change) => {
    expect(decodeChanged(change)).toEqual({
      ok: false,
      problem: "envelope: the bundles do not have its root",
    });
  });

  it.each<[string, object]>([
    ["another format", { format: 2 }],
    ["a seq that is no whole number", { seq: 1.5 }],
    ["a seq that JavaScript does not keep", { seq: 2 ** 53 }],
    ["a negative epoch", { epoch: -1 }],
    ["an audience that is no text", { audience: null }],
    ["a root that is no digest", { root: "sha256:0" }],
    ["allowed deletions that are no list", { allowDelete: {} }],
    ["released bundles that are no names", { released: [1] }],
    ["a bundle that is no object", { bundles: [1] }],
    ["a bundle without a spec", { bundles: [{ ...assigned("a"), spec: 1 }] }],
  ])("is refused where it has %s", (_what, change) => {
    const bytes = Buffer.from(
      canonicalJson({ ...envelope, ...change } as unknown as JsonObject),
    );
    expect(decodeEnvelope(bytes)).toMatchObject({
      ok: false,
      problem: expect.stringContaining("unknown format"),
    });
  });

  it("is refused where it is no JSON", () => {
    expect(decodeEnvelope(Buffer.from("{"))).toMatchObject({ ok: false });
  });
});
