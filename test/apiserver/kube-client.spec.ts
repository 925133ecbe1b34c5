import {
  type ControlPlane,
  startControlPlane,
} from "@wheelhouse/control-plane";
import {
  findDrift,
  lastForeignWriter,
  mayForce,
  stripIgnored,
} from "@wheelhouse/drift";
import { KubeError, type KubeErrorReason } from "@wheelhouse/kube-apply";
import { type KubeClient, createKubeClient } from "@wheelhouse/kube-client";
import {
  type Json,
  type KubeObject,
  fleetLabel,
  gvkOf,
  objectIdOf,
} from "@wheelhouse/kube-object";
import { type WatchEvent, createOwnedObjects } from "@wheelhouse/kube-watch";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";

const tools = inject("tools");
const within = { timeout: 30_000, interval: 50 };

const deployment = (name: string, replicas = 0): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "default" },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 9007199254740993n,
        containers: [
          {
            name: "app",
            image: "registry.example/app:v1",
            ports: [{ containerPort: 80, name: "http" }],
          },
        ],
      },
    },
  },
});

const configMap = (
  name: string,
  data: Record<string, string>,
  namespace = "default",
): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, labels: { [fleetLabel]: "demo" } },
  data,
});

/** The error that a promise rejects with. */
async function errorOf(promise: Promise<unknown>): Promise<KubeError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
  throw new Error("did not fail");
}

async function reasonOf(promise: Promise<unknown>): Promise<KubeErrorReason> {
  return (await errorOf(promise)).reason;
}

function versionOf(object: KubeObject | undefined): string {
  return String(object?.metadata["resourceVersion"]);
}

