import { digestOf } from "@wheelhouse/assignment";
import { type RatchetSecret, type StoredMark } from "@wheelhouse/kube-apply";
import { describe, expect, it } from "vitest";
import { AssignmentGuard, SupersededError } from "./assignment-guard.ts";

const markOf = (seq: number, epoch = 1): StoredMark => ({
  epoch,
  seq,
  root: digestOf(`${epoch}/${seq}`),
});

const signed = {
  bytes: Buffer.from("envelope"),
  signature: Buffer.from("signature"),
  delegation: Buffer.from("delegation"),
};

function guardOf(stored: StoredMark | null, current: StoredMark) {
  let mark = current;
  const acknowledged: StoredMark[] = [];
  const store = {
    loadMark: async () => stored,
    acknowledge: async (_: unknown, one: StoredMark) => {
      acknowledged.push(one);
      return { kind: "acknowledged" };
    },
  } as unknown as RatchetSecret;
  const guard = new AssignmentGuard(store, () => ({ mark, signed }));
  return { guard, acknowledged, take: (next: StoredMark) => (mark = next) };
}

describe("whether a pass may write", () => {
  it("may where its assignment is stored and current", async () => {
    const { guard } = guardOf(markOf(2), markOf(2));
    await expect(guard.requireNewest(markOf(2))).resolves.toBeUndefined();
  });

  it.each([
    ["another instance stored a newer one", markOf(3), markOf(2)],
    ["this process works on a newer one", markOf(2), markOf(3)],
    ["both are newer", markOf(3), markOf(3)],
    ["a new epoch begins", markOf(1, 2), markOf(1, 2)],
  ])("may not where %s", async (_, stored, current) => {
    const { guard } = guardOf(stored, current);
    await expect(guard.requireNewest(markOf(2))).rejects.toThrow(
      SupersededError,
    );
  });

  it("may not where a newer one is taken up while it asks", async () => {
    const { guard, take } = guardOf(markOf(2), markOf(2));
    const asked = guard.requireNewest(markOf(2));
    take(markOf(3));
    await expect(asked).rejects.toThrow(SupersededError);
  });

  it("stores the current one again where the Secret is gone", async () => {
    const { guard, acknowledged } = guardOf(null, markOf(2));
    await guard.requireNewest(markOf(2));
    expect(acknowledged).toEqual([markOf(2)]);
  });
});
