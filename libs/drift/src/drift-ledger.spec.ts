import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type DriftLedger,
  type DriftObservation,
  forgetBundle,
  hasOpenDrift,
  maxLedgerRecords,
  recordDrift,
  settleDrift,
} from "./drift-ledger.ts";
import { type DriftState } from "./drift-record.ts";

const at = (seconds: number): string =>
  new Date(Date.UTC(2030, 0, 1) + seconds * 1_000).toISOString();

const field = (path: string, writer = "kubectl-edit") => ({
  ...{ path, wanted: '"1"', found: '"2"', writer },
});

const observation = (
  name: string,
  rest: Partial<DriftObservation> = {},
): DriftObservation => ({
  object: { group: "", kind: "ConfigMap", namespace: "webapp", name },
  bundle: "Kustomization/flux-system/webapp",
  fields: [field("data.a")],
  missing: false,
  writer: "kubectl-edit",
  state: "open",
  message: "",
  ...rest,
});

describe("the ledger", () => {
  test("keeps one record for a drift until it heals, and counts the next anew", () => {
    const one = observation("a");
    let ledger = recordDrift([], one, at(0));
    ledger = recordDrift(
      ledger,
      { ...one, state: "blocked", message: "no" },
      at(5),
    );
    expect(ledger).toMatchObject([
      { firstSeen: at(0), lastSeen: at(5), times: 1, state: "blocked" },
    ]);
    ledger = settleDrift(ledger, one.object, at(9));
    expect(ledger).toMatchObject([
      {
        firstSeen: at(0),
        lastSeen: at(9),
        times: 1,
        state: "healed",
        message: "",
      },
    ]);
    ledger = recordDrift(ledger, one, at(20));
    expect(ledger).toMatchObject([
      { firstSeen: at(20), times: 2, state: "open" },
    ]);
  });

  test("takes a drift that was found and healed in one go", () => {
    const healed = observation("a", { state: "healed" });
    let ledger = recordDrift([], healed, at(0));
    ledger = recordDrift(ledger, healed, at(1));
    expect(ledger).toMatchObject([
      { times: 2, state: "healed", firstSeen: at(1) },
    ]);
  });

  test("remembers each field by itself: who, since when, how often, and that it healed", () => {
    const image = observation("a", {
      state: "healed",
      fields: [field("spec.image", "kubectl-set")],
    });
    const scaled = observation("a", {
      state: "healed",
      fields: [field("spec.replicas", "kubectl-scale")],
    });
    let ledger = recordDrift([], image, at(0));
    ledger = recordDrift(ledger, scaled, at(9));
    ledger = recordDrift(ledger, scaled, at(20));
    expect(ledger).toMatchObject([
      {
        fields: [{ path: "spec.replicas" }],
        ...{ writer: "kubectl-scale", firstSeen: at(20), times: 2 },
      },
      {
        fields: [{ path: "spec.image" }],
        ...{ writer: "kubectl-set", firstSeen: at(0), times: 1 },
        state: "healed",
      },
    ]);
    expect(ledger[0]?.fields).toEqual([
      { path: "spec.replicas", wanted: '"1"', found: '"2"' },
    ]);
  });

  test("keeps two open fields apart, and heals the one that differs no more", () => {
    const reported = (...fields: ReturnType<typeof field>[]) =>
      observation("a", { state: "reported", fields });
    const [first, second] = [field("a", "somebody"), field("b", "another")];
    let ledger = recordDrift([], reported(first), at(0));
    ledger = recordDrift(ledger, reported(first, second), at(5));
    expect(ledger).toMatchObject([
      { writer: "somebody", firstSeen: at(0), times: 1, state: "reported" },
      { writer: "another", firstSeen: at(5), times: 1, state: "reported" },
    ]);
    ledger = recordDrift(ledger, reported(second), at(7));
    expect(ledger).toMatchObject([
      { writer: "another", firstSeen: at(5), state: "reported" },
      { writer: "somebody", lastSeen: at(7), state: "healed" },
    ]);
  });

  test("has one record for a field that two managers own", () => {
    const fields = [field("a", "first"), field("b"), field("a", "second")];
    const ledger = recordDrift([], observation("o", { fields }), at(0));
    expect(ledger).toHaveLength(2);
    expect(ledger).toContainEqual(
      expect.objectContaining({ writer: "first", times: 1 }),
    );
  });

  test("ends no field that a full finding may have left out", () => {
    const many = Array.from({ length: 20 }, (_, at) => field(`f${at}`));
    const open = (fields: ReturnType<typeof field>[]) =>
      observation("a", { state: "blocked", fields });
    const ledger = recordDrift(
      recordDrift([], open([field("z")]), at(0)),
      open(many),
      at(1),
    );
    expect(ledger.at(-1)).toMatchObject({
      ...{ fields: [{ path: "z" }], state: "blocked" },
    });
  });

  test("when full, keeps an open field of every object before a second of one", () => {
    let ledger: DriftLedger = [];
    for (let index = 0; index < maxLedgerRecords - 1; index += 1) {
      ledger = recordDrift(ledger, observation(`o${index}`), at(index));
    }
    const many = Array.from({ length: 20 }, (_, at) => field(`f${at}`));
    ledger = recordDrift(ledger, observation("x", { fields: many }), at(999));
    const names = new Set(ledger.map(({ object }) => object.name));
    expect(ledger).toHaveLength(maxLedgerRecords);
    expect(names.size).toBe(maxLedgerRecords);
  });

  test("stays the same while nothing changes but the time, for a minute", () => {
    const ledger = recordDrift([], observation("a"), at(0));
    expect(recordDrift(ledger, observation("a"), at(59))).toBe(ledger);
    expect(recordDrift(ledger, observation("a"), at(60))).not.toBe(ledger);
    expect(settleDrift(ledger, observation("b").object, at(1))).toBe(ledger);
    expect(forgetBundle(ledger, "another")).toBe(ledger);
  });

  test("has the newest first", () => {
    let ledger = recordDrift([], observation("a"), at(0));
    ledger = recordDrift(ledger, observation("b"), at(1));
    ledger = settleDrift(ledger, observation("a").object, at(2));
    expect(ledger.map(({ object }) => object.name)).toEqual(["a", "b"]);
  });

  test("knows which bundles have drift that is not healed", () => {
    const { bundle, object } = observation("a");
    const ledger = recordDrift([], observation("a"), at(0));
    expect(hasOpenDrift(ledger, bundle)).toBe(true);
    expect(hasOpenDrift(ledger, "another")).toBe(false);
    expect(hasOpenDrift(settleDrift(ledger, object, at(1)), bundle)).toBe(
      false,
    );
    expect(forgetBundle(ledger, bundle)).toEqual([]);
  });

  test("when full, drops the oldest healed drift, and then the oldest", () => {
    let ledger: DriftLedger = [];
    for (let index = 0; index < maxLedgerRecords; index += 1) {
      const state = index === 7 ? "healed" : "open";
      ledger = recordDrift(
        ledger,
        observation(`o${index}`, { state }),
        at(index),
      );
    }
    const names = (): string[] => ledger.map(({ object }) => object.name);
    ledger = recordDrift(ledger, observation("next"), at(1_000));
    expect(ledger).toHaveLength(maxLedgerRecords);
    expect(names()).not.toContain("o7");
    ledger = recordDrift(ledger, observation("last"), at(1_001));
    expect(names()).not.toContain("o0");
    expect(names().slice(0, 2)).toEqual(["last", "next"]);
  });

  test("has one record a field, newest first, whatever happens", () => {
    const step = fc.record({
      name: fc.constantFrom("a", "b", "c"),
      paths: fc.subarray(["", "x", "y", "z"], { minLength: 1 }),
      state: fc.constantFrom("open", "healed", "blocked", "reported", "settle"),
    });
    const found = (name: string, state: DriftState, paths: string[]) =>
      observation(name, {
        ...(paths[0] === ""
          ? { missing: true, fields: [] }
          : { fields: paths.map((path) => field(path)) }),
        state,
      });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let ledger: DriftLedger = [];
        for (const [index, { name, state, paths }] of steps.entries()) {
          const now = at(index * 100);
          ledger =
            state === "settle"
              ? settleDrift(ledger, observation(name).object, now)
              : recordDrift(ledger, found(name, state, paths), now);
        }
        const names = ledger.map(
          ({ object, fields }) => `${object.name} ${fields[0]?.path ?? ""}`,
        );
        expect(new Set(names).size).toBe(names.length);
        const seen = ledger.map(({ lastSeen }) => lastSeen);
        expect(seen).toEqual([...seen].sort().reverse());
        expect(ledger.every((one) => one.firstSeen <= one.lastSeen)).toBe(true);
      }),
    );
  });
});
