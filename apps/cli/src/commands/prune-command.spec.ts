import { type PruneView } from "@wheelhouse/rest-api";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand, startAnsweringHub } from "./command-under-test.ts";

const held = (name: string, change: Partial<PruneView> = {}): PruneView => ({
  cluster: "prod-eu-1",
  bundle: "Kustomization/flux-system/web",
  object: { group: "", kind: "ConfigMap", namespace: "web", name },
  reason: "OverBudget",
  message: "",
  commit: "4f2c91d0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  approved: false,
  ...change,
});
const objectOf = (name: string) => ({
  cluster: "prod-eu-1",
  key: `/ConfigMap/web/${name}`,
});

describe("prune approve", () => {
  let prunes: PruneView[];
  let isStale: boolean;
  let folder: string;
  let hub: Awaited<ReturnType<typeof startAnsweringHub>>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-prune-"));
    prunes = [held("a"), held("b", { cluster: "prod-us-1" })];
    isStale = false;
    hub = await startAnsweringHub({
      "GET /api/v1/fleet": () => [
        200,
        {
          prunes,
          clusters: [
            { name: "prod-eu-1", labels: { region: "eu" } },
            { name: "prod-us-1", labels: { region: "us" } },
          ],
        },
      ],
      "POST /api/v1/prunes/approve": () => {
        if (!isStale) return [200, prunes];
        isStale = false;
        prunes = [held("c")];
        return [409, { detail: "held no longer: a" }];
      },
    });
  });
  afterEach(async () => {
    await hub.stop();
    rmSync(folder, { recursive: true });
  });

  const approved = () =>
    hub.asked.filter(({ route }) => route.startsWith("POST"));

  it("sends the deletions that it listed, and no others", async () => {
    const end = await runCommand(
      hub,
      ["prune", "approve", "-l", "region=eu"],
      ["y"],
    );
    expect(end.err).toContain("ConfigMap web/a");
    expect(end.err).not.toContain("web/b");
    expect(approved()).toMatchObject([{ body: { objects: [objectOf("a")] } }]);
    expect(end.out).toBe("1 object approved for deletion\n");
  });

  it("lists again and asks again when the hub says that the list has changed", async () => {
    isStale = true;
    const end = await runCommand(
      hub,
      ["prune", "approve", "--all"],
      ["y", "y"],
    );
    expect(end.code).toBe(0);
    expect(end.err).toContain("held no longer: a");
    expect(approved().at(-1)?.body).toEqual({ objects: [objectOf("c")] });
  });

  it("does not try again by itself with --yes", async () => {
    isStale = true;
    const args = ["prune", "approve", "--all", "-y"];
    const { code, err } = await runCommand(hub, args);
    expect(code).toBe(3);
    expect(err).toContain("x held no longer: a");
    expect(approved()).toHaveLength(1);
  });

  it.each([
    ["a person says no", ["n"], 3],
    ["a person says nothing", [""], 3],
    ["nobody can be asked", undefined, 2],
  ])("approves nothing when %s", async (_when, typed, expected) => {
    const args = ["prune", "approve", "--all"];
    const { code } = await runCommand(hub, args, typed);
    expect(code).toBe(expected);
    expect(approved()).toEqual([]);
  });

  it("approves what a file lists, as far as it is still held and not approved", async () => {
    const file = join(folder, "held.json");
    writeFileSync(file, JSON.stringify([held("a"), held("gone")]));
    prunes = [held("a"), held("b")];
    const args = ["prune", "approve", "--listed", file, "--yes"];
    expect((await runCommand(hub, args)).code).toBe(0);
    expect(approved()).toMatchObject([{ body: { objects: [objectOf("a")] } }]);
    prunes = [held("a", { approved: true })];
    expect((await runCommand(hub, args)).code).toBe(3);
    expect(approved()).toHaveLength(1);
  });

  it.each([
    ["nothing", []],
    ["an empty commit, as of a variable that is not set", ["--revision", ""]],
    ["a commit that may mean many", ["--revision", "4f2c"]],
    ["what is no commit", ["--revision", "main"]],
    ["an empty selector", ["-l", ""]],
    ["a selector of blanks", ["-l", " "]],
  ])("approves nothing when it is given %s", async (_what, given) => {
    const args = ["prune", "approve", "--yes", ...given];
    const { code, err } = await runCommand(hub, args);
    expect(code).toBe(2);
    expect(err).toMatch(/--revision|-l/);
    expect(hub.asked).toEqual([]);
  });

  it("takes a commit in capitals too", async () => {
    const args = ["prune", "approve", "--yes", "--revision", "4F2C91D"];
    expect((await runCommand(hub, args)).code).toBe(0);
    expect(approved()).toHaveLength(1);
  });
});
