import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { askKube } from "@wheelhouse/local-fleet";
import { type BundleView, type JoinView } from "@wheelhouse/rest-api";
import { waitUntil } from "@wheelhouse/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type RealHub, startRealHub } from "../page/real-hub.ts";

/** Ends only a wait for what never comes. */
const patienceMs = 180_000;
const name = "staging-1";
const api = "Kustomization/flux-system/api";
const target = { cluster: name, bundle: "api" };

const kustomization = (app: string) => `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${app}, namespace: flux-system }
spec:
  path: ./apps/${app}
  interval: 10m
  prune: true
  sourceRef: { kind: GitRepository, name: flux-system }
`;
const configMap = (app: string) => `apiVersion: v1
kind: ConfigMap
metadata: { name: ${app}, namespace: default }
data: { value: "1" }
`;
const files = {
  "fleet/clusters/staging-1.yaml": `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Cluster
metadata: { name: ${name}, labels: { env: staging } }
spec: { path: ./clusters/all }
`,
  "fleet/rollouts/default.yaml": `apiVersion: fleet.wheelhouse.dev/v1alpha1
kind: Rollout
metadata: { name: default }
spec:
  minReady: 0s
  waves:
    - { name: staging, clusterSelector: { matchLabels: { env: staging } } }
`,
  "clusters/all/apps.yaml": kustomization("web") + kustomization("api"),
  "apps/web/web.yaml": `${configMap("web")}---\n${configMap("extra")}`,
  "apps/api/api.yaml": configMap("api"),
};

describe("a bundle that is removed from Git while a person has it suspended", () => {
  let hub: RealHub;
  let folder: string;
  let invitation: JoinView;

  const uidOf = async (app: string): Promise<string | null> => {
    const { access } = hub.fleet.clusters.get(name)!;
    const path = "/api/v1/namespaces/default/configmaps";
    const { items } = (await askKube(access, path)) as {
      readonly items: readonly { metadata: { name: string; uid: string } }[];
    };
    const found = items.find(({ metadata }) => metadata.name === app);
    return found?.metadata.uid ?? null;
  };
  const view = () => hub.fleet.client.cluster(name);
  const bundle = async (): Promise<BundleView | undefined> =>
    (await view()).bundles.find((one) => one.bundle === api);
  const isDoneAt = (commit: string) => async () => {
    const { assignment, spoke } = await view();
    const isThere = assignment?.commit === commit && assignment.confirmed;
    return isThere && spoke.connected;
  };
  /** Changes which apps there are, and the ConfigMaps of one. */
  const commit = (
    subject: string,
    [apps, maps]: readonly (readonly [from: string, to: string])[],
  ) =>
    hub.fleet.repo.change(
      subject,
      [
        { file: "clusters/all/apps.yaml", edit: apps },
        { file: "apps/web/web.yaml", edit: maps },
      ].flatMap(({ file, edit }) =>
        edit === undefined ? [] : [{ file, from: edit[0], to: edit[1] }],
      ),
    );
  const restartSpoke = () => hub.fleet.startSpoke(invitation);
  const restartHub = async () => {
    await hub.fleet.killHub();
    await hub.fleet.startHub();
  };

  beforeAll(async () => {
    // A spoke inherits how long it waits for its second look.
    vi.stubEnv("WHEELHOUSE_CONFIRM_PRUNE_AFTER_MS", "1000");
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-suspended-fleet-"));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    hub = await startRealHub({ files: folder });
    invitation = await hub.fleet.client.addCluster({ name });
    await hub.fleet.startCluster(invitation);
    await waitUntil(
      "the first rollout",
      async () => (await view()).assignment?.confirmed === true,
      patienceMs,
    );
  });
  afterAll(async () => {
    await hub?.stop();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ["while its cluster was away", async () => {}],
    ["before its cluster went away, and the hub was restarted", restartHub],
  ])(
    "stays as it is where it was suspended %s, until it is resumed",
    async (_, between) => {
      const uid = await uidOf("api");
      expect(uid).not.toBeNull();
      const isOnline = between === restartHub;
      if (!isOnline) await hub.fleet.killSpoke(name);
      await hub.fleet.client.suspend(target);
      if (isOnline) {
        const isSuspended = async () => (await bundle())?.verdict === "Held";
        await waitUntil("it is suspended", isSuspended, patienceMs);
        await hub.fleet.killSpoke(name);
      }
      await between();
      const extra = `---\n${configMap("extra")}`;
      const removed = await commit("remove api, and extra", [
        [kustomization("api"), ""],
        [extra, ""],
      ]);
      await waitUntil(
        "the hub has read it",
        async () => (await hub.fleet.client.fleet()).head?.commit === removed,
        patienceMs,
      );
      restartSpoke();
      await waitUntil("it is taken", isDoneAt(removed), patienceMs);
      await waitUntil(
        "it is said that it was removed",
        async () => (await bundle())?.removedIn === removed,
        patienceMs,
      );
      // By the pass that deletes what nobody suspended.
      await waitUntil(
        "the other object is deleted",
        async () => (await uidOf("extra")) === null,
        patienceMs,
      );
      expect(await uidOf("api")).toBe(uid);
      expect(await hub.fleet.client.prunes()).toEqual([]);
      await hub.fleet.client.resume(target);
      await waitUntil(
        "its objects are deleted",
        async () => (await uidOf("api")) === null,
        patienceMs,
      );
      expect(await uidOf("web")).not.toBeNull();
      expect(await bundle()).toBeUndefined();
      const web = kustomization("web");
      const again = await commit("both again", [
        [web, web + kustomization("api")],
        [configMap("web"), configMap("web") + extra],
      ]);
      await waitUntil("both are back", isDoneAt(again), patienceMs);
      const isThere = async () => (await uidOf("api")) !== null;
      await waitUntil("its objects are back", isThere, patienceMs);
    },
  );
});
