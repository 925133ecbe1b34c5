import { type Artifact, encodeObjects } from "@wheelhouse/assignment";
import { type KubeObject, isJsonObject } from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { createAssignment } from "../../protocol/harness/fleet.ts";
import { type TestHub } from "../../protocol/harness/test-hub.ts";
import { configMap } from "./objects.ts";
import { patiently, useSpokeProcesses } from "./spoke-processes.ts";
import { tools, useCluster } from "./test-cluster.ts";

const secrets = "/api/v1/namespaces/wheelhouse-system/secrets";
const packs = `${secrets}?labelSelector=fleet.wheelhouse.dev/state%3Dartifacts`;
const maps = "/api/v1/namespaces/default/configmaps";
const merge = "application/merge-patch+json";

describe.skipIf(tools === null)(
  "artifacts that somebody deletes or damages in a cluster",
  { timeout: 300_000 },
  () => {
    const cluster = useCluster({}, { auditReads: true });
    const { start, startHub, invite } = useSpokeProcesses(cluster);

    const issue = (
      hub: TestHub,
      uid: string,
      seq: number,
      bundles: Readonly<Record<string, readonly KubeObject[]>>,
    ) => {
      const contents = Object.entries(bundles).map(([name, objects]) => {
        const artifact: Artifact = encodeObjects(objects);
        return [name, artifact.bytes] as const;
      });
      hub.assignments.issue(
        uid,
        createAssignment(
          hub.keys,
          { cluster: "prod-eu-1", uid },
          seq,
          Object.fromEntries(contents),
        ),
      );
      void hub.server.notify(uid);
    };

    /** Waits until the hub was told over its newest session that every bundle of an assignment is Ready. */
    const whenReady = (hub: TestHub, seq: number) =>
      vi.waitFor(() => {
        const last = hub.observer.reports.at(-1);
        const bundles = [...(last?.state.bundles.values() ?? [])];
        expect(last?.session).toBe(hub.observer.hellos.at(-1)?.session);
        expect(last?.state.assignment?.seq).toBe(seq);
        expect(bundles.length).toBeGreaterThan(0);
        expect(bundles.filter(({ ready }) => !ready)).toEqual([]);
      }, patiently);

    const stored = async (): Promise<readonly KubeObject[]> =>
      ((await cluster.get(packs))?.["items"] ?? []) as unknown as KubeObject[];

    /** What is durable, however it is spread. */
    const contents = async () =>
      new Map(
        (await stored()).map(({ metadata, data }) => [metadata.name, data]),
      );

    const lose = async () => {
      for (const { metadata } of await stored()) {
        await cluster.send("DELETE", `${secrets}/${metadata.name}`);
      }
    };

    const damage = async () => {
      const before = await stored();
      await lose();
      for (const { metadata, data, type } of before) {
        const { name, labels = {} } = metadata;
        await cluster.send("POST", secrets, {
          ...{ apiVersion: "v1", kind: "Secret", immutable: true },
          type: type ?? "Opaque",
          metadata: { name, labels },
          data: { ...(isJsonObject(data) ? data : {}), pack: "AAAA" },
        });
      }
    };

    /** What spokes have changed since, but for what they tell people of. */
    const writesSince = async (count: number) =>
      (await cluster.writes())
        .slice(count)
        .filter(
          ({ objectRef, responseStatus }) =>
            objectRef?.resource !== "events" &&
            (responseStatus?.code ?? 0) < 400,
        )
        .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`);

    const heals = async (name: string) => {
      await cluster.send(
        "PATCH",
        `${maps}/${name}`,
        { data: { key: "x" } },
        merge,
      );
      await vi.waitFor(
        async () =>
          expect((await cluster.get(`${maps}/${name}`))?.["data"]).toEqual({
            key: "value",
          }),
        patiently,
      );
    };

    const begin = async (uid: string, name: string) => {
      const hub = await startHub();
      const spoke = start(["--join-file", await invite(hub, uid)]);
      await vi.waitFor(
        () => expect(hub.observer.hellos).toHaveLength(1),
        patiently,
      );
      issue(hub, uid, 1, { webapp: [configMap(name)] });
      await whenReady(hub, 1);
      return { hub, spoke, before: await contents() };
    };

    it.each([
      ["deleted", lose, ["create secrets"]],
      ["damaged", damage, ["create secrets", "delete secrets"]],
    ] as const)(
      "while the spoke is stopped: what was %s is fetched, and the bundle Ready and healed again",
      async (what, spoil, verbs) => {
        const uid = `uid-stopped-${what}`;
        const { hub, spoke, before } = await begin(uid, `stopped-${what}`);
        spoke.child.kill("SIGTERM");
        await spoke.ended;
        await spoil();
        const written = (await cluster.writes()).length;

        start([]);
        await vi.waitFor(
          async () => expect(await contents()).toEqual(before),
          patiently,
        );
        await vi.waitFor(
          () => expect(hub.observer.hellos).toHaveLength(2),
          patiently,
        );
        await whenReady(hub, 1);
        expect((await writesSince(written)).toSorted()).toEqual(verbs);
        expect(hub.observer.acknowledged).toHaveLength(1);
        await heals(`stopped-${what}`);
      },
    );

    it("while the spoke runs: the bundle stays Ready and healed, and the artifact comes back at the next look", async () => {
      const uid = "uid-running";
      const { hub, before } = await begin(uid, "running");
      await damage();
      await heals("running");
      expect(hub.server.requestReconcile(uid, "")).toBe(true);
      await vi.waitFor(
        async () => expect(await contents()).toEqual(before),
        patiently,
      );

      await lose();
      await hub.stop();
      await heals("running");
      const again = await startHub(hub);
      await vi.waitFor(
        async () => expect(await contents()).toEqual(before),
        patiently,
      );
      await whenReady(again, 1);
    });

    it("while the spoke runs: the next assignment is acknowledged with all that it names", async () => {
      const uid = "uid-next";
      const { hub, spoke } = await begin(uid, "next");
      await lose();
      issue(hub, uid, 2, {
        webapp: [configMap("next")],
        other: [configMap("beside")],
      });
      await whenReady(hub, 2);
      spoke.child.kill("SIGTERM");
      await spoke.ended;
      await hub.stop();

      // Without its hub a spoke has nothing but what is durable.
      start([]);
      await heals("next");
      await heals("beside");
    });

    it("asks for nothing while nothing happens", async () => {
      const uid = "uid-idle";
      const { hub } = await begin(uid, "idle");
      const asked = async () =>
        (await cluster.requests()).filter(({ requestURI }) =>
          requestURI.startsWith(secrets),
        ).length;
      let before = -1;
      await vi.waitFor(async () => {
        const last = before;
        before = await asked();
        expect(before).toBe(last);
      }, patiently);
      const beats = hub.observer.heartbeats;
      await vi.waitFor(
        () => expect(hub.observer.heartbeats).toBeGreaterThan(beats + 3),
        patiently,
      );
      expect(await asked()).toBe(before);
    });
  },
);
