import { type Envelope } from "@wheelhouse/assignment";
import { approvalOf } from "@wheelhouse/rest-api";
import { waitUntil } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import {
  configMap,
  files,
  find,
  isConfirmedAt,
  isHead,
  join,
  kustomization,
  repo,
  rollout,
  underTest,
  until,
  useHub,
  waveOf,
} from "./hub-fleet.fixture.ts";

describe("a bundle at a hub", () => {
  useHub();

  it("signs for a spoke as which account a bundle is applied, and whether by force", async () => {
    const settings = "  serviceAccountName: deployer\n  force: true\n";
    const first = repo.commit("first", {
      ...files,
      "clusters/all/web.yaml": kustomization("web", settings),
    });
    await underTest.start();
    const spoke = await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    expect(
      spoke.taken[0]?.bundles.map(({ spec }) => [
        spec.name,
        spec.serviceAccountName,
        spec.force,
      ]),
    ).toEqual([
      ["Kustomization/flux-system/(root)", null, false],
      ["Kustomization/flux-system/web", "deployer", true],
    ]);
  });

  it("freezes a bundle that a person suspends, with its own root, and frees it again", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    const spoke = await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    await underTest.client().suspend({ cluster: "staging-1", bundle: "web" });
    await waitUntil("frozen", () => spoke.taken.length === 2);
    const [before, frozen] = spoke.taken;
    expect(frozen?.root).not.toBe(before?.root);
    expect(frozen?.bundles.map(({ spec }) => spec.suspend)).toEqual([
      false,
      true,
    ]);
    await underTest.client().resume({ cluster: "staging-1", bundle: "web" });
    await waitUntil("freed", () => spoke.taken.length === 3, 15_000);
    expect(spoke.taken[2]?.root).toBe(before?.root);
    await expect(
      underTest.client().suspend({ cluster: "staging-1", bundle: "wep" }),
    ).rejects.toMatchObject({ status: 404 });
  });

  const withApi = {
    ...files,
    "clusters/all/api.yaml": kustomization("api"),
    "apps/api/api.yaml": configMap("api", "1"),
  };
  const api = "Kustomization/flux-system/api";
  /** The app in an assignment. */
  const apiOf = (envelope: Envelope | undefined) =>
    envelope?.bundles.find(({ spec }) => spec.name === api)?.spec;

  it("keeps what a person suspended while its cluster was away, and what then leaves Git, until it is resumed", async () => {
    const first = repo.commit("first", withApi);
    await underTest.start();
    const spoke = await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    spoke.disconnect();
    const target = { cluster: "staging-1", bundle: "api" };
    await underTest.client().suspend(target);
    const second = repo.commit("second", {
      "clusters/all/api.yaml": null,
      "apps/web/web.yaml": configMap("web", "2"),
    });
    await until("read", isHead(second));
    spoke.connect();
    const view = await until("gone", isConfirmedAt("staging-1", second));
    const later = spoke.taken.slice(1);
    expect(later.map((one) => apiOf(one)?.suspend)).toEqual(
      later.map(() => true),
    );
    const before = apiOf(spoke.taken[0]);
    expect(apiOf(spoke.taken.at(-1))).toEqual({
      ...before,
      ...{ suspend: true, removedIn: second },
    });
    const shown = find(view, "staging-1").bundles.find(
      ({ bundle }) => bundle === api,
    );
    expect(shown).toMatchObject({ verdict: "Held", removedIn: second });
    expect(shown?.message).toContain("wheelhouse resume staging-1/api");
    expect(view.notices.join()).toContain(`wheelhouse resume staging-1/${api}`);
    await underTest.client().resume(target);
    await waitUntil("let go", () => !apiOf(spoke.taken.at(-1)), 15_000);
    expect(spoke.taken.at(-1)?.released).toEqual([api]);
    await until("resumed", ({ notices }) => !notices.join().includes(api));
    await expect(underTest.client().resume(target)).rejects.toMatchObject({
      status: 404,
    });
  });

  it("resumes what cannot be built any more as Git had it", async () => {
    const first = repo.commit("first", {
      ...withApi,
      "fleet/rollouts/default.yaml": rollout(waveOf("staging")).replace(
        "spec:",
        "spec:\n  compileErrors: continue",
      ),
    });
    await underTest.start();
    const spoke = await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    const target = { cluster: "staging-1", bundle: "api" };
    await underTest.client().suspend(target);
    await waitUntil("frozen", () => spoke.taken.length === 2);
    repo.commit("second", { "apps/api/api.yaml": "a: 1\na: 2\n" });
    const held = () => apiOf(spoke.taken.at(-1))?.held ?? null;
    await waitUntil("held", () => held() !== null, 15_000);
    expect(apiOf(spoke.taken.at(-1))?.suspend).toBe(true);
    await underTest.client().resume(target);
    const last = () => apiOf(spoke.taken.at(-1));
    await waitUntil("freed", () => last()?.suspend === false, 15_000);
    expect(last()).toEqual({ ...apiOf(spoke.taken[0]), held: held() });
  });

  it("keeps it over a restart, through every further commit, and frees it where Git has it again", async () => {
    const first = repo.commit("first", withApi);
    await underTest.start();
    const spoke = await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    const target = { cluster: "staging-1", bundle: "api" };
    await underTest.client().suspend(target);
    await waitUntil("frozen", () => spoke.taken.length === 2);
    const address = underTest.hub.linkAddress;
    spoke.disconnect();
    await underTest.stop();
    const second = repo.commit("second", { "clusters/all/api.yaml": null });
    await underTest.start(["--link-listen", address]);
    spoke.connect();
    await until("gone", isConfirmedAt("staging-1", second));
    const third = repo.commit("third", {
      "apps/web/web.yaml": configMap("web", "3"),
    });
    await until("third", isConfirmedAt("staging-1", third));
    expect(apiOf(spoke.taken.at(-1))).toMatchObject({
      ...{ suspend: true, removedIn: second },
    });
    const fourth = repo.commit("fourth", {
      "clusters/all/api.yaml": kustomization("api"),
    });
    await until("back", isConfirmedAt("staging-1", fourth));
    expect(apiOf(spoke.taken.at(-1))?.suspend).toBe(true);
    expect(apiOf(spoke.taken.at(-1))?.removedIn).toBeUndefined();
    await underTest.client().resume(target);
    await waitUntil(
      "freed",
      () => apiOf(spoke.taken.at(-1))?.suspend === false,
      15_000,
    );
    expect(apiOf(spoke.taken.at(-1))).toEqual(apiOf(spoke.taken[0]));
    expect(spoke.taken.at(-1)?.released).toBeUndefined();
  });

  it("issues an approved deletion by name, and forgets it once it was used", async () => {
    const first = repo.commit("first", files);
    await underTest.start();
    const object = {
      group: "",
      version: "v1",
      kind: "ConfigMap",
      namespace: "default",
      name: "old",
    };
    let isHeld = true;
    const spoke = await join("staging-1", {
      pruneHolds: () =>
        isHeld
          ? [
              {
                object,
                bundle: "Kustomization/flux-system/web",
                reason: "OverBudget",
                message: "",
              },
            ]
          : [],
    });
    await until("confirmed", isConfirmedAt("staging-1", first));
    await until("held", ({ prunes }) => prunes.length === 1);
    const client = underTest.client();
    const listed = approvalOf(await client.prunes());
    const [one] = listed.objects;
    const another = { cluster: "staging-1", key: "/ConfigMap/default/other" };
    await expect(
      client.approvePrunes({ objects: [one ?? another, another] }),
    ).rejects.toMatchObject({ status: 409, message: /default\/other/ });
    expect((await client.prunes()).map(({ approved }) => approved)).toEqual([
      false,
    ]);
    await client.approvePrunes(listed);
    await waitUntil("issued", () => spoke.taken.length === 2);
    expect(spoke.taken[1]).toMatchObject({
      seq: 2,
      allowDelete: [{ name: "old" }],
    });
    isHeld = false;
    spoke.report();
    await until("used", ({ prunes }) => prunes.length === 0);
    await expect(client.approvePrunes(listed)).rejects.toMatchObject({
      status: 409,
    });
  });

  it("passes a request to compare live state on to the spoke", async () => {
    repo.commit("first", files);
    await underTest.start();
    const spoke = await join("staging-1");
    await until("issued", (view) => find(view, "staging-1").bundles.length > 0);
    await underTest.client().reconcile({ cluster: "staging-1", bundle: "web" });
    await waitUntil("asked", () => spoke.reconciles.length === 1);
    expect(spoke.reconciles).toEqual(["Kustomization/flux-system/web"]);
    await expect(
      underTest.client().reconcile({ cluster: "prod-eu-1" }),
    ).rejects.toMatchObject({ status: 409 });
  });
});
