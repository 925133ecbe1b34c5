import { digestOf } from "@wheelhouse/assignment";
import { type AssignmentMark } from "@wheelhouse/protocol";
import { maxLeap } from "@wheelhouse/rollout";
import { startFakeSpoke } from "@wheelhouse/testing";
import { describe, expect, it } from "vitest";
import {
  cluster,
  configMap,
  files,
  find,
  isConfirmedAt,
  join,
  repo,
  rollout,
  spokes,
  underTest,
  until,
  useHub,
  waveOf,
} from "./hub-fleet.fixture.ts";

/** One wave of two clusters, in which the one that lies may fill a place. */
const oneWave = {
  ...files,
  "fleet/clusters/staging-1.yaml": cluster("staging-1", "production"),
  "fleet/rollouts/default.yaml": rollout(
    waveOf("production", ["maxConcurrency: 2", "maxUnavailable: 2"]),
  ),
};

const claimOf = (seq: number, epoch = 1): AssignmentMark => ({
  ...{ epoch, seq, root: digestOf(`${epoch}/${seq}`) },
});

const next = (value: string) =>
  repo.commit(`web ${value}`, { "apps/web/web.yaml": configMap("web", value) });

describe("a spoke that lies about what it acknowledged", () => {
  useHub();

  it.each([
    ["the last number", claimOf(2 ** 53 - 1)],
    ["a number that no hub issued", claimOf(maxLeap + 9)],
    ["the last epoch", claimOf(1, 2 ** 53 - 1)],
  ])(
    "holds nothing up but its own cluster by %s, also over a restart, and makes room for a new one",
    async (_, lie) => {
      const first = repo.commit("first", oneWave);
      await underTest.start();
      await join("prod-eu-1");
      let claim: AssignmentMark | null = null;
      const liar = await join("staging-1", { claim: () => claim });
      await until("confirmed", isConfirmedAt("prod-eu-1", first));
      await until("confirmed", isConfirmedAt("staging-1", first));

      claim = lie;
      liar.disconnect();
      liar.connect();
      const flagged = await until("flagged", ({ notices }) =>
        notices.some((notice) => notice.startsWith("staging-1: ")),
      );
      expect(flagged.notices.join()).toContain(
        "wheelhouse cluster repoint staging-1",
      );
      const second = next("2");
      await until("the other goes on", isConfirmedAt("prod-eu-1", second));
      expect(liar.taken.map(({ seq }) => seq)).toEqual([1]);

      const address = underTest.hub.linkAddress;
      await underTest.stop();
      await underTest.start(["--link-listen", address]);
      for (const spoke of spokes) spoke.connect();
      const third = next("3");
      await until("after a restart", isConfirmedAt("prod-eu-1", third));
      expect(liar.taken.map(({ seq }) => seq)).toEqual([1]);

      const invitation = await underTest.client().repointCluster("staging-1");
      const honest = await startFakeSpoke({ join: invitation });
      spokes.push(honest);
      const view = await until("taken up", isConfirmedAt("staging-1", third));
      expect(find(view, "staging-1").uid).toBe(honest.uid);
      expect(view.notices.join()).not.toContain("says that it acknowledged");
    },
  );

  it("moves its own numbers a little, and the next in its place takes them up", async () => {
    const first = repo.commit("first", oneWave);
    await underTest.start();
    await join("prod-eu-1");
    let claim: AssignmentMark | null = null;
    const liar = await join("staging-1", { claim: () => claim });
    await until("confirmed", isConfirmedAt("staging-1", first));
    claim = claimOf(maxLeap);
    liar.disconnect();
    liar.connect();
    await until("heard", (view) => find(view, "staging-1").spoke.connected);
    const second = next("2");
    await until("issued above it", (view) => {
      return (find(view, "staging-1").assignment?.seq ?? 0) > maxLeap;
    });
    await until("the other goes on", isConfirmedAt("prod-eu-1", second));
    const invitation = await underTest.client().repointCluster("staging-1");
    spokes.push(await startFakeSpoke({ join: invitation }));
    await until("taken up", isConfirmedAt("staging-1", second));
  });
});
