import {
  type ClusterView,
  type FleetView,
  type RevisionView,
  type RolloutView,
  type WaveView,
} from "@wheelhouse/rest-api";
import { describe, expect, it } from "vitest";
import { describeStanding, isBehind } from "./fleet-standing.ts";

const revision = (letter: string): RevisionView => ({
  commit: letter.repeat(40),
  branch: "main",
  subject: letter,
  author: "platform",
  committedAt: "",
});
const [old, good, bad, later] = ["9", "a", "b", "c"].map(revision) as [
  RevisionView,
  RevisionView,
  RevisionView,
  RevisionView,
];
const short = ({ commit }: RevisionView) => commit.slice(0, 8);

const wave = (name: string, change: Partial<WaveView> = {}): WaveView => ({
  name,
  state: "completed",
  clusters: [{ name: `${name}-1`, stage: "confirmed", message: "" }],
  confirmed: 1,
  total: 1,
  soakMs: 0,
  soakedMs: 0,
  gate: "",
  needsApproval: false,
  approvedBy: null,
  ...change,
});
const open = (name: string) => wave(name, { state: "open", confirmed: 0 });
const next = (name: string) => wave(name, { state: "waiting", confirmed: 0 });
const done = [wave("staging"), wave("canary"), wave("prod")];
const atFirst = [open("staging"), next("canary"), next("prod")];

const rollout = (change: Partial<RolloutView>): RolloutView => ({
  name: "default",
  phase: "Completed",
  reason: "",
  generation: 3,
  revision: good,
  previous: old,
  rejected: [],
  returning: false,
  startedAt: "",
  completedAt: null,
  waves: done,
  ...change,
});

/** The three clusters at their commits, in order of waves; null has nothing yet. */
const at = (...commits: readonly (RevisionView | null)[]) =>
  commits.map((own, index) => ({
    name: `${["staging", "canary", "prod"][index]}-1`,
    wave: ["staging", "canary", "prod"][index],
    assignment: own === null ? null : { commit: own.commit },
  })) as unknown as readonly ClusterView[];

interface Case {
  readonly state: string;
  readonly head: RevisionView | null;
  readonly refused?: RevisionView;
  readonly clusters: readonly ClusterView[];
  readonly rollout?: RolloutView;
  readonly shows: RevisionView | null;
  readonly reach?: string;
  /** `abcdef01 word: why`, one each. */
  readonly beside?: readonly string[];
  readonly says: string;
}

const rejection = `stays at ${short(good)}, since ${short(bad)} was rejected: push another commit, or wheelhouse rollout resume default --revision ${short(bad)}`;

