import { approvalOf } from "@wheelhouse/rest-api";
import { waitUntil } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import {
  configMap,
  files,
  find,
  isConfirmedAt,
  join,
  kustomization,
  repo,
  underTest,
  until,
  useHub,
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

  it("lists a suspension whose bundle left Git, and takes it back", async () => {
    const first = repo.commit("first", {
      ...files,
      "clusters/all/api.yaml": kustomization("api"),
      "apps/api/api.yaml": configMap("api", "1"),
    });
    await underTest.start();
    await join("staging-1");
    await until("confirmed", isConfirmedAt("staging-1", first));
    const client = underTest.client();
    const target = { cluster: "staging-1", bundle: "api" };
    await client.suspend(target);
    const second = repo.commit("second", { "clusters/all/api.yaml": null });
    const view = await until("gone", isConfirmedAt("staging-1", second));
    const name = "Kustomization/flux-system/api";
    const names = find(view, "staging-1").bundles.map(({ bundle }) => bundle);
    expect(names).not.toContain(name);
    expect(view.notices.join()).toContain(
      `wheelhouse resume staging-1/${name}`,
    );
    await expect(client.suspend(target)).rejects.toMatchObject({ status: 404 });
    await client.resume(target);
    await until("resumed", ({ notices }) => !notices.join().includes(name));
    await expect(client.resume(target)).rejects.toMatchObject({ status: 404 });
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
