import {
  type KubeObject,
  objectIdOf,
  objectKey,
  isJsonObject,
} from "@wheelhouse/kube-object";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type InventoryEntry, inventoryCodec } from "./inventory.ts";
import { soundBundle, soundEvidence } from "./prune-evidence.fixture.ts";
import {
  type BundleEvidence,
  type PruneCandidate,
  type PruneEvidence,
} from "./prune-evidence.ts";
import { type PruneDecision, decidePrune } from "./prune-gate.ts";

const bundle = "Kustomization/flux-system/webapp";
const now = Date.parse("2026-01-02T12:00:00Z");

const objectOf = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name,
    namespace: "webapp",
    uid: `uid-${name}`,
    resourceVersion: "7",
    annotations: { "fleet.wheelhouse.dev/owner": `demo/${bundle}` },
  },
});

const leaving = (name: string): KubeObject => {
  const object = objectOf(name);
  const deletionTimestamp = "2026-01-02T11:59:00Z";
  return { ...object, metadata: { ...object.metadata, deletionTimestamp } };
};

const keyOf = (name: string) => objectKey(objectIdOf(objectOf(name)));

const entryOf = (name: string, isOverBudget = false): InventoryEntry => ({
  bundle,
  version: "v1",
  uid: `uid-${name}`,
  artifact: null,
  desired: null,
  seen: null,
  since: "2026-01-01T00:00:00Z",
  adopted: null,
  ...(isOverBudget ? { isOverBudget } : {}),
});

const candidateOf = (
  name: string,
  entry: InventoryEntry,
  candidateSinceMs = 0,
): PruneCandidate => ({
  id: objectIdOf(objectOf(name)),
  key: keyOf(name),
  entry,
  live: { kind: "found", object: objectOf(name) },
  contents: { kind: "none" },
  candidateSinceMs,
});

const evidenceOf = (
  ownedObjects: number,
  named: Iterable<string> = [],
  more: Partial<BundleEvidence> = {},
  isQuarantined = false,
): PruneEvidence =>
  soundEvidence(
    now,
    new Map([[bundle, { ...soundBundle, ownedObjects, ...more }]]),
    {
      allowDelete: new Set([...named].map(keyOf)),
      confirmation: { untilMs: isQuarantined ? now : -1, afterMs: 60_000 },
    },
  );

const names = (count: number, prefix = "o") =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

const shortOf = ({ deletes, holds, marks }: PruneDecision) => ({
  deletes: deletes.length,
  holds: holds.map(({ reason }) => reason),
  marks: marks.length,
});

const times = (count: number, reason: string) =>
  Array.from({ length: count }, () => reason);

/** Candidates, how many are named, and what is to become of them. */
interface Row {
  readonly of: string;
  readonly fresh?: number;
  /** Recorded as over the budget before. */
  readonly held?: number;
  readonly named?: number;
  readonly more?: Partial<BundleEvidence>;
  readonly isQuarantined?: boolean;
  readonly deletes?: number;
  readonly keeps?: number;
  readonly hold?: string;
  readonly marks?: number;
}

