import {
  type Template,
  type TemplateSource,
  documentIdOf,
} from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { describe, expect, it, vi } from "vitest";
import { configMap } from "./objects.ts";
import {
  changes,
  isSimulated,
  tools,
  useCluster,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";

const bundle = "Kustomization/flux-system/late";
const maps = "/api/v1/namespaces/default/configmaps";
const secrets = "/api/v1/namespaces/default/secrets";

/** A late source; what it names lies in the bundle's namespace, which here is `default`. */
const late = (name: string, optional = false): TemplateSource => ({
  kind: "late",
  reference: { kind: "Secret", namespace: "default", name, optional },
});

const secret = (name: string, values: Readonly<Record<string, string>>) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: "default" },
  stringData: values,
});

function templateOf(
  sources: readonly TemplateSource[],
  ...objects: readonly KubeObject[]
): Template {
  return {
    documents: objects.map((object) => ({
      ...documentIdOf(object),
      text: JSON.stringify(object, null, 1),
    })),
    sources,
    always: false,
    commonMetadata: { labels: { team: "shop" }, annotations: {} },
  };
}

describe.skipIf(tools === null && !isSimulated)("late values", () => {
  const cluster = useCluster();
  let seq = 0;
  const start = async (template: Template, name = bundle) => {
    const engine = await cluster.startEngine();
    await engine.assign([{ name, objects: null, template }], {
      seq: (seq += 1),
    });
    return engine;
  };
  const dataOf = async (name: string) =>
    (await cluster.get(`${maps}/${name}`))?.["data"];

  it("are read live, later ones over earlier and inline ones over all, and follow when they change", async () => {
    await cluster.send("POST", secrets, secret("l1-a", { A: "a1", B: "b1" }));
    await cluster.send("POST", secrets, secret("l1-b", { B: "b2", C: "c2\n" }));
    const engine = await start(
      templateOf(
        [late("l1-a"), late("l1-b"), { kind: "values", values: { C: "c3" } }],
        configMap("l1", { v: "${A} ${B} ${C} ${D:=d} $$", plain: "x" }),
      ),
    );
    await whenReady(engine, bundle);
    expect(await dataOf("l1")).toEqual({ v: "a1 b2 c3 d $", plain: "x" });
    const live = await cluster.get(`${maps}/l1`);
    expect(live?.metadata["labels"]).toMatchObject({ team: "shop" });
    const before = engine.report(bundle)?.late?.fingerprint;
    expect(before).toMatch(/^[0-9a-f]{64}$/);

    await cluster.send(
      "PATCH",
      `${secrets}/l1-a`,
      { stringData: { A: "a9" } },
      "application/merge-patch+json",
    );
    await vi.waitFor(async () => {
      expect(await dataOf("l1")).toMatchObject({ v: "a9 b2 c3 d $" });
    }, within);
    await vi.waitFor(() => {
      const report = engine.report(bundle);
      expect(report).toMatchObject({ ready: true, applied: report?.digest });
      expect(report?.late?.fingerprint).not.toBe(before);
    }, within);
    expect(engine.facts().drift).toEqual([]);
  });

  it("cost no write while nothing changes, nor after a restart", async () => {
    await cluster.send("POST", secrets, secret("l2-a", { A: "a1" }));
    const template = templateOf([late("l2-a")], configMap("l2", { v: "${A}" }));
    const engine = await start(template);
    await whenReady(engine, bundle);
    await whenQuiet(engine);
    const fingerprint = engine.report(bundle)?.late?.fingerprint;
    await engine.stop();
    const writes = changes(await cluster.writes()).length;
    const next = await cluster.startEngine();
    await next.resume();
    await whenReady(next, bundle);
    await whenQuiet(next);
    expect(changes(await cluster.writes())).toHaveLength(writes);
    expect(next.report(bundle)?.late?.fingerprint).toBe(fingerprint);
  });

  it("hold the bundle where a reference is not there, by its name, until it comes", async () => {
    const engine = await start(
      templateOf(
        [late("l3-a"), late("l3-none", true)],
        configMap("l3", { v: "${A}${N}" }),
      ),
    );
    await vi.waitFor(() => {
      expect(engine.report(bundle)?.held).toEqual({
        reason: "LateValueMissing",
        message:
          "substituteFrom: Secret/default/l3-a is not in the cluster; create it, or mark the reference optional",
      });
    }, within);
    expect(await dataOf("l3")).toBeUndefined();
    await cluster.send("POST", secrets, secret("l3-a", { A: "there" }));
    await whenReady(engine, bundle);
    expect(await dataOf("l3")).toEqual({ v: "there" });
    expect(engine.report(bundle)?.held).toBeNull();
  });

  it("leave expressions as they are where every reference is absent, as Flux does", async () => {
    const engine = await start(
      templateOf([late("l4-none", true)], configMap("l4", { v: "${A:=x}" })),
    );
    await whenReady(engine, bundle);
    expect(await dataOf("l4")).toEqual({ v: "${A:=x}" });
  });

  it("hold the bundle where one changes an object's name", async () => {
    await cluster.send("POST", secrets, secret("l5-a", { A: "other\n" }));
    const object = configMap("l5", { v: "x" });
    const template = templateOf([late("l5-a")], object);
    const [document] = template.documents;
    const text = JSON.stringify({
      ...object,
      metadata: { name: "${A}", namespace: "default" },
    });
    const engine = await start({
      ...template,
      documents: document === undefined ? [] : [{ ...document, text }],
    });
    await vi.waitFor(() => {
      expect(engine.report(bundle)?.held?.reason).toBe(
        "LateVariableInIdentity",
      );
    }, within);
    expect(await cluster.get(`${maps}/other`)).toBeUndefined();
    expect(JSON.stringify(engine.facts())).not.toContain("other");
  });

  it("heal drift with the values of now", async () => {
    await cluster.send("POST", secrets, secret("l6-a", { A: "right" }));
    const engine = await start(
      templateOf([late("l6-a")], configMap("l6", { v: "${A}" })),
    );
    await whenReady(engine, bundle);
    await cluster.send(
      "PATCH",
      `${maps}/l6`,
      { data: { v: "wrong" } },
      "application/merge-patch+json",
    );
    await vi.waitFor(async () => {
      expect(await dataOf("l6")).toEqual({ v: "right" });
      expect(engine.facts().drift).toMatchObject([
        {
          state: "healed",
          fields: [
            { path: "data.v", wanted: "(redacted)", found: "(redacted)" },
          ],
        },
      ]);
    }, within);
  });
});
