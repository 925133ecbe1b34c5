import { describe, expect, it } from "vitest";
import { cm, source, web as release } from "./helm-release.fixture.ts";
import { rootFile, web, webIsHeld } from "./held-web.fixture.ts";
import {
  compiledOk,
  configMapText,
  fluxText,
  outcomeOf,
  said,
} from "./plain-fleet.fixture.ts";

/** A ConfigMap, written in three lines, and what is added to its metadata from the fourth on. */
const withMetadata = (more: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n${more}  name: x\n  namespace: web\n`;

const stateText = (name: string, kind = "Secret", namespace?: string) =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace ?? "wheelhouse-system"}}\n`;
const namespaceText = (name: string) =>
  `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;

describe("an object with what the API server sets", () => {
  const says = (field: string) =>
    `ServerField web/x.yaml:4: ConfigMap/web/x: metadata.${field}: is set by the API server, which refuses to be told it`;

  it.each([
    ["uid", "  uid: 1f2e\n"],
    ["resourceVersion", '  resourceVersion: "123"\n'],
    ["managedFields", "  managedFields: []\n"],
  ])("holds its bundle for metadata.%s, at its line", (field, text) => {
    webIsHeld(says(field), { ...web(), "web/x.yaml": withMetadata(text) });
  });

  it("holds it for every field and object, each at its line", () => {
    const exported = '  uid: a\n  resourceVersion: "1"\n';
    const { problems } = outcomeOf({
      ...web(),
      "web/x.yaml": `${configMapText("first")}---\n${withMetadata(exported)}`,
      "web/other.yaml": withMetadata("  uid: b\n").replace(
        "name: x",
        "name: other",
      ),
    });
    expect(problems.map((problem) => problem.split(": is set")[0])).toEqual([
      "ServerField web/other.yaml:4: ConfigMap/web/other: metadata.uid",
      "ServerField web/x.yaml:11: ConfigMap/web/x: metadata.uid",
      "ServerField web/x.yaml:12: ConfigMap/web/x: metadata.resourceVersion",
    ]);
  });

  it("tells of the first 50", () => {
    const objects = Array.from({ length: 60 }, (_, index) =>
      withMetadata("  uid: a\n").replace("name: x", `name: x-${index}`),
    );
    const files = { ...web(), "web/x.yaml": objects.join("---\n") };
    expect(outcomeOf(files).problems).toHaveLength(50);
  });

  it("is delivered where the server passes over what it says, or nothing is said", () => {
    const text = withMetadata(
      '  creationTimestamp: null\n  generation: 3\n  selfLink: /x\n  uid: ""\n  resourceVersion: null\n',
    );
    const outcome = outcomeOf({ ...web(), "web/x.yaml": text });
    expect(outcome).toMatchObject({ problems: [], held: [] });
  });

  it("holds the release of its chart", () => {
    const object = cm.replace("{name: x}", "{name: x, uid: a}");
    const { problems, bundles } = release(
      "",
      source("templates/x.yaml", object),
    );
    expect(problems.map(said)).toEqual([
      "ServerField clusters/prod/flux.yaml:7: ConfigMap/apps/x: metadata.uid: is set by the API server, which refuses to be told it",
    ]);
    expect(bundles.at(0)?.spec.held?.reason).toBe("ServerField");
  });

  it("holds a bundle that only the cluster can finish", () => {
    webIsHeld(says("uid"), {
      ...web(
        "./web",
        "  postBuild: {substituteFrom: [{kind: Secret, name: s}]}\n",
      ),
      "web/x.yaml": withMetadata("  uid: ${UID}\n"),
    });
  });
});

describe("the spoke's own state in Git", () => {
  it.each([
    ["Secret", "wheelhouse-assignment"],
    ["ConfigMap", "wheelhouse-inventory-00"],
  ])("holds the bundle of a %s %s, at its line", (kind, name) => {
    webIsHeld(
      `SpokeState web/x.yaml:1: ${kind}/wheelhouse-system/${name}: is the spoke's own state, which no bundle may touch`,
      { ...web(), "web/x.yaml": stateText(name, kind) },
    );
  });

  it("holds the bundle of the namespace that it lies in, at its line", () => {
    webIsHeld(
      "SpokeState web/x.yaml:1: Namespace/wheelhouse-system: is the spoke's own state, which no bundle may touch",
      { ...web(), "web/x.yaml": namespaceText("wheelhouse-system") },
    );
  });

  it("holds the root, and leaves its bundles as they are", () => {
    const outcome = outcomeOf({
      "clusters/prod/state.yaml": stateText("wheelhouse-identity"),
    });
    expect(outcome).toMatchObject({
      good: true,
      held: ["Kustomization/flux-system/(root)"],
    });
  });

  it.each([
    stateText("registry-login"),
    stateText("wheelhouse-identity", "Secret", "web"),
    stateText("wheelhouse-identity", "ServiceAccount"),
    namespaceText("wheelhouse"),
  ])("is not what lies beside it: %j", (text) => {
    expect(outcomeOf({ ...web(), "web/x.yaml": text })).toMatchObject({
      problems: [],
      held: [],
    });
  });
});

