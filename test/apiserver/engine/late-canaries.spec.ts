import { gunzipSync } from "node:zlib";
import {
  type Template,
  type TemplateDocument,
  documentIdOf,
} from "@wheelhouse/assignment";
import { KubeError } from "@wheelhouse/kube-apply";
import {
  type KubeObject,
  isJsonList,
  isJsonObject,
} from "@wheelhouse/kube-object";
import { spokeMessageCodec } from "@wheelhouse/protocol";
import { describe, expect, it, vi } from "vitest";
import { findCanaries, formsOf, makeCanaries } from "./canaries.ts";
import { configMap, deployment } from "./objects.ts";
import { encryptObject, makeAgeKeys } from "./sops-writer.ts";
import {
  isSimulated,
  tools,
  useCluster,
  whenQuiet,
  within,
} from "./test-cluster.ts";
import { type TestBundle, type TestEngine, passing } from "./test-engine.ts";

const space = "/api/v1/namespaces/default";
const canaries = makeCanaries(40);
const canary = (index: number) => canaries[index] ?? "";
/** The late Secret's values: `C00` to `C39`, some of them as what breaks a document. */
const lateValues = Object.fromEntries([
  ...canaries.map((value, index) => [
    `C${String(index).padStart(2, "0")}`,
    value,
  ]),
  ["BROKEN", `${canary(20)}": [unclosed`],
  ["LIST", `[${canary(21)}]`],
  ["LINES", `${canary(22)}\nand ${canary(23)}`],
]) as Readonly<Record<string, string>>;

const text = (object: KubeObject) => JSON.stringify(object, null, 1);

function bundleOf(
  name: string,
  documents: readonly TemplateDocument[],
  more: Partial<TestBundle> = {},
): TestBundle {
  const template: Template = {
    documents,
    sources: [
      {
        kind: "late",
        reference: {
          kind: "Secret",
          namespace: "default",
          name: "canaries",
          optional: false,
        },
      },
    ],
    always: false,
    commonMetadata: { labels: {}, annotations: {} },
  };
  return {
    name: `Kustomization/default/${name}`,
    objects: null,
    template,
    ...more,
  };
}

const plain = (object: KubeObject): TemplateDocument => ({
  ...documentIdOf(object),
  text: text(object),
});

/** Values in every position of what is applied, and of what is refused. */
function substituted(): readonly TestBundle[] {
  const named = (object: KubeObject, metadata: KubeObject["metadata"]) =>
    plain({ ...object, metadata: { ...object.metadata, ...metadata } });
  return [
    bundleOf("fields", [
      plain(
        configMap("k1", {
          a: "${C00}",
          b: "x${C01}y",
          c: "${C02^^}",
          d: "${C03:0:9}",
          e: "${LINES}",
        }),
      ),
      named(configMap("k2"), {
        name: "k2",
        annotations: {
          "example.org/note": "${C04}",
          "example.org/json": '{\\"a\\":\\"${C05}\\"}',
        },
      }),
      plain({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "k3", namespace: "default" },
        stringData: { a: "${C06}", b: "user:${C07}" },
      }),
    ]),
    bundleOf("key", [plain(configMap("k4", { "${C08}": "${C09}" }))]),
    bundleOf("label", [
      named(configMap("k5"), { name: "k5", labels: { note: "${C10}" } }),
    ]),
    bundleOf("annotation-key", [
      named(configMap("k6"), {
        name: "k6",
        annotations: { "${C11}": "${C12}" },
      }),
    ]),
    bundleOf("number", [
      plain({ ...deployment("k7"), spec: { replicas: "${C13}" } }),
    ]),
    bundleOf("unknown-field", [
      plain({ ...configMap("k8"), "${C14}": { "${C15}": "${C16}" } }),
    ]),
    bundleOf("image", [
      plain({
        ...deployment("k9", { image: "${C17}", replicas: 0 }),
        metadata: { name: "k9", namespace: "default", finalizers: ["${C18}"] },
      }),
    ]),
    bundleOf("echoed", [
      plain(configMap("echoed", { a: "${C19}", b: "${C24}" })),
    ]),
    bundleOf("echoed-secret", [
      plain({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "echoed-secret", namespace: "default" },
        stringData: { a: "${C25}" },
      }),
    ]),
    bundleOf("broken", [plain(configMap("k10", { a: "${BROKEN}" }))]),
    bundleOf("list", [
      plain(configMap("k11")),
      { ...documentIdOf(configMap("k12")), text: "${LIST}" },
    ]),
    bundleOf("name", [
      { ...documentIdOf(configMap("k13")), text: text(configMap("${C26}")) },
    ]),
    bundleOf("secret-type", [
      plain({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "k14", namespace: "default" },
        type: "kubernetes.io/tls",
        stringData: { a: "${C27}" },
      }),
    ]),
    bundleOf("account", [plain(configMap("k15", { a: "${C28}" }))], {
      dependsOn: [{ bundle: "Kustomization/default/key" }],
    }),
  ];
}

/** What stands between engine and cluster: an admission that repeats all that it was sent. */
const echo = (port: Parameters<typeof passing>[0]) => {
  const through = passing(port);
  return {
    ...through,
    apply: async (...[object, options]: Parameters<typeof through.apply>) => {
      if (!object.metadata.name.startsWith("echoed")) {
        return through.apply(object, options);
      }
      const body = JSON.stringify(object);
      const inBase64 = Buffer.from(body).toString("base64");
      throw new KubeError(
        "denied",
        `denied: ${inBase64} ${body}`.slice(0, 900),
      );
    },
  };
};

