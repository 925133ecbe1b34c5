import {
  type RolloutCommit,
  type RolloutStore,
  type StoredRollout,
} from "@wheelhouse/hub-store";
import {
  ManualClock,
  exampleAssignment,
  exampleRolloutState,
} from "@wheelhouse/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../log.ts";
import { RolloutLedger } from "./rollout-ledger.ts";

const at = "2026-01-01T00:00:00.000Z";

/** One rollout in memory, which notes what happens in which order. */
class OneRollout implements RolloutStore {
  readonly events: string[] = [];
  readonly #fails: () => boolean;
  #stored: StoredRollout | null = null;

  constructor(fails: () => boolean) {
    this.#fails = fails;
  }

  get(): Promise<StoredRollout | null> {
    return Promise.resolve(this.#stored);
  }

  async list(): Promise<readonly StoredRollout[]> {
    const stored = await this.get();
    return stored === null ? [] : [stored];
  }

  commit({ state, expectedVersion }: RolloutCommit) {
    if (this.#fails()) return Promise.reject(new Error("disk full"));
    if (expectedVersion !== (this.#stored?.version ?? 0)) {
      return Promise.resolve({ ok: false, problem: "conflict" } as const);
    }
    const version = expectedVersion + 1;
    if (state !== null) {
      this.#stored = { version, state, startedAt: at, completedAt: null };
    }
    this.events.push("stored");
    return Promise.resolve({ ok: true, version } as const);
  }
}

let fails: boolean;
let rollouts: OneRollout;

beforeEach(() => {
  fails = false;
  rollouts = new OneRollout(() => fails);
});

const open = async () => {
  const ledger = new RolloutLedger({
    store: { rollouts },
    clock: new ManualClock(Date.parse(at)),
    log: silentLog,
    notify: (uid) => rollouts.events.push(`told ${uid}`),
  });
  await ledger.load();
  return ledger;
};
const entry = (seed: string, steppedAtMs: number | null = null) => ({
  state: { ...exampleRolloutState(seed), steppedAtMs },
  issued: [exampleAssignment("prod-eu-1", "uid-1", 1)],
  confirmed: [],
  journal: [],
});

describe("the rollout's ledger", () => {
  it("tells a spoke once its assignment is stored, and then once", async () => {
    const ledger = await open();
    expect(await ledger.write(entry("a"))).toBe(true);
    expect(rollouts.events).toEqual(["stored", "told uid-1"]);
  });

  it("tells nobody of what could not be stored", async () => {
    const ledger = await open();
    fails = true;
    await expect(ledger.write(entry("a"))).rejects.toThrow("disk full");
    expect(rollouts.events).toEqual([]);
  });

  it("tells nobody where another write came between, and reads anew", async () => {
    const [one, two] = [await open(), await open()];
    await one.write(entry("a"));
    rollouts.events.length = 0;
    expect(await two.write(entry("b"))).toBe(false);
    expect(rollouts.events).toEqual([]);
    expect(two.isTrusted).toBe(false);
    await two.load();
    expect(two.rollout?.state.revision).toEqual(
      exampleRolloutState("a").revision,
    );
  });

  it("adds the time of a restart to no tally: the last step's time is not read back", async () => {
    const ledger = await open();
    await ledger.write(entry("a", 5_000));
    expect(ledger.rollout?.state.steppedAtMs).toBe(5_000);
    expect((await open()).rollout?.state.steppedAtMs).toBeNull();
  });
});
