import { randomBytes } from "node:crypto";
import { type Digest, digestOf } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxPackBytes, planPacks, unpackArtifacts } from "./artifact-packs.ts";

const unpackOne = (digest: Digest, secrets: readonly KubeObject[]) =>
  unpackArtifacts([digest], secrets).get(digest);

const stored = (bytes: Uint8Array) => ({ digest: digestOf(bytes), bytes });

describe("artifact packs", () => {
  it("give back every artifact that went in", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 5_000 }), { maxLength: 30 }),
        (all) => {
          const artifacts = all.map(stored);
          const secrets = planPacks(artifacts);
          const digests = artifacts.map(({ digest }) => digest);
          const found = unpackArtifacts(digests, secrets);
          for (const { digest, bytes } of artifacts) {
            expect(Buffer.from(found.get(digest) ?? []).equals(bytes)).toBe(
              true,
            );
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it("put many small artifacts into one Secret", () => {
    const artifacts = Array.from({ length: 500 }, (_, index) =>
      stored(Buffer.from(`artifact ${index}`)),
    );
    expect(planPacks(artifacts)).toHaveLength(1);
  });

  it("spread one that is too large over several, each within the bound", () => {
    const large = stored(randomBytes(1_500_000));
    const secrets = planPacks([large]);
    expect(secrets).toHaveLength(3);
    for (const secret of secrets) {
      const { pack } = secret["data"] as { readonly pack: string };
      const bytes = Buffer.from(pack, "base64").length;
      expect(bytes).toBeLessThanOrEqual(maxPackBytes);
    }
    const found = unpackOne(large.digest, secrets.toReversed());
    expect(Buffer.from(found ?? []).equals(large.bytes)).toBe(true);
    expect(unpackOne(large.digest, secrets.slice(1))).toBeUndefined();
  });

  it("are named by what they hold, and cannot be changed", () => {
    const artifact = stored(Buffer.from("the same"));
    const [first] = planPacks([artifact]);
    const [second] = planPacks([artifact]);
    expect(first?.metadata.name).toBe(second?.metadata.name);
    expect(first?.["immutable"]).toBe(true);
  });

  it("give nothing where a byte was flipped", () => {
    const artifact = stored(Buffer.from("x".repeat(2_000)));
    const [secret] = planPacks([artifact]);
    const { index, pack } = secret?.["data"] as Record<string, string>;
    const bytes = Buffer.from(pack ?? "", "base64");
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      const damaged = {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "x" },
        data: { index: index ?? "", pack: flipped.toString("base64") },
      };
      const found = unpackOne(artifact.digest, [damaged]);
      // The header of gzip holds bytes that mean nothing; the content is right or absent.
      expect(found === undefined || digestOf(found) === artifact.digest).toBe(
        true,
      );
    }
  });
});
