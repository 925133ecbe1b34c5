import { describe, expect, it } from "vitest";
import {
  compilePlainly,
  configMapText,
  fluxText,
  said,
} from "./plain-fleet.fixture.ts";
import { type RenderRequest } from "./render-request.ts";

/** A kustomization that carries another one as data, in the form in which one is handed to kustomize. */
const carrying = (file: string) =>
  `{"buildMetadata":["originAnnotations"],"configMapGenerator":[{"files":["${file}"],"name":"carried"}]}\n`;

/** Compiles bundles by name at paths; gives what was asked to be rendered for them. */
function requestsFor(
  files: Readonly<Record<string, string>>,
  paths: Readonly<Record<string, string>>,
): readonly RenderRequest[] {
  const asked: RenderRequest[] = [];
  const compiled = compilePlainly(
    {
      ...files,
      "clusters/prod/kustomization.yaml": "resources: [flux.yaml]\n",
      "clusters/prod/flux.yaml": Object.entries(paths)
        .map(([name, path]) => fluxText(name, path))
        .join(""),
    },
    {
      render: (request) => {
        asked.push(request);
        const root = request.files.find(({ path }) => path.endsWith("ux.yaml"));
        return root === undefined
          ? { ok: true, output: configMapText(request.directory) }
          : { ok: true, output: Buffer.from(root.bytes).toString() };
      },
    },
  );
  expect(compiled.problems.map(said)).toEqual([]);
  return asked.filter(({ directory }) => directory !== "clusters/prod");
}

describe("a render's key", () => {
  it("tells apart two directories that read exactly the same files", () => {
    const asked = requestsFor(
      {
        "a/kustomization.yaml": carrying("../b/kustomization.yaml"),
        "b/kustomization.yaml": carrying("../a/kustomization.yaml"),
      },
      { a: "./a", b: "./b" },
    );
    expect(asked.map(({ directory }) => directory).sort()).toEqual(["a", "b"]);
    const [one, other] = asked;
    expect(one?.files).toEqual(other?.files);
    expect(one?.key).not.toBe(other?.key);
  });

  it("is one for two ways to write the same directory", () => {
    const asked = requestsFor(
      { "a/kustomization.yaml": "{}\n", real: "-> a" },
      { one: "./a" },
    );
    const again = requestsFor(
      { "a/kustomization.yaml": "{}\n", real: "-> a" },
      { one: "./real/" },
    );
    expect(asked).toHaveLength(1);
    expect(again.map(({ key }) => key)).toEqual(asked.map(({ key }) => key));
  });
});
