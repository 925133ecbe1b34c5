import { type BundleSpec, type DriftMode } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { systemClock } from "@wheelhouse/system-clock";
import { describe, expect, it } from "vitest";
import { type ApplyContext } from "./apply-context.ts";
import { BundleApplier } from "./bundle-applier.ts";
import { toDesired } from "./desired-object.ts";
import { type Inventory, type InventoryEntry } from "./inventory.ts";
import { KubeError } from "./kube-error.ts";
import { type ApplyOptions, type ApplyPort } from "./kube-port.ts";
import { Limiter } from "./limiter.ts";
import { ObjectApplier } from "./object-applier.ts";
import { markObject } from "./ownership-marks.ts";

const bundle = "Kustomization/flux-system/webapp";
const owner = { fleet: "demo", bundle };

const objectOf = (value: string, uid?: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    ...{ name: "a", namespace: "webapp" },
    ...(uid === undefined ? {} : { uid, resourceVersion: "7" }),
  },
  data: { key: value },
});

/** Applies over what somebody made anew under our object's name, with our marks; tells what was written, and the uids that the inventory had. */
async function applyOverStranger(spec: {
  readonly mode: DriftMode;
  readonly force: boolean;
  readonly isImmutable: boolean;
}) {
  let live: KubeObject | undefined = markObject(
    objectOf("theirs", "uid-2"),
    owner,
  );
  const writes: string[] = [];
  const answer = (object: KubeObject, { dryRun }: ApplyOptions) => {
    if (live !== undefined && spec.isImmutable) {
      throw new KubeError("immutable", "it is immutable");
    }
    const uid = live?.metadata["uid"] ?? "uid-3";
    const made = { ...object, metadata: { ...object.metadata, uid } };
    if (dryRun === true) return made;
    writes.push(`apply ${uid}`);
    return (live = made);
  };
  const port = {
    get: async () => live,
    apply: async (object: KubeObject, options: ApplyOptions) =>
      answer(object, options),
    delete: async (_kind: unknown, _id: unknown, { uid }: { uid: string }) => {
      writes.push(`delete ${uid}`);
      live = undefined;
    },
  } as unknown as ApplyPort;
  const [desired] = toDesired([objectOf("ours")], owner);
  if (desired === undefined) throw new Error("no object");
  let entry: InventoryEntry = {
    ...{ bundle, version: "v1", uid: "uid-1", desired: desired.digest },
    ...{ artifact: null, seen: null, since: "", adopted: null },
  };
  const uids: (string | null)[] = [];
  const inventory = {
    update: async (
      changes: ReadonlyMap<string, (current: InventoryEntry) => InventoryEntry>,
    ) => {
      entry = changes.get(desired.key)?.(entry) ?? entry;
      if (uids.at(-1) !== entry.uid) uids.push(entry.uid);
    },
  } as unknown as Inventory;
  const options = { port, clock: systemClock, failpoint: () => undefined };
  const bundles = new BundleApplier({
    ...{ ...options, inventory },
    objects: new ObjectApplier({ ...options, limiter: new Limiter(1) }),
    discovery: { find: async () => undefined, refresh: () => undefined },
  });
  await bundles.apply([desired], {
    fleet: "demo",
    spec: {
      ...{ name: bundle, serviceAccountName: null, retryIntervalMs: 60_000 },
      ...{ force: spec.force, drift: { mode: spec.mode, ignore: [] } },
    } as unknown as BundleSpec,
    artifact: "sha256:0",
    entryOf: () => entry,
    view: () => ({ kind: "unknown" }),
    hasObject: () => true,
    mayHeal: () => true,
    isThorough: false,
    requireNewest: async () => undefined,
    signal: new AbortController().signal,
  } as unknown as ApplyContext);
  return { writes, uids };
}

describe("what somebody made anew under our object's name", () => {
  it.each([
    { force: true, isImmutable: true },
    { force: false, isImmutable: true },
    { force: true, isImmutable: false },
    { force: false, isImmutable: false },
  ])(
    "never comes into the inventory in mode warn, where it is only reported ($force, $isImmutable)",
    async (spec) => {
      const found = await applyOverStranger({ ...spec, mode: "warn" });
      expect(found).toEqual({ writes: [], uids: ["uid-1"] });
    },
  );

  it("is in the inventory before it is deleted to be made anew", async () => {
    const spec = { mode: "enabled", force: true, isImmutable: true } as const;
    expect(await applyOverStranger(spec)).toEqual({
      writes: ["delete uid-2", "apply uid-3"],
      uids: ["uid-2", "uid-3"],
    });
  });

  it("stays out of the inventory where it may not be made anew", async () => {
    const spec = { mode: "enabled", force: false, isImmutable: true } as const;
    expect(await applyOverStranger(spec)).toEqual({
      ...{ writes: [], uids: ["uid-1"] },
    });
  });

  it("is in the inventory once it is healed", async () => {
    const spec = { mode: "enabled", force: false, isImmutable: false } as const;
    expect(await applyOverStranger(spec)).toEqual({
      ...{ writes: ["apply uid-2"], uids: ["uid-2"] },
    });
  });
});