describe.skipIf(tools === null)("the client at a real API server", () => {
  let directory = "";
  let cluster: ControlPlane;
  let client: KubeClient;

  const live = async (object: KubeObject): Promise<KubeObject> => {
    const found = await client.apply.get(gvkOf(object), objectIdOf(object));
    if (found === undefined) throw new Error("is not there");
    return found;
  };

  const patch = (path: string, body: Json, manager: string) =>
    cluster.request({
      method: "PATCH",
      path: `${path}?fieldManager=${manager}`,
      body,
      contentType: "application/merge-patch+json",
    });

  beforeAll(async () => {
    if (tools === null) return;
    directory = await mkdtemp(join(tmpdir(), "wheelhouse-kube-client-"));
    cluster = await startControlPlane({
      tools,
      directory,
      users: [{ name: "visitor", groups: ["visitors"] }],
    });
    client = createKubeClient({
      kubeconfig: { kind: "file", path: cluster.kubeconfigPath },
      userAgent: "wheelhouse-spoke/spec",
    });
  });

  afterAll(async () => {
    client?.close();
    await cluster?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  describe("apply", () => {
    it("makes an object, and changes nothing when repeated", async () => {
      const first = await client.apply.apply(deployment("repeated"));
      const again = await client.apply.apply(deployment("repeated"));
      expect(versionOf(again)).toBe(versionOf(first));
    });

    it("keeps integers of 64 bits exact", async () => {
      await client.apply.apply(deployment("exact"));
      expect(await live(deployment("exact"))).toMatchObject({
        spec: {
          template: {
            spec: { terminationGracePeriodSeconds: 9007199254740993n },
          },
        },
      });
    });

    it("writes nothing as a dry run", async () => {
      const object = configMap("dry", { a: "1" });
      const wouldBe = await client.apply.apply(object, { dryRun: true });
      expect(wouldBe["data"]).toEqual({ a: "1" });
      const found = await client.apply.get(gvkOf(object), objectIdOf(object));
      expect(found).toBeUndefined();
    });

    it("names an unknown field, and refuses it", async () => {
      const object = { ...configMap("unknown", {}), datta: { a: "1" } };
      const error = await errorOf(client.apply.apply(object));
      expect(error.reason).toBe("invalid");
      expect(error.message).toContain(".datta: field not declared in schema");
    });

    it("tells an immutable field from an invalid one, without its value", async () => {
      await client.apply.apply(deployment("immutable"));
      const changed = deployment("immutable");
      const spec = changed["spec"] as Record<string, Json>;
      const other = { matchLabels: { app: "immutable", tier: "secret-tier" } };
      const error = await errorOf(
        client.apply.apply({ ...changed, spec: { ...spec, selector: other } }),
      );
      expect(error.message).toContain("spec.selector");
      expect(error.message).not.toContain("secret-tier");
      const invalid = await errorOf(
        client.apply.apply(deployment("negative", -1)),
      );
      expect(invalid.reason).toBe("invalid");
      expect(invalid.message).toMatch(/spec\.replicas: Invalid value: must be/);
    });

    it("says immutable of a field that cannot change", async () => {
      const service = (clusterIP: string): KubeObject => ({
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "fixed", namespace: "default" },
        spec: { clusterIP, ports: [{ port: 80, protocol: "TCP" }] },
      });
      const job = (name: string): KubeObject => ({
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name: "fixed", namespace: "default" },
        spec: {
          template: {
            spec: {
              restartPolicy: "Never",
              containers: [{ name, image: "registry.example/task:v1" }],
            },
          },
        },
      });
      await client.apply.apply(job("one"));
      const jobError = await errorOf(
        client.apply.apply(job("two"), { force: true }),
      );
      expect(jobError.reason).toBe("immutable");
      await client.apply.apply(service("10.96.0.77"));
      expect(await reasonOf(client.apply.apply(service("10.96.0.78")))).toBe(
        "immutable",
      );
    });

    it("fails as stale where the live object is another version", async () => {
      await client.apply.apply(configMap("stale", { a: "1" }));
      const change = configMap("stale", { a: "2" });
      expect(
        await reasonOf(client.apply.apply(change, { resourceVersion: "1" })),
      ).toBe("stale");
    });

    it("is known as terminating in a namespace that is being deleted", async () => {
      const namespace: KubeObject = {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "ending" },
      };
      const made = await client.apply.apply(namespace);
      await client.apply.delete(gvkOf(namespace), objectIdOf(namespace), {
        uid: String(made.metadata["uid"]),
        resourceVersion: versionOf(made),
        propagation: "Background",
      });
      const late = configMap("late", {}, "ending");
      expect(await reasonOf(client.apply.apply(late))).toBe("terminating");
      const nowhere = configMap("nowhere", {}, "not-there");
      expect(await reasonOf(client.apply.apply(nowhere))).toBe("notFound");
    });
  });

  describe("identity", () => {
    it("acts as the service account that is named, and as nobody else", async () => {
      const error = await errorOf(
        client.apply.apply(configMap("impersonated", {}), {
          impersonate: "default/deployer",
        }),
      );
      expect(error.reason).toBe("forbidden");
      expect(error.message).toContain("system:serviceaccount:default:deployer");
    });

    it("does not take a 403 for absence", async () => {
      const visitor = createKubeClient({
        kubeconfig: { kind: "text", text: cluster.kubeconfig("visitor") },
        userAgent: "wheelhouse-spoke/spec",
      });
      const object = configMap("kube-root-ca.crt", {});
      const get = visitor.apply.get(gvkOf(object), objectIdOf(object));
      expect(await reasonOf(get)).toBe("forbidden");
      visitor.close();
    });

    it("keeps a denial's words, and a Secret's values to itself", async () => {
      const policy: KubeObject = {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        metadata: { name: "no-forbidden-name" },
        spec: {
          matchConstraints: {
            resourceRules: [
              {
                apiGroups: [""],
                apiVersions: ["v1"],
                operations: ["CREATE"],
                resources: ["configmaps"],
              },
            ],
          },
          validations: [
            {
              expression: "object.metadata.name != 'forbidden-name'",
              message: "this name is taken",
            },
          ],
        },
      };
      await client.apply.apply(policy);
      await client.apply.apply({
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name: "no-forbidden-name" },
        spec: { policyName: "no-forbidden-name", validationActions: ["Deny"] },
      });
      const denied = configMap("forbidden-name", {});
      await vi.waitFor(async () => {
        const error = await errorOf(
          client.apply.apply(denied, { dryRun: true }),
        );
        expect(error.reason).toBe("denied");
        expect(error.message).toContain("this name is taken");
      }, within);
      const secret = await errorOf(
        client.apply.apply({
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "bad", namespace: "default" },
          type: "kubernetes.io/dockerconfigjson",
          stringData: { ".dockerconfigjson": "hunter2-not-json" },
        }),
      );
      expect(secret.reason).toBe("invalid");
      expect(secret.message).not.toContain("hunter2");
      expect(secret.message).toContain("data[.dockerconfigjson]");
    });
  });

  describe("conflict and drift", () => {
    it("names managers and fields, and lets only what was applied be taken back", async () => {
      const applied = deployment("edited", 1);
      await client.apply.apply(applied);
      const path = "/apis/apps/v1/namespaces/default/deployments/edited";
      await patch(path, { spec: { replicas: 5 } }, "kubectl-edit");
      const error = await errorOf(
        client.apply.apply(applied, { dryRun: true }),
      );
      expect(error.reason).toBe("conflict");
      expect(error.conflicts).toEqual([
        { manager: "kubectl-edit", field: ".spec.replicas" },
      ]);
      const { conflicts } = error;
      const found = await live(applied);
      const drift = findDrift({
        applied,
        live: found,
        answer: { kind: "conflict", conflicts },
      });
      expect(drift?.fields).toEqual([
        {
          path: "spec.replicas",
          wanted: "1",
          found: "5",
          writer: "kubectl-edit",
        },
      ]);
      expect(drift?.writer).toBe("kubectl-edit");
      expect(
        mayForce({ conflicts, lastApplied: applied, mode: "enabled" }).ok,
      ).toBe(true);
      const healed = await client.apply.apply(applied, {
        force: true,
        resourceVersion: versionOf(found),
      });
      expect(healed).toMatchObject({ spec: { replicas: 1 } });
    });

    it("names the keys of a list's item as they were applied, with the server's defaults", async () => {
      const applied = deployment("ports");
      await client.apply.apply(applied);
      const path = "/apis/apps/v1/namespaces/default/deployments/ports";
      const changed = {
        spec: {
          template: {
            spec: {
              containers: [
                {
                  name: "app",
                  image: "registry.example/app:v2",
                  ports: [{ containerPort: 80, name: "web" }],
                },
              ],
            },
          },
        },
      };
      await patch(path, changed, "somebody");
      const { conflicts } = await errorOf(client.apply.apply(applied));
      expect(conflicts.map(({ field }) => field)).toEqual([
        '.spec.template.spec.containers[name="app"].image',
        '.spec.template.spec.containers[name="app"].ports[containerPort=80,protocol="TCP"].name',
      ]);
      expect(
        mayForce({ conflicts, lastApplied: applied, mode: "enabled" }).ok,
      ).toBe(true);
    });

    it("sees a field that was removed in the dry run's answer", async () => {
      const applied = configMap("removed", { kept: "1", lost: "2" });
      await client.apply.apply(applied);
      const path = "/api/v1/namespaces/default/configmaps/removed";
      await patch(path, { data: { lost: null } }, "somebody");
      const wouldBe = await client.apply.apply(applied, { dryRun: true });
      const drift = findDrift({
        applied,
        live: await live(applied),
        answer: { kind: "wouldBe", object: wouldBe },
      });
      expect(drift?.fields).toEqual([
        { path: "data.lost", wanted: '"2"', found: null, writer: null },
      ]);
      expect(drift?.writer).toBeNull();
    });

    it("finds none where nothing was touched", async () => {
      const applied = deployment("untouched");
      await client.apply.apply(applied);
      const wouldBe = await client.apply.apply(applied, { dryRun: true });
      const answer = { kind: "wouldBe", object: wouldBe } as const;
      const found = await live(applied);
      expect(findDrift({ applied, live: found, answer })).toBeUndefined();
    });

    it("sends an ignored field's live value until another manager owns it, and keeps it alive throughout", async () => {
      const rules = [{ paths: ["/spec/replicas"] }];
      const applied = deployment("scaled", 0);
      const path = "/apis/apps/v1/namespaces/default/deployments/scaled";
      const send = async (): Promise<KubeObject> => {
        const found = await live(applied);
        return client.apply.apply(stripIgnored(applied, found, rules));
      };
      await client.apply.apply(applied);
      expect(await send()).toMatchObject({ spec: { replicas: 0 } });
      await patch(`${path}/scale`, { spec: { replicas: 3 } }, "autoscaler");
      expect(
        lastForeignWriter(await live(applied), [
          [
            { kind: "field", name: "spec" },
            { kind: "field", name: "replicas" },
          ],
        ]),
      ).toMatchObject({ manager: "autoscaler", subresource: "scale" });
      const after = await send();
      expect(after).toMatchObject({ spec: { replicas: 3 } });
      expect(versionOf(await send())).toBe(versionOf(after));
    });
  });

  describe("delete", () => {
    it("fails as stale for another uid, and deletes nothing", async () => {
      const object = configMap("precious", {});
      const made = await client.apply.apply(object);
      const options = {
        uid: "00000000-0000-0000-0000-000000000000",
        resourceVersion: versionOf(made),
        propagation: "Background",
      } as const;
      const id = objectIdOf(object);
      const wrong = client.apply.delete(gvkOf(object), id, options);
      expect(await reasonOf(wrong)).toBe("stale");
      const uid = String(made.metadata["uid"]);
      await client.apply.delete(gvkOf(object), id, { ...options, uid });
      const again = client.apply.delete(gvkOf(object), id, { ...options, uid });
      expect(await reasonOf(again)).toBe("notFound");
    });
  });

  describe("discovery", () => {
    it("learns of a kind when its definition is established, after a refresh", async () => {
      const kind = { group: "example.org", version: "v1", kind: "Widget" };
      expect(await client.discovery.find(kind)).toBeUndefined();
      await client.apply.apply({
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "widgets.example.org" },
        spec: {
          group: "example.org",
          scope: "Namespaced",
          names: { kind: "Widget", plural: "widgets" },
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  "x-kubernetes-preserve-unknown-fields": true,
                },
              },
            },
          ],
        },
      });
      await vi.waitFor(async () => {
        client.discovery.refresh();
        expect(await client.discovery.find(kind)).toEqual({
          gvk: kind,
          resource: "widgets",
          namespaced: true,
        });
      }, within);
      const widget: KubeObject = {
        apiVersion: "example.org/v1",
        kind: "Widget",
        metadata: { name: "one", namespace: "default" },
        spec: { large: 9007199254740993n },
      };
      await vi.waitFor(() => client.apply.apply(widget), within);
      expect(await live(widget)).toMatchObject({
        spec: { large: 9007199254740993n },
      });
    });

    it("tells the server's version and what it serves", async () => {
      const { kubeVersion, apiVersions } =
        await client.discovery.capabilities();
      expect(kubeVersion).toMatch(/^v1\.\d+\./);
      expect(apiVersions).toContain("apps/v1/Deployment");
      expect(apiVersions).toContain("v1/ConfigMap");
      expect(await client.discovery.findByKind("apps", "Deployment")).toEqual({
        gvk: { group: "apps", version: "v1", kind: "Deployment" },
        resource: "deployments",
        namespaced: true,
      });
    });
  });

  describe("watch", () => {
    const kind = { group: "", version: "v1", kind: "ConfigMap" };

    it("keeps what a fleet owns in view, and nothing else", async () => {
      const objects = createOwnedObjects({ port: client.watch, fleet: "demo" });
      const changes: string[] = [];
      objects.onChange((id, object) =>
        changes.push(`${id.name} ${object === undefined ? "gone" : "there"}`),
      );
      objects.setKinds([kind]);
      await objects.whenSynced(AbortSignal.timeout(10_000));
      const object = configMap("in-view", { secret: "value" });
      const made = await client.apply.apply(object);
      const id = objectIdOf(object);
      await vi.waitFor(() => {
        expect(versionOf(objects.get(id))).toBe(versionOf(made));
      }, within);
      expect(objects.get(id)?.["data"]).toBeUndefined();
      await client.apply.delete(kind, id, {
        uid: String(made.metadata["uid"]),
        resourceVersion: versionOf(made),
        propagation: "Background",
      });
      await vi.waitFor(() => {
        expect(changes).toContain("in-view gone");
      }, within);
      expect(objects.problems()).toEqual([]);
      await objects.stop();
    });

    it("begins anew where the server, started again, has forgotten the version", async () => {
      const objects = createOwnedObjects({ port: client.watch, fleet: "demo" });
      objects.setKinds([kind]);
      await objects.whenSynced(AbortSignal.timeout(10_000));
      await cluster.stop("kube-apiserver");
      await vi.waitFor(() => {
        expect(objects.problems()).toHaveLength(1);
      }, within);
      await cluster.startAgain("kube-apiserver");
      const object = configMap("after-restart", {});
      await client.apply.apply(object);
      await vi.waitFor(() => {
        expect(objects.get(objectIdOf(object))).toBeDefined();
      }, within);
      await objects.stop();
      const events: WatchEvent[] = [];
      const watch = client.watch.watch(kind, {
        labelSelector: "",
        resourceVersion: "1",
        timeoutSeconds: 5,
        signal: AbortSignal.timeout(10_000),
      });
      for await (const event of watch) events.push(event);
      expect(events).toMatchObject([{ kind: "error", code: 410 }]);
    });
  });
});
