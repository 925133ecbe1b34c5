import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProgressLine, ensureTools } from "@wheelhouse/tools";
import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkout, runWheelhouse } from "./run-wheelhouse.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wheelhouse-programs-"));
  const { kustomize } = await ensureTools(["kustomize"], {
    env: process.env,
    onProgress: createProgressLine(process.stderr),
  });
  process.env["WHEELHOUSE_KUSTOMIZE"] = kustomize;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** No kubeconfig is found by accident. */
const run = (args: readonly string[]) =>
  runWheelhouse(args, {
    env: {
      ...{ HOME: folder, KUBECONFIG: undefined },
      WHEELHOUSE_CALLED_AS: "npx wheelhouse",
    },
  });

describe("hub, init, validate and spoke by the command line", () => {
  it.each([
    [["hub", "--help"], "usage: wheelhouse hub --data DIR"],
    [["hub", "delegate", "--help"], "usage: wheelhouse hub delegate --data"],
    [["init", "--help"], "usage: wheelhouse init --data DIR"],
    [["validate", "--help"], "usage: wheelhouse validate PATH"],
    [["spoke", "--help"], "usage: wheelhouse spoke [run]"],
    [["help", "hub"], "its flags: npx wheelhouse hub --help"],
  ])("%j ends with 0 and says how it is called", async (args, words) => {
    const { code, out, err } = await run(args);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(words);
  });

  it("say in the form in which they were called what is to be typed", async () => {
    const { out } = await run(["init", "--help"]);
    expect(out).toContain("example: npx wheelhouse init --data hub");
    const data = join(folder, "hub");
    const none = await run(["hub", "--data", data, "--repo", folder]);
    expect(none.code).toBe(3);
    expect(none.err).toContain("run npx wheelhouse init");
    const made = await run([
      ...["init", "--data", data, "--fleet", "main"],
      ...["--root-key", join(folder, "root.json")],
    ]);
    expect(made.out).toContain("next: npx wheelhouse hub --data");
  });

  it.each([
    [["hub"], "--data is missing", "see npx wheelhouse hub --help"],
    [
      ["hub", "--bogus"],
      "Unknown option '--bogus'",
      "see npx wheelhouse hub --help",
    ],
    [
      ["hub", "--data", "d", "--repo", "r", "--poll", "never"],
      '--poll "never"',
      "see npx wheelhouse hub --help",
    ],
    [
      ["hub", "--data", "d", "--repo", "r", "--listen", "0.0.0.0:7700"],
      "needs --tls-cert and --tls-key",
      "see npx wheelhouse hub --help",
    ],
    [
      ["hub", "delegate"],
      "--data is missing",
      "see npx wheelhouse hub delegate --help",
    ],
    [["init"], "--fleet is missing", "see npx wheelhouse init --help"],
    [["validate"], "exactly one PATH", "see npx wheelhouse validate --help"],
    [
      ["validate", "--bogus", "."],
      "'--bogus'",
      "see npx wheelhouse validate --help",
    ],
    [
      ["validate", "/nowhere"],
      "/nowhere",
      "see npx wheelhouse validate --help",
    ],
    [
      ["validate", ".", "-o", "xml"],
      "xml",
      "see npx wheelhouse validate --help",
    ],
    [["spoke", "--bogus"], "'--bogus'", "see npx wheelhouse spoke --help"],
    [
      ["spoke", "status", "-o", "xml"],
      "xml",
      "see npx wheelhouse spoke --help",
    ],
  ])(
    "%j ends with 2, says why, and where more is said",
    async (args, ...words) => {
      const { code, out, err } = await run(args);
      expect([code, out]).toEqual([2, ""]);
      for (const part of words) expect(err).toContain(part);
      expect(err).not.toContain("usage:");
    },
  );

  it("spoke ends with 3 where there is no cluster to reach", async () => {
    for (const args of [["spoke"], ["spoke", "status"]]) {
      const { code, out, err } = await run(args);
      expect([code, out]).toEqual([3, ""]);
      expect(err).toContain("give --kubeconfig FILE");
    }
  });
});

describe("wheelhouse validate", () => {
  it("ends with 0 for the example fleet, in words, JSON and YAML", async () => {
    const fleet = join(checkout, "deploy/example-fleet");
    const table = await run(["validate", fleet]);
    expect([table.code, table.err]).toEqual([0, ""]);
    expect(table.out).toContain("3 clusters, 15 bundles, 0 problems");
    const names = ["prod-eu-1", "prod-us-1", "staging-1"];
    for (const [format, read] of [
      ["json", (text: string) => JSON.parse(text) as unknown],
      ["yaml", (text: string) => parse(text) as unknown],
    ] as const) {
      const { code, out } = await run(["validate", fleet, "-o", format]);
      expect(code).toBe(0);
      expect(read(out)).toMatchObject({
        problems: [],
        clusters: names.map((name) => ({ name, ok: true, problems: [] })),
      });
    }
  });

  it("ends with 1 for a fleet with a mistake, and names the file", async () => {
    const fleet = join(folder, "fleet");
    cpSync(join(checkout, "deploy/example-fleet"), fleet, { recursive: true });
    const file = "apps/webapp/common/kustomization.yaml";
    writeFileSync(join(fleet, file), "resources: [absent.yaml]\n");
    const { code, out } = await run(["validate", fleet]);
    expect(code).toBe(1);
    expect(out).toContain("absent.yaml");
    const json = await run(["validate", fleet, "-o", "json"]);
    expect(json.code).toBe(1);
    expect(() => JSON.parse(json.out) as unknown).not.toThrow();
  });
});
