import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type JoinView } from "@wheelhouse/rest-api";
import { runCommand, startAnsweringHub } from "./command-under-test.ts";

const joinView = {
  cluster: "edge-1",
  uid: "u2",
  tokenExpiresAt: "2026-03-01T12:00:00Z",
  revokedUidsLine: "revokedUids: [u1]",
  revokedUidsFile: "fleet/clusters/edge-1.yaml",
  needs: [],
};

describe("cluster", () => {
  let source: string;
  let expiresAt: string;
  let endsEarlierToken: boolean;
  let needs: Partial<Pick<JoinView, "needs" | "optionalNeeds">>;
  let folder: string;
  let hub: Awaited<ReturnType<typeof startAnsweringHub>>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-cluster-"));
    source = "api";
    needs = {};
    endsEarlierToken = false;
    expiresAt = joinView.tokenExpiresAt;
    hub = await startAnsweringHub({
      "GET /api/v1/clusters/edge-1": () => [
        200,
        {
          ...{ name: "edge-1", uid: "u1", source },
          labels: { env: "edge" },
          spoke: { connected: true },
        },
      ],
      "GET /api/v1/fleet": () => [
        200,
        { head: {}, clusters: [{ name: "edge-1" }, { name: "prod-eu-1" }] },
      ],
      "GET /api/v1/clusters/edge-2": () => [
        200,
        { name: "edge-2", uid: "u1", source: "api", labels: {} },
      ],
      "GET /api/v1/clusters/quite-another": () => [
        200,
        { name: "quite-another", uid: "u1", source: "api", labels: {} },
      ],
      "POST /api/v1/clusters": () => [
        201,
        {
          ...{ ...joinView, tokenExpiresAt: expiresAt },
          ...(endsEarlierToken ? { endsEarlierToken } : {}),
        },
      ],
      "POST /api/v1/clusters/edge-1/repoint": () => [
        201,
        { ...joinView, ...needs },
      ],
      "DELETE /api/v1/clusters/edge-1": () => [200, { notice: "" }],
    });
  });
  afterEach(async () => {
    await hub.stop();
    rmSync(folder, { recursive: true });
  });

  const changes = () =>
    hub.asked.filter(({ route }) => !route.startsWith("GET"));

  it("add says what to commit, until Git names the cluster", async () => {
    const unknown = await runCommand(hub, ["cluster", "add", "edge-1"]);
    expect(unknown.err).toContain("Commit fleet/clusters/edge-1.yaml:");
    expect(unknown.err).toContain("kind: Cluster");
    expect(unknown.err).toContain("env: edge");
    source = "git";
    const known = await runCommand(hub, ["cluster", "add", "edge-1"]);
    expect(known.err).toBe("");
  });

  it.each([
    [15 * 60_000 - 100, "15m"],
    [14 * 60_000 + 10_000, "14m"],
  ])("add of a token that lives for %i ms says %s", async (ms, left) => {
    expiresAt = new Date(Date.now() + ms).toISOString();
    const there = join(folder, `${ms}.json`);
    const add = ["cluster", "add", "edge-1"];
    const filed = await runCommand(hub, [...add, "--join-file", there]);
    expect(filed.out).toContain(`start the spoke within ${left}:`);
    const shown = await runCommand(hub, add);
    expect(shown.out).toContain(`(single use, valid for ${left})`);
  });

  it("add says that the token made before is worthless now", async () => {
    const args = ["cluster", "add", "edge-1"];
    const words = "the token that was made for edge-1 before is worthless now";
    expect((await runCommand(hub, args)).err).not.toContain("worthless");
    endsEarlierToken = true;
    expect((await runCommand(hub, args)).err).toContain(words);
  });

  it("add says which label breaks a rule, before it asks the hub", async () => {
    const args = ["cluster", "add", "edge-1", "-l", "env=b/d"];
    const { code, err } = await runCommand(hub, args);
    expect(code).toBe(2);
    expect(err).toContain('label "env": "b/d": a value is empty, or at most');
    expect(hub.asked).toEqual([]);
  });

  it.each([
    ["git", "those in Git count"],
    ["api", "it keeps those it was added with"],
  ])("add says that a label was not taken over (%s)", async (from, words) => {
    source = from;
    const args = ["cluster", "add", "edge-1", "-l"];
    const other = await runCommand(hub, [...args, "env=production"]);
    expect(other.err).toContain(`! --label was not taken over: ${words}`);
    const same = await runCommand(hub, [...args, "env=edge"]);
    expect(same.err).not.toContain("--label");
  });

  it("add asks before it makes a token for a name that looks misspelt", async () => {
    const args = ["cluster", "add", "edge-2"];
    for (const typed of [undefined, ["n"]]) {
      const { code, err } = await runCommand(hub, args, typed);
      expect(code).toBe(typed === undefined ? 2 : 3);
      expect(err).toContain("Git does not name edge-2; did you mean edge-1?");
    }
    expect(changes()).toEqual([]);
    for (const sure of [
      await runCommand(hub, args, ["y"]),
      await runCommand(hub, [...args, "--yes"]),
    ]) {
      expect(sure.code).toBe(0);
    }
    expect(changes()).toHaveLength(2);
  });

  it("add only says so where no other name is near", async () => {
    const args = ["cluster", "add", "quite-another"];
    const { code, err } = await runCommand(hub, args);
    expect(code).toBe(0);
    expect(err).toMatch(/^! Git does not name quite-another\n/);
    expect(changes()).toHaveLength(1);
  });

  it("repoint names the file for the revoked uid", async () => {
    const args = ["cluster", "repoint", "edge-1", "--yes"];
    expect((await runCommand(hub, args)).out).toContain(
      "put this into spec of fleet/clusters/edge-1.yaml, so that",
    );
  });

  it("repoint tells what must be in the new cluster from what may be missing", async () => {
    const args = ["cluster", "repoint", "edge-1", "--yes"];
    const none = (await runCommand(hub, args)).out;
    expect(none).not.toMatch(/must be|may be/);
    needs = {
      needs: ["Secret web/keys, for Kustomization/web/app"],
      optionalNeeds: ["Secret web/extra, for Kustomization/web/app"],
    };
    expect((await runCommand(hub, args)).out).toContain(
      "\nmust be in the new cluster:\n  Secret web/keys, for Kustomization/web/app\n\nmay be missing there, and then counts as empty:\n  Secret web/extra, for",
    );
  });

  it("add asks the hub for nothing that it could not write down", async () => {
    const file = join(folder, "absent", "join.json");
    const { code } = await runCommand(hub, [
      ...["cluster", "add", "edge-1", "--join-file", file],
    ]);
    expect(code).toBe(2);
    expect(hub.asked).toEqual([]);
    const there = join(folder, "join.json");
    await runCommand(hub, ["cluster", "add", "edge-1", "--join-file", there]);
    expect(JSON.parse(readFileSync(there, "utf8"))).toEqual(joinView);
  });

  it.each(["repoint", "remove"])("%s asks first", async (verb) => {
    const args = ["cluster", verb, "edge-1"];
    for (const typed of [undefined, ["n"], [""]]) {
      const { code } = await runCommand(hub, args, typed);
      expect(code).toBe(typed === undefined ? 2 : 3);
    }
    expect(changes()).toEqual([]);
    await runCommand(hub, args, ["yes"]);
    await runCommand(hub, [...args, "--yes"]);
    expect(changes()).toHaveLength(2);
  });

  it("repoint says whom it shuts out, and whether that one lives", async () => {
    const { err } = await runCommand(
      hub,
      ["cluster", "repoint", "edge-1"],
      ["n"],
    );
    expect(err).toContain("u1, connected now");
  });
});
