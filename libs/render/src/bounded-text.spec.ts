import { describe, expect, it } from "vitest";
import { BoundedText } from "./bounded-text.ts";

describe("a bounded text", () => {
  it("keeps what is within its bound, whole", () => {
    const text = new BoundedText(10);
    for (const part of ["kus", "", "tomize"]) text.take(Buffer.from(part));
    expect(text.text).toBe("kustomize");
  });

  it("keeps the first of what is over its bound, and no memory for the rest", () => {
    const text = new BoundedText(100);
    text.take(Buffer.from("first "));
    for (let i = 0; i < 100; i += 1) text.take(Buffer.alloc(65_536, "x"));
    expect(text.text).toBe(`first ${"x".repeat(94)}`);
    expect(text.heldBytes).toBe(100);
  });

  it("bounds also what comes a byte at a time", () => {
    const text = new BoundedText(3);
    for (const byte of Buffer.from("abcdef")) text.take(Buffer.of(byte));
    expect(text.text).toBe("abc");
    expect(text.heldBytes).toBe(3);
  });
});
