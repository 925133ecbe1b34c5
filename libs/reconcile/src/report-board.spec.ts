import { digestOf } from "@wheelhouse/assignment";
import { describe, expect, it } from "vitest";
import { type PlannedBundle } from "./assignment-plan.ts";
import { unknownState } from "./bundle-state.ts";

const noDrift = { ledger: [], sinceMs: () => undefined };
import { ReportBoard } from "./report-board.ts";

const name = "Kustomization/flux-system/webapp";

function planned(content: string): PlannedBundle {
  const assigned = {
    digest: digestOf(content),
    spec: {
      name,
      suspend: false,
      timeoutMs: 1_000,
      held: null,
      drift: { mode: "enabled", ignore: [] },
    },
  };
  return { assigned, desired: [] } as unknown as PlannedBundle;
}

function createBoard() {
  let now = 0;
  let told = 0;
  const board = new ReportBoard({
    clock: {
      nowMs: () => now,
      monotonicMs: () => now,
      setTimer: () => () => undefined,
    },
    log: () => undefined,
    emit: () => undefined,
    reportChanged: () => (told += 1),
    records: { get: () => undefined },
  } as unknown as ConstructorParameters<typeof ReportBoard>[0]);
  return { board, told: () => told, setNow: (ms: number) => (now = ms) };
}

describe("a report board", () => {
  it("does not let a failure under one digest count under the next", () => {
    const { board } = createBoard();
    const obstacle = { reason: "Invalid", message: "no", isFinal: true };
    board.update(planned("one"), { ...unknownState, obstacle }, noDrift);
    expect(board.get(name)).toMatchObject({ failed: true, message: "no" });
    expect(board.expect(planned("two"))).toBe(true);
    expect(board.get(name)).toMatchObject({
      digest: digestOf("two"),
      ready: false,
      failed: false,
      message: "not applied yet",
    });
  });

  it("leaves a bundle alone whose digest is the same", () => {
    const { board } = createBoard();
    board.update(planned("one"), unknownState, noDrift);
    expect(board.expect(planned("one"))).toBe(false);
  });

  it("tells nobody where nothing changed", () => {
    const { board, told, setNow } = createBoard();
    board.update(planned("one"), unknownState, noDrift);
    setNow(5_000);
    board.update(planned("one"), unknownState, noDrift);
    expect(told()).toBe(1);
  });
});
