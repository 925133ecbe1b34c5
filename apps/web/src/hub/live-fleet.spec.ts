import { describe, expect, it } from "vitest";
import { phaseAfter } from "./live-fleet.ts";
import { refusalFor } from "./permissions.ts";

describe("a broken connection", () => {
  it.each([
    [0, "interrupted"],
    [401, "loggedOut"],
    [403, "refused"],
    [404, "refused"],
    [429, "interrupted"],
    [502, "interrupted"],
  ])("with status %d is %s", (status, phase) => {
    expect(phaseAfter({ status })).toBe(phase);
  });
});

describe("a permission", () => {
  it("is refused to viewers with a reason, and given to the others", () => {
    expect(refusalFor(null)).not.toBe("");
    expect(refusalFor({ name: "ci", role: "viewer" })).toContain("operator");
    expect(refusalFor({ name: "ci", role: "operator" })).toBe("");
    expect(refusalFor({ name: "ci", role: "admin" })).toBe("");
  });
});
