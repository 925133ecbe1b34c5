import { expect } from "vitest";
import { fluxText, outcomeOf } from "./plain-fleet.fixture.ts";

/** The file of the root that holds the bundles. */
export const rootFile = "clusters/prod/flux.yaml";

/** A root that holds one bundle, named web. */
export function web(
  path = "./web",
  more = "",
): Readonly<Record<string, string>> {
  return { [rootFile]: fluxText("web", path, more) };
}

/** Expects that of a cluster's bundles `web` alone is held, for this one problem. */
export function webIsHeld(
  problem: string,
  files: Readonly<Record<string, string>>,
): void {
  expect(outcomeOf(files)).toEqual({
    good: true,
    problems: [problem],
    held: ["Kustomization/flux-system/web"],
  });
}
