import { describe, expect, it } from "vitest";
import { RecentRenders } from "./recent-renders.ts";

const render = (output: string) => ({ ok: true, output }) as const;

describe("recent renders", () => {
  it("give the very value back that was kept first", () => {
    const recent = new RecentRenders(100);
    const first = render("a");
    expect(recent.keep("k", first)).toBe(first);
    expect(recent.keep("k", render("a"))).toBe(first);
    expect(recent.get("k")).toBe(first);
  });

  it("let the longest unused go at the bound", () => {
    const recent = new RecentRenders(10);
    recent.keep("a", render("12345"));
    recent.keep("b", render("12345"));
    recent.get("a");
    recent.keep("c", render("12345"));
    expect(recent.get("b")).toBeUndefined();
    expect(recent.get("a")).toBeDefined();
    expect(recent.get("c")).toBeDefined();
  });

  it("do not keep what is larger than all of the bound", () => {
    const recent = new RecentRenders(3);
    expect(recent.keep("a", render("1234")).output).toBe("1234");
    expect(recent.get("a")).toBeUndefined();
  });
});
