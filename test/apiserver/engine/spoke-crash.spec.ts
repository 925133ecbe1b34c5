import { createHash, createPublicKey } from "node:crypto";
import { type KubeObject, isJsonObject } from "@wheelhouse/kube-object";
import { readPemChain, readSpokeIdentity } from "@wheelhouse/trust";
import { describe, expect, it, vi } from "vitest";
import { type TestHub } from "../../protocol/harness/test-hub.ts";
import { configMap } from "./objects.ts";
import {
  type SpokeProcess,
  patiently,
  useSpokeProcesses,
} from "./spoke-processes.ts";
import { tools, useCluster } from "./test-cluster.ts";

const secrets = "/api/v1/namespaces/wheelhouse-system/secrets";
const hourMs = 3_600_000;

/** A uid of letters, digits and hyphens, as a certificate may carry it. */
const uidFor = (point: string) => `uid-${point.replaceAll(".", "-")}`;

describe.skipIf(tools === null)(
  "a spoke process that is killed",
  { timeout: 300_000 },
  () => {
    const cluster = useCluster();
    const { start, startHub, invite, issue, whenReported } =
      useSpokeProcesses(cluster);

    const secret = (name: string) => cluster.get(`${secrets}/${name}`);

    const textOf = (of: KubeObject | undefined, field: string): string => {
      const data = of?.["data"];
      const text = isJsonObject(data) ? data[field] : undefined;
      return typeof text === "string"
        ? Buffer.from(text, "base64").toString("utf8")
        : "";
    };

    /** The key in the identity's Secret, as the hub's registry names it. */
    const storedKey = async (): Promise<string | undefined> => {
      const pem = textOf(await secret("wheelhouse-identity"), "privateKey");
      if (pem === "") return undefined;
      const spki = createPublicKey(pem).export({ type: "spki", format: "der" });
      return createHash("sha256").update(spki).digest("hex");
    };

    const storedIdentity = async () => {
      const chain = textOf(
        await secret("wheelhouse-identity"),
        "certificateChain",
      );
      const [leaf] = readPemChain(chain);
      return leaf && readSpokeIdentity(leaf);
    };

    const dies = async (spoke: SpokeProcess) =>
      expect(await spoke.ended, spoke.output()).toEqual({
        code: null,
        signal: "SIGKILL",
      });

    const connected = (hub: TestHub) =>
      vi.waitFor(
        () => expect(hub.observer.hellos.length).toBeGreaterThan(0),
        patiently,
      );

    /** One uid, one key, and the one that the cluster has. */
    const expectOneIdentity = async (hub: TestHub, uid: string) => {
      const key = await storedKey();
      expect(hub.registry.findByUid(uid)?.keys).toEqual([key]);
      expect((await storedIdentity())?.uid).toBe(uid);
      const uids = new Set(hub.observer.hellos.map(({ hello }) => hello.uid));
      expect([...uids]).toEqual([uid]);
    };

    it.each([
      "key.beforeWrite",
      "key.afterWrite",
      "join.beforeCall",
      "join.afterAnswer",
      "identity.beforeWrite",
      "identity.afterWrite",
    ])("at %s of its join is in the fleet after a restart", async (point) => {
      const uid = uidFor(point);
      const hub = await startHub();
      const join = ["--join-file", await invite(hub, uid)];
      await dies(start(join, { WHEELHOUSE_FAILPOINT: point }));
      const key = await storedKey();

      // What was joined needs no token any more.
      start(point === "identity.afterWrite" ? [] : join);
      issue(hub, uid, 1, [configMap("crash-join")]);
      await whenReported(hub, 1);
      await expectOneIdentity(hub, uid);
      expect(key ?? (await storedKey())).toBe(await storedKey());
      const isMade = point !== "key.beforeWrite";
      expect(key !== undefined).toBe(isMade);
    });

    it.each([
      "artifacts.beforeWrite",
      "artifacts.afterWrite",
      "assignment.beforeWrite",
      "assignment.afterWrite",
    ])("at %s takes the assignment after a restart", async (point) => {
      const uid = uidFor(point);
      const hub = await startHub();
      const dying = start(["--join-file", await invite(hub, uid)], {
        WHEELHOUSE_FAILPOINT: point,
      });
      await connected(hub);
      issue(hub, uid, 3, [configMap("crash-take")]);
      await dies(dying);
      const isDurable = point === "assignment.afterWrite";
      const stored = await secret("wheelhouse-assignment");
      expect(stored !== undefined).toBe(isDurable);
      expect(hub.observer.acknowledged).toEqual([]);

      start([]);
      await whenReported(hub, 3);
      const said = hub.observer.hellos.at(-1)?.hello.acknowledged?.seq;
      expect(said).toBe(isDurable ? 3 : undefined);
      await expectOneIdentity(hub, uid);
      const packs = await cluster.get(
        `${secrets}?labelSelector=fleet.wheelhouse.dev/state%3Dartifacts`,
      );
      expect(packs?.["items"]).toHaveLength(1);
    });

    it.each(["renewal.beforeWrite", "renewal.afterWrite"])(
      "at %s goes on with the same key",
      async (point) => {
        const uid = uidFor(point);
        const hub = await startHub(undefined, { certificateLifetimeMs: 5_000 });
        const dying = start(["--join-file", await invite(hub, uid)], {
          WHEELHOUSE_FAILPOINT: point,
        });
        await connected(hub);
        const key = await storedKey();
        await dies(dying);
        await hub.stop();

        // Its certificate is about to end, or has ended: either way it is renewed.
        const calm = await startHub(hub);
        start([]);
        await vi.waitFor(async () => {
          const { notAfterMs = 0 } = (await storedIdentity()) ?? {};
          expect(notAfterMs).toBeGreaterThan(Date.now() + hourMs);
        }, patiently);
        issue(calm, uid, 1, [configMap("crash-renew")]);
        await whenReported(calm, 1);
        await expectOneIdentity(calm, uid);
        expect(await storedKey()).toBe(key);
      },
    );

    it.each([
      "key.beforeWrite",
      "key.afterWrite",
      "join.afterAnswer",
      "identity.beforeWrite",
      "identity.afterWrite",
    ])("at %s of a join anew is the new uid after a restart", async (point) => {
      const [before, after] = [uidFor(`old.${point}`), uidFor(`new.${point}`)];
      const hub = await startHub();
      const first = start(["--join-file", await invite(hub, before)]);
      await connected(hub);
      issue(hub, before, 5, [configMap("crash-old")]);
      await whenReported(hub, 5);
      first.child.kill("SIGTERM");
      await first.ended;

      const join = ["--join-file", await invite(hub, after)];
      await dies(start(join, { WHEELHOUSE_FAILPOINT: point }));
      // Until the new identity is there, nothing of the one before is gone.
      const isNew = point === "identity.afterWrite";
      expect((await storedIdentity())?.uid).toBe(isNew ? after : before);
      expect(await secret("wheelhouse-assignment")).toBeDefined();

      hub.observer.hellos.length = 0;
      start(isNew ? [] : join);
      await connected(hub);
      issue(hub, after, 1, [configMap("crash-new")]);
      await whenReported(hub, 1);
      await expectOneIdentity(hub, after);
    });
  },
);
