import { describe, expect, it } from "vitest";
import { moveCursor } from "./matrix-cursor.ts";
import { computeRowWindow, scrollToShow } from "./row-window.ts";

describe("the window of rows", () => {
  it("draws what is in view, with a margin, and keeps the height of the rest", () => {
    const drawn = computeRowWindow({
      rows: 1000,
      rowHeight: 40,
      scrollTop: 8000,
      height: 400,
    });
    expect(drawn).toEqual({ first: 192, end: 218, before: 7680, after: 31280 });
  });

  it("draws a short list whole, and nothing of an empty one", () => {
    const at = { rowHeight: 40, scrollTop: 0, height: 400 };
    expect(computeRowWindow({ ...at, rows: 3 })).toMatchObject({
      first: 0,
      end: 3,
      after: 0,
    });
    expect(computeRowWindow({ ...at, rows: 0 })).toEqual({
      first: 0,
      end: 0,
      before: 0,
      after: 0,
    });
  });

  it("never ends before it starts when the list has shrunk under the scroll", () => {
    const drawn = computeRowWindow({
      rows: 5,
      rowHeight: 40,
      scrollTop: 9000,
      height: 400,
    });
    expect(drawn.end).toBeGreaterThanOrEqual(drawn.first);
    expect(drawn.after).toBe(0);
  });

  it("scrolls just as far as a row needs", () => {
    const at = { rowHeight: 40, scrollTop: 400, height: 440, headHeight: 40 };
    expect(scrollToShow({ ...at, row: 12 })).toBe(400);
    expect(scrollToShow({ ...at, row: 3 })).toBe(120);
    expect(scrollToShow({ ...at, row: 30 })).toBe(840);
  });
});

describe("the cursor", () => {
  const field = {
    columns: 3,
    stops: [false, true, true, false, true],
    page: 10,
  };
  it.each([
    ["ArrowDown", { row: 1, column: 0 }, { row: 2, column: 0 }],
    ["ArrowDown", { row: 2, column: 1 }, { row: 4, column: 1 }],
    ["ArrowDown", { row: 4, column: 1 }, { row: 4, column: 1 }],
    ["ArrowUp", { row: 4, column: 0 }, { row: 2, column: 0 }],
    ["ArrowUp", { row: 1, column: 0 }, { row: 1, column: 0 }],
    ["ArrowRight", { row: 1, column: 2 }, { row: 1, column: 2 }],
    ["ArrowLeft", { row: 1, column: 2 }, { row: 1, column: 1 }],
    ["Home", { row: 1, column: 2 }, { row: 1, column: 0 }],
    ["End", { row: 1, column: 0 }, { row: 1, column: 2 }],
    ["PageDown", { row: 1, column: 0 }, { row: 4, column: 0 }],
    ["PageUp", { row: 4, column: 0 }, { row: 1, column: 0 }],
  ])("goes with %s from %o to %o", (key, from, to) => {
    expect(moveCursor(from, key, field)).toEqual(to);
  });

  it("leaves other keys to others", () => {
    expect(moveCursor({ row: 1, column: 0 }, "x", field)).toBeUndefined();
  });
});
