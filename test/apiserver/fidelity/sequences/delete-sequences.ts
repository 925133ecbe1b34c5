import { configMap, deployment, sequence } from "../sequence.ts";

const maps = "configmaps";
const owned = (uid: string, name: string, more: object = {}) => ({
  ownerReferences: [
    { apiVersion: "v1", kind: "ConfigMap", name, uid, ...more },
  ],
});
const uidOf = (answer: { body: unknown }) =>
  (answer.body as { metadata: { uid: string } }).metadata.uid;

/** Deletion: preconditions, finalizers, propagation, collection, namespaces. */
export const deleteSequences = [
  sequence("delete, delete again", async (on) => {
    await on.create(on.path("v1", maps), configMap("a", {}));
    await on.remove(on.path("v1", maps, "a"));
    await on.remove(on.path("v1", maps, "a"));
    await on.create(on.path("v1", "services"), {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s" },
      spec: { ports: [{ port: 80 }] },
    });
    await on.remove(on.path("v1", "services", "s"));
    await on.create(on.path("apps/v1", "deployments"), deployment("web"));
    await on.remove(on.path("apps/v1", "deployments", "web"), {
      kind: "DeleteOptions",
      apiVersion: "v1",
      propagationPolicy: "Background",
    });
  }),
  sequence("delete with preconditions", async (on) => {
    const at = on.path("v1", maps, "a");
    const made = await on.create(on.path("v1", maps), configMap("a", {}));
    const { resourceVersion, uid } = (
      made.body as { metadata: { resourceVersion: string; uid: string } }
    ).metadata;
    const options = (preconditions: object) => ({
      kind: "DeleteOptions",
      apiVersion: "v1",
      preconditions,
    });
    await on.remove(
      at,
      options({ uid: "0b7c6c7a-0000-4000-8000-000000000000" }),
    );
    await on.remove(at, options({ resourceVersion: "1" }));
    await on.remove(at, { ...options({ uid }), dryRun: ["All"] });
    await on.remove(at, options({ uid, resourceVersion }));
  }),
  sequence("finalizers hold an object", async (on) => {
    const at = on.path("v1", maps, "a");
    await on.create(
      on.path("v1", maps),
      configMap("a", { x: "1" }, { finalizers: ["example.com/a"] }),
    );
    await on.remove(at);
    await on.remove(at);
    await on.patch(at, "merge", { data: { x: "2" } });
    await on.patch(at, "merge", {
      metadata: { finalizers: ["example.com/a", "example.com/b"] },
    });
    await on.apply(at, configMap("a", { y: "2" }), "one");
    await on.patch(at, "merge", { metadata: { finalizers: null } });
    await on.get(at);
  }),
  sequence("dependents go with their owner in the background", async (on) => {
    const owner = await on.create(on.path("v1", maps), configMap("owner", {}));
    await on.create(
      on.path("v1", maps),
      configMap("child", {}, owned(uidOf(owner), "owner")),
    );
    await on.remove(on.path("v1", maps, "owner"), {
      kind: "DeleteOptions",
      apiVersion: "v1",
      propagationPolicy: "Background",
    });
    await on.untilGone(on.path("v1", maps, "child"));
    await on.get(on.path("v1", maps, "child"));
  }),
  sequence(
    "an owner waits for its dependents in the foreground",
    async (on) => {
      const owner = await on.create(
        on.path("v1", maps),
        configMap("owner", {}),
      );
      const block = { blockOwnerDeletion: true };
      await on.create(
        on.path("v1", maps),
        configMap(
          "child",
          {},
          {
            ...owned(uidOf(owner), "owner", block),
            finalizers: ["example.com/hold"],
          },
        ),
      );
      await on.remove(on.path("v1", maps, "owner"), {
        kind: "DeleteOptions",
        apiVersion: "v1",
        propagationPolicy: "Foreground",
      });
      await on.until(
        on.path("v1", maps, "child"),
        ({ body }) =>
          (body as { metadata: { deletionTimestamp?: string } }).metadata
            .deletionTimestamp !== undefined,
      );
      await on.get(on.path("v1", maps, "owner"));
      await on.patch(on.path("v1", maps, "child"), "merge", {
        metadata: { finalizers: null },
      });
      await on.untilGone(on.path("v1", maps, "owner"));
      await on.get(on.path("v1", maps, "owner"));
    },
  ),
  sequence("orphans stay", async (on) => {
    const owner = await on.create(on.path("v1", maps), configMap("owner", {}));
    await on.create(
      on.path("v1", maps),
      configMap("child", {}, owned(uidOf(owner), "owner")),
    );
    await on.remove(on.path("v1", maps, "owner"), {
      kind: "DeleteOptions",
      apiVersion: "v1",
      propagationPolicy: "Orphan",
    });
    await on.untilGone(on.path("v1", maps, "owner"));
    await on.until(on.path("v1", maps, "child"), ({ body }) => {
      const { ownerReferences } = (
        body as { metadata: { ownerReferences?: unknown[] } }
      ).metadata;
      return (ownerReferences ?? []).length === 0;
    });
    const { body } = await on.quiet({
      method: "GET",
      path: on.path("v1", maps, "child"),
    });
    const { ownerReferences } = (
      body as { metadata: { ownerReferences?: unknown } }
    ).metadata;
    on.note("child", ownerReferences);
  }),
  sequence(
    "a dependent of nothing is collected, one of two owners stays",
    async (on) => {
      const second = await on.create(
        on.path("v1", maps),
        configMap("second", {}),
      );
      const gone = "0b7c6c7a-0000-4000-8000-000000000000";
      await on.create(
        on.path("v1", maps),
        configMap("stray", {}, owned(gone, "never")),
      );
      const both = {
        ownerReferences: [
          ...owned(gone, "never").ownerReferences,
          ...owned(uidOf(second), "second").ownerReferences,
        ],
      };
      await on.create(on.path("v1", maps), configMap("shared", {}, both));
      await on.untilGone(on.path("v1", maps, "stray"));
      await on.until(
        on.path("v1", maps, "shared"),
        ({ body }) =>
          (body as { metadata: { ownerReferences: unknown[] } }).metadata
            .ownerReferences.length === 1,
      );
      await on.get(on.path("v1", maps, "stray"));
    },
  ),
  sequence("deletecollection by label", async (on) => {
    await on.create(
      on.path("v1", maps),
      configMap("a", {}, { labels: { go: "1" } }),
    );
    await on.create(
      on.path("v1", maps),
      configMap("b", {}, { labels: { go: "2" } }),
    );
    await on.remove(`${on.path("v1", maps)}?labelSelector=go%3D1`);
    await on.get(on.path("v1", maps, "a"));
    await on.get(on.path("v1", maps, "b"));
  }),
  sequence("a namespace goes with all that is in it", async (on) => {
    const name = `${on.namespace}-x`;
    const at = `/api/v1/namespaces/${name}`;
    await on.create("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    });
    await on.create(
      `${at}/configmaps`,
      configMap("a", {}, { finalizers: ["example.com/hold"] }),
    );
    await on.create(`${at}/configmaps`, configMap("b", {}));
    await on.remove(at);
    await on.untilGone(`${at}/configmaps/b`);
    await on.create(`${at}/configmaps`, configMap("c", {}));
    await on.apply(`${at}/configmaps/d`, configMap("d", {}), "one");
    await on.patch(`${at}/configmaps/a`, "merge", {
      metadata: { finalizers: null },
    });
    await on.untilGone(at);
    await on.get(at);
  }),
];
