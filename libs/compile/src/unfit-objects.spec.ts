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
  ])("is not what lies beside it: %j", (text) => {
    expect(outcomeOf({ ...web(), "web/x.yaml": text })).toMatchObject({
      problems: [],
      held: [],
    });
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
