import { describe, expect, it } from "vitest";
import { firstLine } from "./first-line.ts";

describe("the first line of a hub", () => {
  it("names its directory and what it follows, by flags or the environment", () => {
    const said = "Wheelhouse hub starts: data hub, follows ../fleet …";
    expect(firstLine(["--data", "hub", "--repo=../fleet"], {})).toBe(said);
    const env = { WHEELHOUSE_DATA: "hub", WHEELHOUSE_REPO: "../fleet" };
    expect(firstLine(["--poll", "1s"], env)).toBe(said);
    const other = { ...env, WHEELHOUSE_DATA: "other" };
    expect(firstLine(["--data", "hub"], other)).toBe(said);
  });

  it("shows no secret of an address", () => {
    const repo = "https://git:secret@git.example.com/fleet.git";
    expect(firstLine(["--data", "hub", "--repo", repo], {})).toBe(
      "Wheelhouse hub starts: data hub, follows https://git.example.com/fleet.git …",
    );
  });

  it("is none where a flag is missing: the refusal comes alone", () => {
    expect(firstLine(["--data", "hub"], {})).toBeNull();
    expect(firstLine(["--repo", "", "--data", "hub"], {})).toBeNull();
    expect(firstLine(["--data", "hub", "--repo"], {})).toBeNull();
  });
});
