import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BundleFlags,
  type Verdict,
  type VerdictBasis,
  computeBundleVerdict,
  computeClusterVerdict,
  staleAfterMs,
  unreachableAfterMs,
  verdicts,
} from "./verdict.ts";

const heard = { sessionAgeMs: 0, heartbeatAgeMs: 1_000 };
const basis: VerdictBasis = { contact: heard, root: "sha256:1", ageMs: 1_000 };
const well: BundleFlags = {
  held: false,
  failed: false,
  drifted: false,
  driftMode: "enabled",
  ready: true,
};
const all: BundleFlags = {
  ...well,
  held: true,
  failed: true,
  drifted: true,
  ready: false,
};

describe("a bundle", () => {
  test.each<[string, VerdictBasis["contact"], BundleFlags | null, Verdict]>([
    ["is Converged when all is well", heard, well, "Converged"],
    [
      "is Progressing until it is ready",
      heard,
      { ...well, ready: false },
      "Progressing",
    ],
    ["is Progressing before its first report", heard, null, "Progressing"],
    ["is Drifted, though ready", heard, { ...well, drifted: true }, "Drifted"],
    [
      "is Drifted in mode warn too",
      heard,
      { ...well, drifted: true, driftMode: "warn" },
      "Drifted",
    ],
    [
      "is not Drifted where nobody looks",
      heard,
      { ...well, drifted: true, driftMode: "disabled" },
      "Converged",
    ],
    ["is Degraded before Drifted", heard, { ...all, held: false }, "Degraded"],
    ["is Held before Degraded", heard, all, "Held"],
    [
      "is Stale before Held",
      { sessionAgeMs: 0, heartbeatAgeMs: staleAfterMs },
      all,
      "Stale",
    ],
    [
      "is Stale without a heartbeat",
      { sessionAgeMs: 0, heartbeatAgeMs: null },
      well,
      "Stale",
    ],
    [
      "is not Stale a moment before",
      { sessionAgeMs: 0, heartbeatAgeMs: staleAfterMs - 1 },
      well,
      "Converged",
    ],
    [
      "is Unreachable before Stale",
      { sessionAgeMs: unreachableAfterMs, heartbeatAgeMs: unreachableAfterMs },
      all,
      "Unreachable",
    ],
    [
      "is Stale while the session is not gone for long",
      {
        sessionAgeMs: unreachableAfterMs - 1,
        heartbeatAgeMs: unreachableAfterMs,
      },
      well,
      "Stale",
    ],
    [
      "is Unreachable when its cluster was never heard from",
      { sessionAgeMs: null, heartbeatAgeMs: null },
      null,
      "Unreachable",
    ],
  ])("%s", (_title, contact, flags, verdict) => {
    expect(computeBundleVerdict({ ...basis, contact }, flags)).toEqual({
      verdict,
      root: "sha256:1",
      ageMs: 1_000,
    });
  });
});

describe("a cluster", () => {
  test("is the worst of its bundles, whatever their order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...verdicts), { minLength: 1 }),
        (bundles) => {
          const { verdict } = computeClusterVerdict(basis, bundles);
          const rank = (one: Verdict): number => verdicts.indexOf(one);
          expect(rank(verdict)).toBe(Math.min(...bundles.map(rank)));
        },
      ),
    );
  });

  test("without bundles is Converged, but Progressing before its first root", () => {
    expect(computeClusterVerdict(basis, []).verdict).toBe("Converged");
    const fresh = { ...basis, root: null, ageMs: null };
    expect(computeClusterVerdict(fresh, [])).toEqual({
      verdict: "Progressing",
      root: null,
      ageMs: null,
    });
  });

  test("that is not heard from is never better than Stale", () => {
    const contact = { sessionAgeMs: 0, heartbeatAgeMs: staleAfterMs };
    const { verdict } = computeClusterVerdict({ ...basis, contact }, [
      "Converged",
    ]);
    expect(verdict).toBe("Stale");
  });
});
