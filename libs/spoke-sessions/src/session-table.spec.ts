import { describe, expect, it } from "vitest";
import { SessionTable, type TabledSession } from "./session-table.ts";

const createTable = () =>
  new SessionTable<TabledSession>({ sessionsPerUid: 2, twinMs: 60_000 });

const sessionOf = (
  id: string,
  { uid = "u1", kubeSystemUid = "ks-1", sinceMs = 0 } = {},
) => {
  const events: string[] = [];
  const session: TabledSession = {
    ...{ id, uid, kubeSystemUid, sinceMs },
    cut: (reason) => events.push(reason),
    onCurrentAgain: () => events.push("current again"),
  };
  return { session, events };
};

describe("the table of sessions", () => {
  it("counts the newest of a uid, and says whether it was that which ended", () => {
    const table = createTable();
    const [older, newer] = [sessionOf("a"), sessionOf("b")];
    table.add(older.session);
    table.add(newer.session);
    expect(table.current("u1")?.id).toBe("b");
    expect(table.remove(older.session)).toBe(false);
    expect(older.events).toEqual([]);
    expect(newer.events).toEqual([]);
    expect(table.remove(newer.session)).toBe(true);
    expect(table.current("u1")).toBeUndefined();
    expect(table.all()).toEqual([]);
  });

  it("lets the older count again when the newer ends first", () => {
    const table = createTable();
    const [older, newer] = [sessionOf("a"), sessionOf("b")];
    table.add(older.session);
    table.add(newer.session);
    expect(table.remove(newer.session)).toBe(true);
    expect(older.events).toEqual(["current again"]);
  });

  it("cuts the oldest of a uid where there are more than two, and of no other uid", () => {
    const table = createTable();
    const [first, second, third] = [
      sessionOf("a"),
      sessionOf("b"),
      sessionOf("c"),
    ];
    const other = sessionOf("d", { uid: "u2" });
    for (const one of [first, other, second]) table.add(one.session);
    expect(first.events).toEqual([]);
    table.add(third.session);
    expect(first.events).toEqual(["TooMany"]);
    expect([second, third, other].flatMap(({ events }) => events)).toEqual([]);
  });
});

describe("a clone", () => {
  it("is not suspected of one session, however long it lives", () => {
    const table = createTable();
    table.add(sessionOf("a").session);
    expect(table.isSuspectedClone("u1", 10 ** 9)).toBe(false);
    expect(table.isSuspectedClone("none", 10 ** 9)).toBe(false);
  });

  it("is suspected when two live together for over a minute, counted from the newer", () => {
    const table = createTable();
    table.add(sessionOf("a", { sinceMs: 0 }).session);
    table.add(sessionOf("b", { sinceMs: 500_000 }).session);
    expect(table.isSuspectedClone("u1", 560_000)).toBe(false);
    expect(table.isSuspectedClone("u1", 560_001)).toBe(true);
  });

  it("is suspected at once when two name different clusters, and no more when one is gone", () => {
    const table = createTable();
    const twin = sessionOf("b", { kubeSystemUid: "ks-2" });
    table.add(sessionOf("a").session);
    table.add(twin.session);
    expect(table.isSuspectedClone("u1", 0)).toBe(true);
    table.remove(twin.session);
    expect(table.isSuspectedClone("u1", 0)).toBe(false);
  });
});
