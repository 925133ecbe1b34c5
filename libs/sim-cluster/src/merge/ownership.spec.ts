import { describe, expect, it } from "vitest";
import { builtInSchema } from "../facts/schema.ts";
import { type Json, type JsonObject } from "../json.ts";
import { StatusFailure } from "../status-failure.ts";
import { emptySet, encodeFieldSet } from "./field-set.ts";
import { type Managers } from "./managed-fields.ts";
import { applyConfiguration, updateManagers } from "./ownership.ts";

const kind = {
  schema: builtInSchema("apps.v1.Deployment"),
  ignored: emptySet(),
};
const writer = (manager: string) => ({
  manager,
  apiVersion: "apps/v1",
  subresource: "",
  time: "2026-01-01T00:00:00Z",
});
const web = (containers: Json, spec: JsonObject = {}): JsonObject => ({
  metadata: { name: "web" },
  spec: { ...spec, template: { spec: { containers } } },
});
interface Step {
  readonly as: string;
  readonly apply?: JsonObject;
  readonly update?: JsonObject;
  readonly force?: boolean;
}

function play(steps: readonly Step[]) {
  let live: JsonObject = { metadata: { name: "web" } };
  let managers: Managers = new Map();
  for (const { as, apply, update, force } of steps) {
    if (apply !== undefined) {
      const done = applyConfiguration(
        kind,
        live,
        apply,
        managers,
        writer(as),
        force ?? false,
      );
      live = done.object ?? live;
      managers = done.managers;
    } else if (update !== undefined) {
      managers = updateManagers(kind, live, update, managers, writer(as));
      live = update;
    }
  }
  const owned = Object.fromEntries(
    [...managers.values()].map((each) => [
      each.manager,
      encodeFieldSet(each.set),
    ]),
  );
  const spec = live["spec"] as {
    template?: { spec?: { containers?: Json } };
  } & JsonObject;
  return { live, owned, containers: spec?.template?.spec?.containers };
}

const refusal = (steps: readonly Step[]): string => {
  try {
    play(steps);
  } catch (failure) {
    if (failure instanceof StatusFailure) return failure.message;
    throw failure;
  }
  return "";
};

describe("server-side apply", () => {
  it("merges a list by its keys, in the applied order", () => {
    const { containers } = play([
      {
        as: "one",
        apply: web([
          { name: "a", image: "a:1" },
          { name: "c", image: "c:1" },
        ]),
      },
      {
        as: "two",
        apply: web([
          { name: "b", image: "b:1" },
          { name: "c", tty: true },
        ]),
      },
    ]);
    expect(containers).toEqual([
      { name: "a", image: "a:1" },
      { name: "b", image: "b:1" },
      { name: "c", image: "c:1", tty: true },
    ]);
  });

  it("removes items and fields that the applier gave up", () => {
    const { containers, live } = play([
      {
        as: "one",
        apply: web([{ name: "a", image: "a:1" }, { name: "b" }], {
          replicas: 3,
        }),
      },
      { as: "one", apply: web([{ name: "a" }]) },
    ]);
    expect(containers).toEqual([{ name: "a" }]);
    expect(live["metadata"]).toEqual({ name: "web" });
    expect((live["spec"] as JsonObject)["replicas"]).toBeUndefined();
  });

  it("keeps what another manager owns too", () => {
    const { containers } = play([
      { as: "one", apply: web([{ name: "a", image: "a:1" }]) },
      { as: "two", apply: web([{ name: "a", image: "a:1" }]) },
      { as: "one", apply: web([]) },
    ]);
    expect(containers).toEqual([{ name: "a", image: "a:1" }]);
  });

  it("names manager, version and path of a conflict", () => {
    expect(
      refusal([
        { as: "one", apply: web([], { replicas: 1 }) },
        { as: "edit", update: web([], { replicas: 2 }) },
        { as: "one", apply: web([], { replicas: 3 }) },
      ]),
    ).toBe(
      'Apply failed with 1 conflict: conflict with "edit" using apps/v1: .spec.replicas',
    );
  });

  it("takes fields over by force, and the other loses them", () => {
    const { owned } = play([
      { as: "one", apply: web([], { replicas: 1, paused: true }) },
      { as: "two", apply: web([], { replicas: 2 }), force: true },
    ]);
    expect(owned["one"]).toEqual({ "f:spec": { "f:paused": {} } });
    expect(owned["two"]).toEqual({ "f:spec": { "f:replicas": {} } });
  });

  it("treats an atomic map as one field", () => {
    const selector = (labels: JsonObject) =>
      web([], { selector: { matchLabels: labels } });
    expect(
      refusal([
        { as: "one", apply: selector({ a: "1" }) },
        { as: "two", apply: selector({ a: "1", b: "2" }) },
      ]),
    ).toContain(".spec.selector");
  });

  it("gives an update what it changed, and no more", () => {
    const { owned } = play([
      { as: "one", apply: web([], { replicas: 1, minReadySeconds: 1 }) },
      { as: "edit", update: web([], { replicas: 1, minReadySeconds: 2 }) },
    ]);
    expect(owned["edit"]).toEqual({ "f:spec": { "f:minReadySeconds": {} } });
    expect(owned["one"]).toEqual({ "f:spec": { "f:replicas": {} } });
  });
});
