import { type JsonObject, type KubeObject } from "@wheelhouse/kube-object";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { configMap, namespace, service, widget } from "./objects.ts";
import {
  type TestCluster,
  tools,
  useCluster,
  whenQuiet,
  whenReady,
  within,
} from "./test-cluster.ts";
import { type TestBundle } from "./test-engine.ts";

const one = "Kustomization/flux-system/one";
const two = "Kustomization/flux-system/two";
const maps = "/api/v1/namespaces/default/configmaps";

/** Something that the server refuses, and in which words. */
interface BadInput {
  readonly name: string;
  readonly object: (prefix: string) => KubeObject;
  readonly words: RegExp;
  /** What the bundle had under its name before. */
  readonly before?: (prefix: string) => KubeObject;
  /** What must be there before. */
  readonly prepare?: (cluster: TestCluster, prefix: string) => Promise<void>;
  readonly bundle?: Partial<TestBundle>;
}

/** Creates an object as the admin. */
async function put(
  cluster: TestCluster,
  collection: string,
  object: KubeObject,
): Promise<void> {
  await cluster.send("POST", collection, object);
}

const denial: readonly [string, KubeObject][] = [
  [
    "validatingadmissionpolicies",
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "no-forbidden" },
      spec: {
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: [""],
              apiVersions: ["v1"],
              operations: ["CREATE", "UPDATE"],
              resources: ["configmaps"],
            },
          ],
        },
        validations: [
          {
            expression: "!has(object.data) || !('forbidden' in object.data)",
            message: "forbidden keys are not welcome",
          },
        ],
      },
    },
  ],
  [
    "validatingadmissionpolicybindings",
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "no-forbidden" },
      spec: { policyName: "no-forbidden", validationActions: ["Deny"] },
    },
  ],
];

const inputs: readonly BadInput[] = [
  {
    name: "a kind that no definition brings",
    object: (prefix) => widget(prefix, "nobody.example.com"),
    words: /does not serve this kind/,
  },
  {
    name: "a field that the schema does not have",
    object: (prefix) => ({ ...service(prefix), spec: { prots: [] } }),
    words: /\.spec\.prots: field not declared in schema/,
  },
  {
    name: "an object that is too large",
    object: (prefix) => configMap(prefix, { key: "x".repeat(1_100_000) }),
    words: /Too long|too large|larger/,
  },
  {
    name: "more than a quota permits",
    object: (prefix) => configMap(prefix, {}, `${prefix}-space`),
    words: /exceeded quota: none/,
    prepare: async (cluster, prefix) => {
      const space = `${prefix}-space`;
      await put(cluster, "/api/v1/namespaces", namespace(space));
      const path = `/api/v1/namespaces/${space}/resourcequotas`;
      await put(cluster, path, {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "none", namespace: space },
        spec: { hard: { "count/configmaps": "0" } },
      });
      await vi.waitFor(async () => {
        const quota = await cluster.get(`${path}/none`);
        expect(quota?.["status"]).toMatchObject({
          hard: { "count/configmaps": "0" },
        });
      }, within);
    },
  },
  {
    name: "what admission denies",
    object: (prefix) => configMap(prefix, { forbidden: "yes" }),
    words: /forbidden keys are not welcome/,
  },
  {
    name: "an invalid name",
    object: () => configMap("Not_A_Name"),
    words: /metadata\.name.*Invalid value.*RFC 1123/,
  },
  {
    name: "a namespace that is terminating",
    object: (prefix) => configMap(prefix, {}, `${prefix}-space`),
    words: /being terminated/,
    prepare: async (cluster, prefix) => {
      const space = `${prefix}-space`;
      await put(cluster, "/api/v1/namespaces", namespace(space));
      const held = configMap("held", {}, space);
      await put(cluster, `/api/v1/namespaces/${space}/configmaps`, {
        ...held,
        metadata: { ...held.metadata, finalizers: ["example.com/held"] },
      });
      await cluster.send("DELETE", `/api/v1/namespaces/${space}`);
    },
  },
  {
    name: "a field that cannot be changed",
    object: (prefix) => ({ ...configMap(prefix), immutable: true }),
    words: /field is immutable/,
    before: (prefix) => ({
      ...configMap(prefix, { key: "first" }),
      immutable: true,
    }),
  },
  {
    name: "an account that may not",
    object: (prefix) => configMap(prefix),
    words: /cannot (get|patch) resource "configmaps"/,
    bundle: { serviceAccountName: "nobody" },
  },
];

describe.skipIf(tools === null)("what the server refuses", () => {
  const cluster = useCluster({ controllerManager: true });
  let cases = 0;

  beforeAll(async () => {
    const group = "/apis/admissionregistration.k8s.io/v1";
    for (const [resource, object] of denial) {
      await put(cluster, `${group}/${resource}`, object);
    }
    // A policy is in force a moment after it was made.
    await vi.waitFor(async () => {
      const path = `${maps}?dryRun=All`;
      const body: JsonObject = configMap("probe", { forbidden: "yes" });
      await expect(cluster.send("POST", path, body)).rejects.toThrow("422");
    }, within);
  });

  it.each(inputs)(
    "is held at that object in the server's words, and nothing else is: $name",
    async ({ object, words, before, prepare, bundle }) => {
      cases += 1;
      const prefix = `bad${cases}`;
      await prepare?.(cluster, prefix);
      const engine = await cluster.startEngine();
      const kept = configMap(`${prefix}-kept`);
      const gone = configMap(`${prefix}-gone`);
      const first = [kept, gone, ...(before ? [before(prefix)] : [])];
      await engine.assign([{ name: one, objects: first }], { seq: 1 });
      await whenReady(engine, one);

      const bad = object(prefix);
      const beside = configMap(`${prefix}-beside`);
      const other = configMap(`${prefix}-other`);
      await engine.assign(
        [
          { name: one, objects: [kept, beside, bad], ...bundle },
          { name: two, objects: [other] },
        ],
        { seq: 2 },
      );
      await whenReady(engine, two);
      await vi.waitFor(
        () => expect(engine.report(one)?.message).toMatch(words),
        within,
      );
      await whenQuiet(engine);
      const report = engine.report(one);
      expect(report?.ready).toBe(false);
      expect(report?.applied).not.toBe(report?.digest);
      const mayApply = bundle?.serviceAccountName === undefined;
      expect(report?.notes.map(({ object: { name } }) => name)).toContain(
        bad.metadata.name,
      );
      const live = await cluster.get(`${maps}/${prefix}-beside`);
      expect(live !== undefined).toBe(mayApply);
      expect(await cluster.get(`${maps}/${prefix}-other`)).toBeDefined();
      expect(await cluster.get(`${maps}/${prefix}-kept`)).toBeDefined();
      expect(await cluster.get(`${maps}/${prefix}-gone`)).toBeDefined();
    },
  );
});
