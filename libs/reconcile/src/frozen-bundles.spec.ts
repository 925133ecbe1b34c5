import { type Envelope } from "@wheelhouse/assignment";
import { type BundleRecord, type BundleRecords } from "@wheelhouse/kube-apply";
import { describe, expect, it } from "vitest";
import { FrozenBundles } from "./frozen-bundles.ts";

const name = "Kustomization/flux-system/webapp";
const record: BundleRecord = {
  applied: null,
  artifact: null,
  appliedAt: "2026-01-01T00:00:00Z",
  prune: true,
  deletionPolicy: "MirrorPrune",
};
const newest = () => Promise.resolve();

/** Records as a cluster keeps them, which may refuse writes. */
function recordsOf(durable: Map<string, BundleRecord>) {
  const fake = { writes: 0, refuses: false };
  const records: Pick<BundleRecords, "get" | "update"> = {
    get: (key) => durable.get(key),
    update: (changes) => {
      if (fake.refuses) return Promise.reject(new Error("503"));
      fake.writes += 1;
      for (const [key, change] of changes) {
        const changed = change(durable.get(key));
        if (changed === undefined) durable.delete(key);
        else durable.set(key, changed);
      }
      return Promise.resolve();
    },
  };
  return { fake, frozen: () => new FrozenBundles(records as BundleRecords) };
}

/** An assignment with the bundle, suspended or not, or without it; and what it releases. */
function assignment(
  seq: number,
  suspend: boolean | null,
  released: readonly string[] = [],
) {
  const bundles = suspend === null ? [] : [{ spec: { name, suspend } }];
  const envelope = { bundles, released } as unknown as Envelope;
  const root = `sha256:${"0".repeat(64)}` as const;
  return { envelope, mark: { epoch: 1, seq, root } };
}

describe("frozen bundles", () => {
  it("are remembered by a later process, until they are assigned unsuspended", async () => {
    const durable = new Map([[name, record]]);
    const { fake, frozen } = recordsOf(durable);
    const first = frozen();
    first.heed(assignment(1, true));
    await first.write(newest);
    first.heed(assignment(2, null));
    await first.write(newest);
    expect(first.has(name)).toBe(true);
    const second = frozen();
    second.heed(assignment(2, null));
    await second.write(newest);
    expect(second.has(name)).toBe(true);
    expect(fake.writes).toBe(1);
    second.heed(assignment(3, false));
    await second.write(newest);
    expect(second.has(name)).toBe(false);
    expect(durable.get(name)).toEqual(record);
    expect(frozen().has(name)).toBe(false);
  });

  it("stay so though they left before that could be made durable, and are made so later", async () => {
    const durable = new Map([[name, record]]);
    const { fake, frozen } = recordsOf(durable);
    const first = frozen();
    first.heed(assignment(1, true));
    fake.refuses = true;
    await expect(first.write(newest)).rejects.toThrow("503");
    first.heed(assignment(2, null));
    expect(first.has(name)).toBe(true);
    fake.refuses = false;
    await first.write(newest);
    expect(frozen().has(name)).toBe(true);
  });

  it("are released by an assignment that says so, for a later process too", async () => {
    const durable = new Map([[name, record]]);
    const { frozen } = recordsOf(durable);
    const first = frozen();
    first.heed(assignment(1, true));
    await first.write(newest);
    const second = frozen();
    second.heed(assignment(2, null, ["Kustomization/a/other"]));
    expect(second.has(name)).toBe(true);
    second.heed(assignment(3, null, [name]));
    expect(second.has(name)).toBe(false);
    await second.write(newest);
    expect(durable.get(name)).toEqual(record);
    expect(frozen().has(name)).toBe(false);
  });

  it("take no word of an older assignment", () => {
    const { frozen } = recordsOf(new Map());
    const one = frozen();
    one.heed(assignment(2, true));
    one.heed(assignment(1, false));
    expect(one.has(name)).toBe(true);
  });

  it("cost nothing while none is suspended, nor while nothing is recorded of them", async () => {
    const durable = new Map([[name, record]]);
    const { fake, frozen } = recordsOf(durable);
    const asked = () => Promise.reject(new Error("asked"));
    const one = frozen();
    one.heed(assignment(1, false));
    await one.write(asked);
    durable.clear();
    one.heed(assignment(2, true));
    await one.write(asked);
    expect(fake.writes).toBe(0);
    expect(durable.size).toBe(0);
  });

  it("are written by nobody whose assignment is not the newest", async () => {
    const { fake, frozen } = recordsOf(new Map([[name, record]]));
    const one = frozen();
    one.heed(assignment(1, true));
    const superseded = () => Promise.reject(new Error("superseded"));
    await expect(one.write(superseded)).rejects.toThrow("superseded");
    expect(fake.writes).toBe(0);
  });
});