describe("a set of deletions over the budget (row 9)", () => {
  it.each([
    { of: "10 at once", fresh: 10, deletes: 10 },
    { of: "11 at once", fresh: 11, hold: "OverBudget", marks: 11 },
    { of: "11, held before", held: 11, hold: "OverBudget" },
    { of: "9 left of 11", held: 9, hold: "OverBudget" },
    { of: "the last one left", held: 1, hold: "OverBudget" },
    {
      of: "one more beside what is left",
      held: 1,
      fresh: 1,
      hold: "OverBudget",
      marks: 1,
    },
    { of: "2 of 11 named", fresh: 11, named: 2, deletes: 2, marks: 9 },
    { of: "all that is left named", held: 9, named: 9, deletes: 9 },
    {
      of: "all that is left named, beside a new one",
      held: 9,
      fresh: 1,
      named: 9,
      deletes: 10,
    },
    {
      of: "11 that await a second look",
      fresh: 11,
      isQuarantined: true,
      keeps: 11,
      marks: 11,
    },
    {
      of: "9 left of a bundle that left",
      held: 9,
      more: { isAssigned: false, desiredObjects: 0 },
      hold: "BundleRemoved",
    },
    {
      of: "11 of a bundle that became empty",
      fresh: 11,
      more: { desiredObjects: 0 },
      hold: "EmptySource",
      marks: 11,
    },
    {
      of: "3 of a bundle that became empty",
      fresh: 3,
      more: { desiredObjects: 0 },
      hold: "EmptySource",
    },
  ] satisfies readonly Row[])("$of", (row: Row) => {
    const {
      fresh = 0,
      held = 0,
      named = 0,
      deletes = 0,
      keeps = 0,
      marks = 0,
      hold = "OverBudget",
      isQuarantined = false,
      more = {},
    } = row;
    const sinceMs = isQuarantined ? now - 1 : 0;
    const candidates = [
      ...names(held, "held").map((name) =>
        candidateOf(name, entryOf(name, true), sinceMs),
      ),
      ...names(fresh, "fresh").map((name) =>
        candidateOf(name, entryOf(name), sinceMs),
      ),
    ];
    const decision = decidePrune(
      candidates,
      evidenceOf(
        candidates.length + 5,
        [...names(held, "held"), ...names(fresh, "fresh")].slice(0, named),
        more,
        isQuarantined,
      ),
    );
    expect(shortOf(decision)).toEqual({
      deletes,
      holds: times(held + fresh - deletes - keeps, hold),
      marks,
    });
  });

  /** What goes only later, or stays for now, by what the other rows say. */
  const counted: Readonly<Record<string, Partial<PruneCandidate>>> = {
    Terminating: { live: { kind: "found", object: leaving("later") } },
    AwaitsSecondPass: { candidateSinceMs: now - 1 },
    Unreadable: { live: { kind: "unreadable", message: "no answer" } },
    KindNotServed: {
      live: { kind: "unserved", isDefinitionGone: false, message: "no kind" },
    },
    Adopted: {
      candidateSinceMs: now - 1,
      entry: { ...entryOf("later"), adopted: new Date(now).toISOString() },
    },
  };

  it.each(Object.entries(counted))(
    "counts one that is %s beside ten that could go",
    (reason, more) => {
      const ten = names(10).map((name) => candidateOf(name, entryOf(name)));
      const last = { ...candidateOf("later", entryOf("later")), ...more };
      const isQuarantined = reason === "AwaitsSecondPass";
      const evidence = evidenceOf(20, [], {}, isQuarantined);
      const { deletes, holds, keeps, marks } = decidePrune(
        [...ten, last],
        evidence,
      );
      const later = [...holds, ...keeps].filter(
        ({ candidate }) => candidate.id.name === "later",
      );
      expect(later.map((verdict) => verdict.reason)).toEqual([reason]);
      expect(deletes).toEqual([]);
      const over = holds.filter((verdict) => verdict.reason === "OverBudget");
      expect(over).toHaveLength(10);
      // What is on its way already is not held any more.
      expect(marks.map(({ id }) => id.name).includes("later")).toBe(
        reason !== "Terminating",
      );
    },
  );

  it("is remembered in the inventory, and whatever stands there holds", () => {
    const entry = entryOf("a", true);
    expect(inventoryCodec.parse(inventoryCodec.encode(entry))).toEqual(entry);
    expect(inventoryCodec.encode(entryOf("a"))).not.toHaveProperty("h");
    const encoded = inventoryCodec.encode(entryOf("a"));
    if (!isJsonObject(encoded)) throw new Error("an entry is an object");
    const odd = { ...encoded, h: null };
    expect(inventoryCodec.parse(odd)?.isOverBudget).toBe(true);
  });

  it("loses no unnamed object by any row of passes, restarts, approvals and losses", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const world = new World();
        for (const one of steps) world.take(one);
      }),
    );
  });
});

type Step =
  | { readonly kind: "lose" | "want" | "byHand"; readonly objects: number[] }
  /** A pass, with these named, in a process that just began or has run long. */
  | {
      readonly kind: "pass";
      readonly objects: number[];
      readonly isRestarted: boolean;
      readonly isCrashed: boolean;
    };

const some = fc.uniqueArray(fc.nat(24), { maxLength: 14 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("lose" as const, "want" as const, "byHand" as const),
    objects: some,
  }),
  fc.record({
    kind: fc.constant("pass" as const),
    objects: some,
    isRestarted: fc.boolean(),
    isCrashed: fc.boolean(),
  }),
);

/** A bundle of 25 objects, with a model of its own of what no pass may delete unnamed. */
class World {
  readonly #inventory = new Map(names(25).map((name) => [name, entryOf(name)]));
  readonly #lost = new Set<string>();
  readonly #guarded = new Set<string>();

  take(step: Step): void {
    const objects = step.objects.map((index) => `o-${index}`);
    if (step.kind === "pass") return this.#pass(objects, step);
    for (const name of objects) {
      if (step.kind === "lose") this.#lost.add(name);
      else this.#lost.delete(name);
      if (step.kind === "byHand") this.#inventory.delete(name);
      if (step.kind === "want") {
        this.#guarded.delete(name);
        this.#inventory.set(name, entryOf(name));
      }
    }
  }

  #pass(
    named: readonly string[],
    options: { readonly isRestarted: boolean; readonly isCrashed: boolean },
  ): void {
    const going = [...this.#inventory].filter(([name]) => this.#lost.has(name));
    const sinceMs = options.isRestarted ? now - 1 : 0;
    if (going.length > 10) {
      for (const [name] of going) this.#guarded.add(name);
    }
    const { deletes, marks } = decidePrune(
      going.map(([name, entry]) => candidateOf(name, entry, sinceMs)),
      evidenceOf(this.#inventory.size, named, {}, options.isRestarted),
    );
    for (const { id } of marks) {
      this.#inventory.set(id.name, entryOf(id.name, true));
    }
    for (const { candidate } of deletes) {
      const { name } = candidate.id;
      expect(this.#guarded.has(name) && !named.includes(name)).toBe(false);
      // A crash may come after any of the deletions.
      if (!options.isCrashed || name.endsWith("0")) {
        this.#inventory.delete(name);
      }
    }
  }
}
