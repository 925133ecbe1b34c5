import { type DriftView } from "@wheelhouse/rest-api";
import { describe, expect, it } from "vitest";
import { selectDriftLines, writeLedger } from "./ledger.ts";

const drift = (change: Partial<DriftView> = {}): DriftView => ({
  cluster: "prod-eu-1",
  bundle: "Kustomization/flux-system/webapp",
  object: { group: "apps", kind: "Deployment", namespace: "w", name: "f" },
  missing: false,
  fields: [{ path: "spec.replicas", wanted: "2", found: "5" }],
  writer: "kubectl-edit",
  firstSeen: "2025-03-01T12:00:00Z",
  lastSeen: "2025-03-01T12:00:00Z",
  times: 1,
  state: "healed",
  message: "",
  ...change,
});

describe("the ledger", () => {
  it("has a line for each field, and one for a missing object", () => {
    const two = drift({
      fields: [
        { path: "a", wanted: "1", found: "2" },
        { path: "b", wanted: null, found: "2" },
      ],
    });
    expect(writeLedger([two]).map(({ field }) => field)).toEqual(["a", "b"]);
    expect(writeLedger([drift({ missing: true })])[0]).toMatchObject({
      wanted: "present",
      found: "deleted",
    });
  });

  it("counts on how many clusters the same was found, also those filtered away", () => {
    const all = [drift(), drift({ cluster: "prod-us-1" })];
    expect(writeLedger(all).map(({ sameOn }) => sameOn)).toEqual([2, 2]);
    const [line, ...rest] = selectDriftLines(all, "prod-us kubectl");
    expect(line?.sameOn).toBe(2);
    expect(rest).toEqual([]);
  });

  it("has what is not settled first, then the newest", () => {
    const lines = writeLedger([
      drift({ cluster: "old" }),
      drift({ cluster: "new", lastSeen: "2025-03-02T12:00:00Z" }),
      drift({ cluster: "open", state: "open" }),
    ]);
    expect(lines.map(({ record }) => record.cluster)).toEqual([
      "open",
      "new",
      "old",
    ]);
  });
});