const cases: readonly Case[] = [
  {
    state: "the head is rolled out",
    head: good,
    clusters: at(good, good, good),
    rollout: rollout({}),
    shows: good,
    says: "every wave is done",
  },
  {
    state: "it is rolled out, and somebody has not taken it",
    head: good,
    clusters: at(good, good, old),
    rollout: rollout({
      waves: [
        wave("staging"),
        wave("canary"),
        wave("prod", {
          clusters: [{ name: "prod-1", stage: "skipped", message: "" }],
          notJoined: ["prod-2"],
        }),
      ],
    }),
    shows: good,
    says: "every wave is done; 2 clusters have not taken it",
  },
  {
    state: "the head is in progress",
    head: bad,
    clusters: at(bad, good, good),
    rollout: rollout({
      phase: "Progressing",
      revision: bad,
      previous: good,
      waves: atFirst,
    }),
    shows: bad,
    reach: `issued to 1 of 3 clusters; the others are at ${short(good)}`,
    says: "wave 1 of 3 (staging), 0 of 1 confirmed",
  },
  {
    state: "it has reached all but one",
    head: bad,
    clusters: at(bad, bad, good),
    rollout: rollout({
      phase: "Progressing",
      revision: bad,
      waves: [
        wave("staging"),
        wave("canary", { state: "soaking" }),
        next("prod"),
      ],
    }),
    shows: bad,
    reach: `issued to 2 of 3 clusters; the other is at ${short(good)}`,
    says: "wave 2 of 3 (canary), soaking",
  },
  {
    state: "the next wave waits for approval",
    head: bad,
    clusters: at(bad, bad, old),
    rollout: rollout({
      phase: "Progressing",
      revision: bad,
      waves: [
        wave("staging"),
        wave("canary"),
        wave("prod", { state: "waiting", needsApproval: true }),
      ],
    }),
    shows: bad,
    reach: `issued to 2 of 3 clusters; the other is at ${short(old)}`,
    says: "wave 3 of 3 (prod), waits for approval",
  },
  {
    state: "the very first is in progress",
    head: good,
    clusters: at(null, null, null),
    rollout: rollout({
      phase: "Progressing",
      previous: null,
      waves: atFirst,
    }),
    shows: good,
    reach: "issued to no cluster yet",
    says: "wave 1 of 3 (staging), 0 of 1 confirmed",
  },
  {
    state: "the head is about to start",
    head: bad,
    clusters: at(good, good, good),
    rollout: rollout({
      phase: "Progressing",
      revision: bad,
      previous: good,
      waves: atFirst,
    }),
    shows: bad,
    reach: `issued to no cluster yet; the fleet is at ${short(good)}`,
    says: "wave 1 of 3 (staging), 0 of 1 confirmed",
  },
  {
    state: "the head was undone, and the fleet is on its way back",
    head: bad,
    clusters: at(bad, good, good),
    rollout: rollout({
      phase: "Progressing",
      previous: old,
      rejected: [bad.commit],
      returning: true,
      waves: atFirst,
    }),
    shows: good,
    reach: `going back: issued to 2 of 3 clusters; the other is at ${short(bad)}`,
    beside: [`${short(bad)} rejected`],
    says: "going back: wave 1 of 3 (staging), 0 of 1 confirmed",
  },
  {
    state: "the head was undone, and the fleet is back",
    head: bad,
    clusters: at(good, good, good),
    rollout: rollout({
      reason: rejection,
      rejected: [bad.commit],
      returning: true,
    }),
    shows: good,
    beside: [`${short(bad)} rejected`],
    says: rejection,
  },
  {
    state: "Git went back too",
    head: good,
    clusters: at(good, good, good),
    rollout: rollout({ rejected: [bad.commit], returning: true }),
    shows: good,
    says: `every wave is back at ${short(good)}`,
  },
  {
    state: "the way back is halted",
    head: bad,
    clusters: at(good, bad, bad),
    rollout: rollout({
      phase: "Halted",
      reason: "1 of 1 clusters failed",
      rejected: [bad.commit],
      returning: true,
      waves: atFirst,
    }),
    shows: good,
    reach: `going back: issued to 1 of 3 clusters; the others are at ${short(bad)}`,
    beside: [`${short(bad)} rejected`],
    says: "going back: 1 of 1 clusters failed",
  },
  {
    state: "the head does not compile",
    head: bad,
    clusters: at(good, good, bad),
    rollout: rollout({
      phase: "Blocked",
      reason: "webapp: dependsOn names nothing",
      revision: bad,
      previous: good,
      waves: atFirst,
    }),
    shows: good,
    beside: [`${short(bad)} refused: cannot be built`],
    says: "webapp: dependsOn names nothing",
  },
  {
    state: "the first commit does not compile",
    head: bad,
    clusters: at(null, null, null),
    rollout: rollout({
      phase: "Blocked",
      reason: "webapp: dependsOn names nothing",
      revision: bad,
      previous: null,
      waves: atFirst,
    }),
    shows: null,
    beside: [`${short(bad)} refused: cannot be built`],
    says: "webapp: dependsOn names nothing",
  },
  {
    state: "a newer commit cannot be read",
    head: good,
    refused: later,
    clusters: at(good, good, good),
    rollout: rollout({}),
    shows: good,
    beside: [`${short(later)} refused: cannot be read`],
    says: "every wave is done",
  },
  {
    state: "the head was undone, and a newer commit cannot be read",
    head: bad,
    refused: later,
    clusters: at(good, good, good),
    rollout: rollout({
      reason: rejection,
      rejected: [bad.commit],
      returning: true,
    }),
    shows: good,
    beside: [
      `${short(bad)} rejected`,
      `${short(later)} refused: cannot be read`,
    ],
    says: rejection,
  },
  {
    state: "the rollout is halted",
    head: bad,
    clusters: at(bad, good, old),
    rollout: rollout({
      phase: "Halted",
      reason: "1 of 1 clusters of wave staging failed",
      revision: bad,
      previous: good,
      waves: atFirst,
    }),
    shows: bad,
    reach: "issued to 1 of 3 clusters; the others are at other commits",
    says: "1 of 1 clusters of wave staging failed",
  },
  {
    state: "the rollout is paused, and a newer commit waits",
    head: later,
    clusters: at(bad, bad, bad),
    rollout: rollout({
      phase: "Paused",
      reason: "paused by ops",
      revision: bad,
      previous: good,
      waves: atFirst,
    }),
    shows: bad,
    reach: "issued to every cluster",
    beside: [`${short(later)} pushed, not rolled out: until a resume`],
    says: "by ops",
  },
  {
    state: "the rollout is aborted",
    head: bad,
    clusters: at(bad, good, good),
    rollout: rollout({
      phase: "Aborted",
      reason: "aborted by ops; clusters stay where they are",
      revision: bad,
      previous: good,
      waves: atFirst,
    }),
    shows: bad,
    reach: `issued to 1 of 3 clusters; the others are at ${short(good)}`,
    says: "by ops; clusters stay where they are",
  },
  {
    state: "no cluster has joined",
    head: good,
    clusters: [],
    rollout: rollout({
      phase: "Progressing",
      previous: null,
      waves: [wave("staging", { state: "open", clusters: [], total: 0 })],
    }),
    shows: good,
    says: "waits for the first cluster to join",
  },
  {
    state: "nothing was rolled out yet",
    head: good,
    clusters: at(null),
    shows: null,
    beside: [`${short(good)} pushed, not rolled out`],
    says: "",
  },
  {
    state: "the first commit of all cannot be read",
    head: null,
    refused: bad,
    clusters: [],
    shows: null,
    beside: [`${short(bad)} refused: cannot be read`],
    says: "",
  },
];

