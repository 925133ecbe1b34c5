import { describe, expect, it } from "vitest";
import {
  bundleOf,
  compiledOk,
  configMapText,
  fluxText,
  outcomeOf,
} from "./plain-fleet.fixture.ts";

const flux = "clusters/prod/flux.yaml";
const named = (account: string) => `  serviceAccountName: ${account}\n`;
const inTeam = (text: string) =>
  text
    .replace("namespace: flux-system", "namespace: team-a")
    .replace(
      "name: flux-system}",
      "name: flux-system, namespace: flux-system}",
    );

const alone = (more: string) => ({
  [flux]: fluxText("apps", "./apps", more),
  "apps/cm.yaml": configMapText("own"),
});

const specOf = (more: string) =>
  bundleOf(compiledOk(alone(more)), "/apps").spec;

/** A bundle and what it makes, which makes one more. */
const nested = (maker: string, made: string) => ({
  [flux]: maker,
  "apps/web.yaml": made,
  "web/inner.yaml": fluxText("inner", "./inner"),
  "inner/cm.yaml": configMapText("inner"),
});

const heldReasons = (files: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    compiledOk(files).bundles.map(({ spec }) => [
      spec.name.split("/").at(-1),
      spec.held?.reason ?? null,
    ]),
  );

describe("serviceAccountName and force of a Kustomization", () => {
  it("go to the spoke", () => {
    const more = `${named("deployer")}  force: true\n`;
    expect(specOf(more)).toMatchObject({
      ...{ serviceAccountName: "deployer", force: true, held: null },
    });
  });

  it.each(["", named('""'), "  force: false\n"])(
    "are none and false with %j",
    (more) =>
      expect(specOf(more)).toMatchObject({
        ...{ serviceAccountName: null, force: false, held: null },
      }),
  );

  it("are part of the bundle's digest", () => {
    const digests = ["", named("one"), named("two"), "  force: true\n"].map(
      (more) => bundleOf(compiledOk(alone(more)), "/apps").digest,
    );
    expect(new Set(digests).size).toBe(4);
  });

  it.each(["other:deployer", "other/deployer", "Deployer", "-"])(
    "hold the bundle where the account is %j",
    (account) => {
      const outcome = outcomeOf(alone(named(JSON.stringify(account))));
      expect(outcome).toMatchObject({
        good: true,
        held: ["Kustomization/flux-system/apps"],
        problems: [expect.stringContaining("is no service account's name")],
      });
    },
  );
});

describe("what a bundle with a service account makes", () => {
  const team = inTeam(fluxText("apps", "./apps", named("deployer")));
  const free = { "(root)": null, apps: null, web: null, inner: null };

  it("may be anything in flux-system", () => {
    const maker = fluxText("apps", "./apps", named("kustomize-controller"));
    expect(heldReasons(nested(maker, fluxText("web", "./web")))).toEqual(free);
    const other = inTeam(fluxText("web", "./inner", named("deployer")));
    expect(heldReasons(nested(maker, other))).toMatchObject({ web: null });
  });

  it("goes on elsewhere with the same namespace and account", () => {
    const made = inTeam(fluxText("web", "./inner", named("deployer")));
    expect(heldReasons(nested(team, made))).toEqual({
      ...{ "(root)": null, apps: null, web: null },
    });
  });

  it.each([
    ["without one", inTeam(fluxText("web", "./web"))],
    ["as another", inTeam(fluxText("web", "./web", named("admin")))],
    ["in another namespace", fluxText("web", "./web", named("deployer"))],
  ])("is held elsewhere %s, with all that it makes", (_, made) => {
    const files = nested(team, made);
    expect(heldReasons(files)).toEqual({
      ...free,
      web: "OtherAccount",
      inner: "ParentUncertain",
    });
    expect(compiledOk(files).unexplored).toContain(
      bundleOf(compiledOk(files), "/web").spec.name,
    );
  });
});

describe("a root with a service account", () => {
  const self = fluxText("self", "./clusters/prod", named("deployer"));
  const rootOf = (text: string) =>
    bundleOf(compiledOk({ "clusters/prod/self.yaml": text }), "(root)").spec;

  it("is applied as that account of flux-system", () => {
    expect(rootOf(self)).toMatchObject({
      ...{ serviceAccountName: "deployer", held: null },
    });
  });

  it("is held where its object lies elsewhere: the account would be a namesake", () => {
    expect(rootOf(inTeam(self)).held).toEqual({
      reason: "NotBuiltYet",
      message:
        "clusters/prod/self.yaml: spec.serviceAccountName: a root with an account of the namespace team-a is not built yet",
    });
  });
});
