import {
  type Digest,
  bundleDigest,
  createEnvelope,
  digestOf,
  objectsMediaType,
} from "@wheelhouse/assignment";
import { objectKey } from "@wheelhouse/kube-object";
import { exampleBundleSpec } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import {
  type CollectionOptions,
  collectAgeMs,
  collectArtifacts,
} from "./artifact-collection.ts";
import { type AssignmentPlan, planAssignment } from "./assignment-plan.ts";

const revision = { commit: "4".repeat(40), lock: digestOf("no sources") };

/** An assignment of one bundle, which is what the text says. */
function planOf(text: string): AssignmentPlan {
  const spec = exampleBundleSpec({
    artifact: {
      ...{ digest: digestOf(text), mediaType: objectsMediaType },
      ...{ bytes: text.length, objects: 1 },
    },
  });
  const envelope = createEnvelope({
    ...{ fleet: "demo", cluster: "prod-eu-1", audience: "uid-1" },
    ...{ epoch: 1, seq: 1, issuedAt: "2026-01-01T00:00:00Z" },
    ...{ revision, allowDelete: [] },
    bundles: [{ spec, revision, digest: bundleDigest(spec) }],
  });
  return planAssignment(envelope, new Map(), objectKey);
}

/** Collects with what the test says of the cluster; gives what was kept at each look. */
async function collect(options: {
  readonly hasGarbage: boolean;
  readonly plans: readonly AssignmentPlan[];
  readonly applied?: readonly Digest[];
}) {
  const kept: (readonly Digest[])[] = [];
  const plans = [...options.plans];
  let asked = 0;
  const records = (options.applied ?? []).map(
    (artifact, index) => [`${index}`, { artifact }] as const,
  );
  const parts = {
    inventory: { entries: () => [["gone", { artifact: null }]] },
    records: { entries: () => records },
    artifacts: {
      hasGarbage: () => options.hasGarbage,
      collect: async (now: () => ReadonlySet<Digest>) => {
        kept.push([...now()], [...now()]);
      },
    },
    steadyNowMs: 0,
    requireNewest: async () => void (asked += 1),
    currentPlan: () => (plans.length > 1 ? plans.shift() : plans[0]),
  };
  const result = await collectArtifacts(parts as unknown as CollectionOptions);
  return { kept, asked, result };
}

describe("the collection of artifacts", () => {
  it("asks nobody where there is nothing to collect, and looks again later", async () => {
    const one = planOf("one");
    const { asked, kept, result } = await collect({
      hasGarbage: false,
      plans: [one],
    });
    expect(asked).toBe(0);
    expect(kept).toEqual([]);
    expect(result).toMatchObject({ delayMs: collectAgeMs });
  });

  it("keeps what the assignment in force names now, not what it named when it began", async () => {
    const [before, after] = [planOf("one"), planOf("two")];
    const { asked, kept } = await collect({
      hasGarbage: true,
      plans: [before, before, after],
      applied: [digestOf("three")],
    });
    expect(asked).toBe(1);
    expect(kept).toEqual([
      [digestOf("one"), digestOf("three")],
      [digestOf("two"), digestOf("three")],
    ]);
  });
});
