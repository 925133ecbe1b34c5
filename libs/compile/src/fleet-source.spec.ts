import { describe, expect, it } from "vitest";
import { fleetSource } from "./fleet-source.ts";
import { treeOf } from "./plain-fleet.fixture.ts";

const tree = treeOf({});

const isFound = (
  address: string,
  url: string,
  ref: Readonly<Record<string, string>> = {},
  kind = "GitRepository",
) =>
  fleetSource({ address, branch: "main", tree })({
    kind,
    namespace: "flux-system",
    name: "home",
    url,
    ref,
    ignore: "",
  }) === tree;

const address = "https://git.example.com/platform/fleet.git";

describe("fleetSource", () => {
  it.each([
    [address],
    ["https://git.example.com/platform/fleet"],
    ["https://token@GIT.example.com:443/platform/fleet.git/"],
    ["ssh://git@git.example.com/platform/fleet.git"],
    ["git@git.example.com:platform/fleet.git"],
  ])("knows the fleet repo as %s", (url) => {
    expect(isFound(address, url)).toBe(true);
    expect(isFound(url, address)).toBe(true);
  });

  it.each([
    ["https://git.example.com/platform/other.git"],
    ["https://other.example.com/platform/fleet.git"],
    [""],
  ])("takes %j for another", (url) => {
    expect(isFound(address, url)).toBe(false);
  });

  it("asks for the branch that is followed", () => {
    expect(isFound(address, address, { branch: "main" })).toBe(true);
    expect(isFound(address, address, { name: "refs/heads/main" })).toBe(true);
    expect(isFound(address, address, { branch: "dev-team" })).toBe(false);
    expect(isFound(address, address, { tag: "v1" })).toBe(false);
  });

  it("knows no other kind of source, and no address that is empty", () => {
    expect(isFound(address, address, {}, "OCIRepository")).toBe(false);
    expect(isFound("", "")).toBe(false);
  });
});