describe("a name that no API server takes", () => {
  const named = (name: string, namespace = "web") => ({
    ...web(),
    "web/x.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\n`,
  });

  it.each([
    ["Bad Name/../x", "Bad Name/../x"],
    ["a%2fb", "a%2fb"],
    ["..", ".."],
    [".", "."],
    ['"a\\0b"', "a\0b"],
  ])("holds the bundle of an object named %s, at its line", (text, name) => {
    webIsHeld(
      `InvalidName web/x.yaml:4: ConfigMap/web/${name}: metadata.name: is no name for an API server: it has no /, % or control character, and is neither . nor ..`,
      named(text),
    );
  });

  it.each(["..", "a.b", "Web", "a/b", "-a", "a".repeat(64)])(
    "holds the bundle of an object in namespace %s, at its line",
    (namespace) => {
      webIsHeld(
        `InvalidName web/x.yaml:5: ConfigMap/${namespace}/x: metadata.namespace: is no namespace: at most 63 of a-z, 0-9 and -`,
        named("x", namespace),
      );
    },
  );

  it.each(["system:node", "Mixed.Case", "with space", "..."])(
    "is not %s, which some kinds take",
    (name) => {
      expect(outcomeOf(named(name))).toMatchObject({ problems: [], held: [] });
    },
  );
});

describe("an object larger than etcd takes", () => {
  const sized = (bytes: number, letter: string) => ({
    ...web(),
    "web/x.yaml": `${withMetadata("")}data: {big: "${letter.repeat(bytes / Buffer.byteLength(letter))}"}\n`,
  });

  it.each(["a", "\u00e9"])(
    "holds its bundle, counted in bytes: %s",
    (letter) => {
      webIsHeld(
        "ObjectTooLarge web/x.yaml:1: ConfigMap/web/x: is larger than 1.5 MiB (1572864 bytes) as JSON, the limit of etcd",
        sized(1_572_864, letter),
      );
    },
  );

  it("is not one that is a little smaller", () => {
    const outcome = outcomeOf(sized(1_572_000, "a"));
    expect(outcome).toMatchObject({ problems: [], held: [] });
  });
});

describe("a mark of ours in Git", () => {
  it.each([
    ["labels", "fleet"],
    ["annotations", "owner"],
  ])("holds the bundle of an object with one in its %s", (field, mark) => {
    webIsHeld(
      `ReservedMark web/x.yaml:5: ConfigMap/web/x: metadata.${field}.fleet.wheelhouse.dev/${mark}: is set by the spoke, which writes over what Git says`,
      {
        ...web(),
        "web/x.yaml": withMetadata(
          `  ${field}:\n    fleet.wheelhouse.dev/${mark}: mine\n`,
        ),
      },
    );
  });

  it.each([
    ["labels", "fleet"],
    ["annotations", "owner"],
  ])("is refused among a Kustomization's common %s", (field, mark) => {
    webIsHeld(
      `InvalidField ${rootFile}:12: spec.commonMetadata.${field}.fleet.wheelhouse.dev/${mark}: is set by the spoke, which writes over what Git says`,
      {
        ...web(
          "./web",
          `  commonMetadata:\n    ${field}:\n      fleet.wheelhouse.dev/${mark}: mine\n`,
        ),
        "web/x.yaml": configMapText("x"),
      },
    );
  });

  it("is not an annotation that says what shall be done", () => {
    const adopt = fluxText("web", "./web").replace(
      "  namespace: flux-system\nspec",
      '  namespace: flux-system\n  annotations: {fleet.wheelhouse.dev/adopt: "true"}\nspec',
    );
    const files = { [rootFile]: adopt, "web/x.yaml": configMapText("x") };
    expect(compiledOk(files).problems).toEqual([]);
  });
});
