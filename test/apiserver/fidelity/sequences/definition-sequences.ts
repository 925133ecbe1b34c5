import { definition, sequence } from "../sequence.ts";
import { type Recorder } from "../recorder.ts";

const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

async function define(
  on: Recorder,
  schema: object,
  more: object = {},
): Promise<string> {
  const group = `${on.namespace}.example.com`;
  const body = definition(group, schema, more);
  await on.quiet({ method: "POST", path: definitions, body });
  await on.until(`${definitions}/widgets.${group}`, ({ body: live }) =>
    (
      (live as { status?: { conditions?: { type: string; status: string }[] } })
        .status?.conditions ?? []
    ).some((each) => each.type === "Established" && each.status === "True"),
  );
  await on.until(on.path(`${group}/v1`, "widgets"), ({ code }) => code === 200);
  return group;
}

const undefine = async (on: Recorder, group: string) => {
  await on.quiet({ method: "DELETE", path: `${definitions}/widgets.${group}` });
  await on.untilGone(`${definitions}/widgets.${group}`);
  await on.untilGone(`/apis/${group}/v1`);
};

const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const closed = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      required: ["size"],
      properties: {
        size: { type: "integer", minimum: 1 },
        mode: { type: "string", enum: ["a", "b"], default: "a" },
        tags: {
          type: "array",
          items: { type: "string" },
          "x-kubernetes-list-type": "set",
        },
        parts: {
          type: "array",
          items: {
            type: "object",
            required: ["name"],
            properties: { name: { type: "string" }, value: { type: "string" } },
          },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
        },
        plain: { type: "array", items: { type: "string" } },
      },
    },
    status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
};
const widget = (
  group: string,
  name: string,
  spec: object,
  more: object = {},
) => ({
  apiVersion: `${group}/v1`,
  kind: "Widget",
  metadata: { name },
  spec,
  ...more,
});

/** Definitions and their objects. */
export const definitionSequences = [
  sequence("a definition's life", async (on) => {
    const group = await define(on, closed);
    await on.get(`/apis/${group}`);
    await on.get(`/apis/${group}/v1`);
    await on.create(
      on.path(`${group}/v1`, "widgets"),
      widget(group, "a", { size: 1 }),
    );
    await undefine(on, group);
    // The real server forgets the last paths of a kind a little later.
    await on.until(
      on.path(`${group}/v1`, "widgets", "a"),
      ({ body }) => typeof body === "string",
    );
    await on.get(`/apis/${group}/v1`);
  }),
  sequence(
    "a definition as it is stored",
    async (on) => {
      const group = await define(on, closed);
      await on.get(`${definitions}/widgets.${group}`);
      await undefine(on, group);
    },
    true,
  ),
  sequence("a definition waits for its objects", async (on) => {
    const group = await define(on, open);
    const at = on.path(`${group}/v1`, "widgets", "a");
    await on.quiet({
      method: "POST",
      path: on.path(`${group}/v1`, "widgets"),
      body: {
        ...widget(group, "a", {}),
        metadata: { name: "a", finalizers: ["example.com/hold"] },
      },
    });
    await on.quiet({
      method: "DELETE",
      path: `${definitions}/widgets.${group}`,
    });
    await on.until(
      at,
      ({ body }) =>
        (body as { metadata: { deletionTimestamp?: string } }).metadata
          .deletionTimestamp !== undefined,
    );
    await on.patch(at, "merge", { metadata: { finalizers: null } });
    await on.untilGone(`${definitions}/widgets.${group}`);
    await on.until(at, ({ body }) => typeof body === "string");
    await on.get(at);
  }),
  sequence("custom objects: apply by list type", async (on) => {
    const group = await define(on, closed);
    const at = on.path(`${group}/v1`, "widgets", "a");
    await on.apply(
      at,
      widget(group, "a", {
        size: 1,
        tags: ["x"],
        parts: [{ name: "p", value: "1" }],
        plain: ["1"],
      }),
      "one",
    );
    await on.apply(
      at,
      widget(group, "a", {
        size: 1,
        tags: ["y"],
        parts: [{ name: "q", value: "1" }],
      }),
      "two",
    );
    await on.apply(
      at,
      widget(group, "a", { size: 1, plain: ["1", "2"] }),
      "two",
    );
    await on.apply(
      at,
      widget(group, "a", { size: 1, tags: [], parts: [] }),
      "one",
    );
    await on.apply(at, widget(group, "a", { size: 1, bogus: 1 }), "one");
    await undefine(on, group);
  }),
  sequence("custom objects: validation, pruning, defaults", async (on) => {
    const group = await define(on, closed);
    const at = on.path(`${group}/v1`, "widgets");
    await on.create(at, widget(group, "a", { size: 0 }));
    await on.create(at, widget(group, "a", {}));
    await on.create(at, widget(group, "a", { size: "x" }));
    await on.create(at, widget(group, "a", { size: 1, mode: "c" }));
    await on.create(
      `${at}?fieldValidation=Strict`,
      widget(group, "a", { size: 1, bogus: 2 }),
    );
    await on.create(at, widget(group, "a", { size: 1, bogus: 2, tags: [] }));
    await on.replace(`${at}/a`, widget(group, "a", { size: 2 }));
    await on.patch(`${at}/a`, "strategic-merge", { spec: { size: 3 } });
    await on.patch(`${at}/a`, "merge", { spec: { size: 3 } });
    await undefine(on, group);
  }),
  sequence("custom objects: status subresource", async (on) => {
    const group = await define(on, closed, {
      subresources: {
        status: {},
        scale: {
          specReplicasPath: ".spec.size",
          statusReplicasPath: ".status.size",
        },
      },
    });
    const at = on.path(`${group}/v1`, "widgets");
    await on.create(
      at,
      widget(group, "a", { size: 1 }, { status: { ready: true } }),
    );
    await on.patch(`${at}/a/status`, "merge", {
      metadata: { labels: { x: "1" } },
      spec: { size: 9 },
      status: { ready: true, size: 1 },
    });
    await on.patch(`${at}/a`, "merge", {
      spec: { size: 2 },
      status: { ready: false },
    });
    await on.apply(
      `${at}/a/status`,
      {
        apiVersion: `${group}/v1`,
        kind: "Widget",
        metadata: { name: "a" },
        status: { phase: "Good" },
      },
      "statuser",
    );
    await on.get(`${at}/a/scale`);
    await on.patch(`${at}/a/scale`, "merge", { spec: { replicas: 5 } });
    await undefine(on, group);
  }),
  sequence("custom objects without a schema", async (on) => {
    const group = await define(on, open);
    const at = on.path(`${group}/v1`, "widgets", "a");
    await on.apply(
      at,
      widget(group, "a", { deep: { a: 1, b: [1, 2] }, none: null, empty: {} }),
      "one",
    );
    await on.apply(at, widget(group, "a", { deep: { c: 1 } }), "two");
    await on.apply(at, widget(group, "a", { deep: { a: 2 } }), "one");
    await on.apply(at, widget(group, "a", { deep: { b: [3] } }), "two");
    await undefine(on, group);
  }),
];