describe("where the fleet stands", () => {
  it.each(cases)("$state", (one) => {
    const fleet: Pick<FleetView, "head" | "refused" | "clusters"> = {
      head: one.head,
      refused: one.refused ?? null,
      clusters: one.clusters,
    };
    const standing = describeStanding(fleet, one.rollout);
    expect(standing.revision).toEqual(one.shows);
    expect(standing.reach).toBe(one.reach ?? "");
    expect(
      standing.beside.map(
        ({ revision: own, word, why }) =>
          `${short(own)} ${word}${why === "" ? "" : `: ${why}`}`,
      ),
    ).toEqual(one.beside ?? []);
    expect(standing.rollout).toBe(one.says);
  });
});

describe("a cluster", () => {
  const behind = (change: Partial<RolloutView>, ...has: RevisionView[]) =>
    at(...has).map((own) => isBehind([rollout(change)], own));

  it("is behind while it has something else than its rollout brings", () => {
    const change = { phase: "Progressing", revision: bad } as const;
    expect(behind(change, bad, good, old)).toEqual([false, true, true]);
  });

  it("is not behind a commit that was rejected, or never started", () => {
    const change = { rejected: [bad.commit], returning: true };
    expect(behind(change, good, good, good)).not.toContain(true);
    const blocked = { phase: "Blocked", revision: bad } as const;
    expect(behind(blocked, good, good, good)).not.toContain(true);
  });

  it("that is in no rollout, or has nothing, is behind nothing", () => {
    const [none, some] = at(null, good) as [ClusterView, ClusterView];
    expect(isBehind([rollout({ revision: bad })], none)).toBe(false);
    expect(isBehind([], some)).toBe(false);
  });
});
