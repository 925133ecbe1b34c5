import { systemClock } from "@wheelhouse/system-clock";
import { type BundleSpec } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it } from "vitest";
import { type ApplyContext } from "./apply-context.ts";
import { toDesired } from "./desired-object.ts";
import { type InventoryEntry } from "./inventory.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyPort } from "./kube-port.ts";
import { type Claim } from "./object-claim.ts";
import { ObjectWriter } from "./object-writer.ts";
import { markObject } from "./ownership-marks.ts";
import { type PreparedObject } from "./prepared-object.ts";

const bundle = "Kustomization/flux-system/webapp";

const objectOf = (
  uid: string,
  owner: { fleet: string; bundle: string } | null = { fleet: "demo", bundle },
): KubeObject => {
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", namespace: "webapp", uid, resourceVersion: "7" },
  };
  return owner === null ? object : markObject(object, owner);
};

const entryOf = (uid: string | null): InventoryEntry => ({
  bundle,
  version: "v1",
  uid,
  artifact: null,
  desired: null,
  seen: null,
  since: "2026-01-01T00:00:00Z",
  adopted: null,
});

/** Recreates an object that stands with `uid-1`; `superseded` is the look at the ratchet that finds a newer assignment. */
async function recreate(
  entry: InventoryEntry | undefined,
  superseded = Number.POSITIVE_INFINITY,
  found: KubeObject = objectOf("uid-1"),
  claim: Claim = { kind: "own" },
) {
  const requests: string[] = [];
  let live: KubeObject | undefined = found;
  let looks = 0;
  const refuse = () => Promise.reject(new Error("not of this test"));
  const port: ApplyPort = {
    apply: async () => {
      if (live !== undefined) throw new KubeError("immutable", "immutable");
      requests.push("apply");
      return (live = objectOf("uid-2"));
    },
    get: async () => live,
    delete: async (_kind, _id, { uid, resourceVersion }) => {
      requests.push(`delete ${uid} at ${resourceVersion}`);
      live = undefined;
    },
    create: refuse,
    update: refuse,
    list: refuse,
    mergePatch: refuse,
  };
  const [desired] = toDesired(
    [
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "a", namespace: "webapp" },
      },
    ],
    { fleet: "demo", bundle },
  );
  const context = {
    fleet: "demo",
    spec: {
      name: bundle,
      serviceAccountName: null,
      force: true,
      adopt: false,
      drift: { mode: "enabled", ignore: [] },
    } as unknown as BundleSpec,
    entryOf: () => entry,
    requireNewest: async () => {
      looks += 1;
      if (looks >= superseded) throw new Error("superseded");
    },
    signal: new AbortController().signal,
  } as unknown as ApplyContext;
  const prepared = {
    desired,
    live,
    claim,
    policy: { recreate: false },
    outcome: undefined,
  } as unknown as PreparedObject;
  const outcome = await new ObjectWriter({
    port,
    clock: systemClock,
    failpoint: () => undefined,
  })
    .write(prepared, live, context)
    .catch((error: unknown) => String(error));
  return { outcome, requests };
}

describe("an object of which a field cannot be changed", () => {
  it("is deleted at its uid and version, and made anew", async () => {
    const { outcome, requests } = await recreate(entryOf("uid-1"));
    expect(outcome).toMatchObject({ kind: "applied", action: "recreated" });
    expect(requests).toEqual(["delete uid-1 at 7", "apply"]);
  });

  it.each([
    ["was never recorded", undefined],
    ["has a uid that was never recorded", entryOf(null)],
    ["is not the one that was recorded", entryOf("uid-0")],
  ])("is left as it is where it %s", async (_, entry) => {
    const { outcome, requests } = await recreate(entry);
    expect(outcome).toMatchObject({ kind: "refused", reason: "Immutable" });
    expect(requests).toEqual([]);
  });

  const other = "Kustomization/flux-system/other";

  it.each([
    ["lost its marks", null],
    ["is another fleet's now", { fleet: "else", bundle }],
    ["is another bundle's now", { fleet: "demo", bundle: other }],
  ])("is left as it is where it %s", async (_, owner) => {
    const found = objectOf("uid-1", owner);
    const { outcome, requests } = await recreate(
      entryOf("uid-1"),
      Number.POSITIVE_INFINITY,
      found,
    );
    expect(outcome).toMatchObject({ kind: "refused", reason: "Immutable" });
    expect(requests).toEqual([]);
  });

  it("is made anew where another bundle hands it over", async () => {
    const { outcome } = await recreate(
      entryOf("uid-1"),
      Number.POSITIVE_INFINITY,
      objectOf("uid-1", { fleet: "demo", bundle: other }),
      { kind: "handover", from: other },
    );
    expect(outcome).toMatchObject({ kind: "applied", action: "recreated" });
  });

  it.each([
    ["deleted", 1, []],
    ["made anew", 2, ["delete uid-1 at 7"]],
  ])(
    "is not %s once a newer assignment is acknowledged",
    async (_, look, expected) => {
      const { outcome, requests } = await recreate(entryOf("uid-1"), look);
      expect(outcome).toBe("Error: superseded");
      expect(requests).toEqual(expected);
    },
  );
});