async function durableState(
  get: (path: string) => Promise<KubeObject | undefined>,
): Promise<string> {
  const texts: string[] = [];
  for (const kind of ["configmaps", "secrets", "events"]) {
    const list = await get(`/api/v1/namespaces/wheelhouse-system/${kind}`);
    texts.push(JSON.stringify(list));
    const items = list?.["items"];
    for (const item of items !== undefined && isJsonList(items) ? items : []) {
      const data = isJsonObject(item) ? item["data"] : undefined;
      if (data === undefined || !isJsonObject(data)) continue;
      for (const value of Object.values(data))
        texts.push(...decoded(String(value)));
    }
  }
  return texts.join("\n");
}

function decoded(value: string): readonly string[] {
  const bytes = Buffer.from(value, "base64");
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return [value, (isPacked ? gunzipSync(bytes) : bytes).toString("utf8")];
}

describe.skipIf(tools === null && !isSimulated)("secret values", () => {
  const cluster = useCluster();

  const whatLeft = async (engine: TestEngine) => {
    const { assignment, bundles, drift, pruneHolds } = engine.facts();
    const report = spokeMessageCodec.encode({
      kind: "statusReport",
      counter: 1,
      full: true,
      dropped: [],
      ...{ assignment, bundles, drift, pruneHolds },
    });
    return [
      Buffer.from(report).toString("utf8"),
      JSON.stringify(engine.facts()),
      JSON.stringify(engine.events),
      engine.log.join("\n"),
      await durableState((path) => cluster.get(path)),
    ].join("\n");
  };

  it("stand in no report, event, log or state, whatever becomes of them", async () => {
    const keys = await makeAgeKeys();
    const stringData = lateValues;
    await cluster.send("POST", `${space}/secrets`, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "canaries", namespace: "default" },
      stringData,
    });
    await cluster.send("POST", `${space}/secrets`, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "keys", namespace: "default" },
      stringData: { "a.agekey": `${keys.identity}\n` },
    });
    const sealed = async (name: string, object: KubeObject, mac?: string) => {
      const encrypted = await encryptObject(object, keys, mac);
      const document = { ...plain(encrypted), inGit: text(encrypted) };
      return bundleOf(name, [document], { decryption: { secretName: "keys" } });
    };
    const other = await makeAgeKeys();
    const sops = (name: string, index: number): KubeObject => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: "default" },
      stringData: { a: canary(index) },
    });
    const encrypted = [
      await sealed("sops", sops("s1", 29)),
      await sealed("sops-map", configMap("s2", { a: canary(30) })),
      await sealed("sops-mac", sops("s3", 31), canary(32)),
      bundleOf(
        "sops-key",
        [plain(await encryptObject(sops("s4", 33), other))],
        { decryption: { secretName: "keys" } },
      ),
      await sealed("sops-echoed", configMap("echoed-s5", { a: canary(34) })),
      await sealed(
        "sops-expression",
        configMap("s6", { a: `\${C35} ${canary(36)} \${` }),
      ),
      bundleOf(
        "sops-clear",
        [
          plain({
            ...(await encryptObject(sops("s7", 37), keys)),
            stringData: { a: canary(38) },
          }),
        ],
        { decryption: { secretName: "keys" } },
      ),
    ];
    // It stands in Git in the clear, so it is delivered with the artifact and no secret.
    const open = new Set([canary(38)]);

    const bundles = [...substituted(), ...encrypted];
    const engine = await cluster.startEngine({ between: echo });
    await engine.assign(bundles, { seq: 1 });
    await vi.waitFor(() => {
      const reports = engine.facts().bundles;
      expect(reports).toHaveLength(bundles.length);
      for (const { held, failed, ready, message } of reports) {
        const isKnown = held !== null || failed || ready || message !== "";
        expect(isKnown).toBe(true);
      }
    }, within);
    // What was applied is there: the canaries are alive.
    const live = async (path: string) =>
      (await cluster.get(`${space}/${path}`))?.["data"];
    await vi.waitFor(async () => {
      expect(await live("configmaps/k1")).toMatchObject({ a: canary(0) });
      expect(await live("secrets/s1")).toEqual({
        a: Buffer.from(canary(29)).toString("base64"),
      });
      expect(await live("configmaps/s2")).toEqual({ a: canary(30) });
    }, within);
    const merge = "application/merge-patch+json";
    await cluster.send(
      "PATCH",
      `${space}/configmaps/k1`,
      { data: { a: `${canary(39)} by hand` } },
      merge,
    );
    await cluster.send(
      "PATCH",
      `${space}/secrets/s1`,
      { stringData: { a: "by hand" } },
      merge,
    );
    await vi.waitFor(async () => {
      expect(engine.facts().drift.map(({ state }) => state)).toEqual([
        "healed",
        "healed",
      ]);
    }, within);
    const reason = (name: string) =>
      engine.report(`Kustomization/default/${name}`)?.held?.reason;
    expect(
      [
        "sops-mac",
        "sops-key",
        "sops-clear",
        "sops-expression",
        "broken",
        "list",
        "name",
      ].map(reason),
    ).toEqual([
      "MacMismatch",
      "DecryptionKeyMissing",
      "DecryptionFailed",
      "SubstitutionFailed",
      "SubstitutionFailed",
      "BuildFailed",
      "LateVariableInIdentity",
    ]);
    expect(engine.report("Kustomization/default/echoed")?.message).toContain(
      "denied",
    );
    await whenQuiet(engine);
    const secret = canaries.filter((one) => !open.has(one));
    expect(findCanaries(await whatLeft(engine), secret)).toEqual([]);
  });

  it.each(formsOf(canary(7)))("would be found: %s", (form) => {
    expect(findCanaries(`before${form}after`, canaries)).toContain(canary(7));
  });
});
