import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { budgetOf } from "./budget.ts";
import {
  type ExampleCluster,
  ExampleFleet,
  exampleActor,
  exampleRollout,
  exampleWave,
  issuesOf,
} from "./example-fleet.fixture.ts";
import { freshnessMs } from "./freshness.ts";
import { type RolloutCommand } from "./rollout-input.ts";
import { type RolloutState } from "./rollout-state.ts";
import { type RolloutStep } from "./rollout-step.ts";
import { step } from "./step.ts";

const names = ["s1", "s2", "p1", "p2", "p3", "p4", "p5"];
const by = exampleActor;

type Action =
  | {
      readonly kind: "commit";
      readonly number: number;
      readonly spares: string;
    }
  | {
      readonly kind: "hear" | "deliver" | "break" | "cut" | "suspend" | "join";
      readonly name: string;
    }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "restart" | "forget" | "step" }
  | { readonly kind: "command"; readonly command: RolloutCommand };

const name = fc.constantFrom(...names);
const commands: fc.Arbitrary<RolloutCommand> = fc.constantFrom<RolloutCommand>(
  { kind: "pause", by },
  { kind: "resume", by },
  { kind: "abort", by },
  { kind: "undo", by },
  { kind: "approve", wave: "production", by },
  { kind: "resume", revision: "00000002", by },
);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("commit" as const),
      number: fc.integer({ min: 1, max: 5 }),
      spares: name,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "hear",
        "deliver",
        "deliver",
        "deliver",
        "break",
        "cut",
        "suspend",
        "join",
      ),
      name,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.constantFrom(1_000, 10_000, 30_000, 46_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("restart", "forget") }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("command" as const),
      command: commands,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("step" as const) }) },
);

const count = fc
  .integer({ min: 1, max: 3 })
  .map((n) => ({ kind: "count" as const, count: n }));

const scenario = fc.record({
  maxConcurrency: count,
  maxUnavailable: count,
  offline: fc.constantFrom("wait", "skip", "count"),
  approval: fc.constantFrom("auto", "manual"),
  onFailure: fc.constantFrom("pause", "rollback", "continue"),
  minReadyMs: fc.constantFrom(0, 20_000),
  soakMs: fc.constantFrom(0, 20_000),
  actions: fc.array(action, { minLength: 20, maxLength: 90 }),
});

function fleetOf(
  chosen: typeof scenario extends fc.Arbitrary<infer T> ? T : never,
): ExampleFleet {
  const { approval, onFailure, actions: _, soakMs, ...wave } = chosen;
  const env = { matchLabels: { env: "s" } };
  const fleet = new ExampleFleet(
    exampleRollout(
      [
        exampleWave({ ...wave, name: "staging", clusterSelector: env, soakMs }),
        exampleWave({ ...wave, name: "production", approval }),
      ],
      { onFailure },
    ),
  );
  for (const each of names) {
    fleet.join(each, { env: each.slice(0, 1) }).joined = each !== "p5";
  }
  fleet.commit(1, { app: "1", other: "1" });
  return fleet;
}

/** Carries out one action; what it comes to is judged at every step. */
function act(fleet: ExampleFleet, todo: Action): void {
  switch (todo.kind) {
    case "commit": {
      const { number, spares } = todo;
      const app = String(number);
      fleet.commit(number, (c) => ({
        app: c.name === spares ? "1" : app,
        other: "1",
      }));
      return;
    }
    case "hear":
      fleet.hear(todo.name);
      return;
    case "deliver":
      fleet.deliver(todo.name);
      return;
    case "break":
      fleet.deliver(todo.name, { app: { failed: true } });
      return;
    case "cut":
      fleet.cut(todo.name);
      return;
    case "suspend": {
      const cluster = fleet.get(todo.name);
      cluster.suspended = !cluster.suspended;
      return;
    }
    case "join":
      fleet.get(todo.name).joined = true;
      return;
    case "pass":
      fleet.nowMs += todo.ms;
      return;
    case "restart":
      fleet.restart();
      return;
    case "forget":
      fleet.forget();
      return;
    case "command":
      judgedStep(fleet, todo.command);
      return;
    case "step":
      judgedStep(fleet, null);
      return;
  }
}

/** What was issued and never confirmed, by the hub's table alone. */
function isInFlight({ issued, confirmed }: ExampleCluster): boolean {
  return issued !== null && !confirmed;
}

function judgedStep(fleet: ExampleFleet, command: RolloutCommand | null): void {
  const wasPaused = fleet.state?.phase === "Paused";
  const before = new Set(
    [...fleet.clusters.values()].filter(isInFlight).map((c) => c.name),
  );
  const result = fleet.step(command);
  const issued = issuesOf(result.effects);
  const released = ["resume", "undo", "abort"].includes(command?.kind ?? "");
  if (wasPaused && !released) expect(issued).toEqual([]);
  if (result.state?.phase === "Paused") expect(issued).toEqual([]);
  for (const each of issued) judgeIssue(fleet, fleet.get(each), result);
  judgeBudgets(fleet, issued, before);
  judgeRest(fleet);
}

function judgeIssue(
  fleet: ExampleFleet,
  cluster: ExampleCluster,
  { state }: RolloutStep,
): void {
  expect(cluster.joined && !cluster.suspended).toBe(true);
  expect(fleet.nowMs - (cluster.heardAtMs ?? -Infinity)).toBeLessThanOrEqual(
    freshnessMs,
  );
  expect(state?.rejected).not.toContainEqual(cluster.issued?.revision);
  const isRunning = state?.phase === "Progressing" && !state.returning;
  const isOwn = cluster.issued?.revision.commit === state?.revision.commit;
  if (!isRunning || !isOwn || cluster.labels["env"] === "s") return;
  expect(fleet.state?.waves[0]?.completed).toBe(true);
}

function judgeBudgets(
  fleet: ExampleFleet,
  issued: readonly string[],
  before: ReadonlySet<string>,
): void {
  for (const [index, wave] of fleet.spec.waves.entries()) {
    const members = [...fleet.clusters.values()].filter(
      (c) => (c.labels["env"] === "s") === (index === 0),
    );
    const added = members.filter(
      (c) => issued.includes(c.name) && !before.has(c.name),
    );
    if (added.length === 0) continue;
    const inFlight = members.filter(isInFlight).length;
    expect(inFlight).toBeLessThanOrEqual(
      budgetOf(wave.maxConcurrency, members.length),
    );
  }
}

/** The same again does nothing; neither the input's order nor a restart permits anything. */
function judgeRest(fleet: ExampleFleet): void {
  const time = { monotonicMs: fleet.nowMs, iso: "" };
  const input = fleet.inputNow();
  const again = step(fleet.state, input, time);
  expect(again.effects).toEqual([]);
  const later = { ...time, monotonicMs: fleet.nowMs + 20_000 };
  const next = step(fleet.state, input, later);
  const reversed = { ...input, clusters: [...input.clusters].reverse() };
  expect(step(fleet.state, reversed, later)).toEqual(next);
  if (fleet.state === null) return;
  const restarted = JSON.parse(
    JSON.stringify({ ...fleet.state, steppedAtMs: null }),
  ) as RolloutState;
  const permitted = issuesOf(next.effects);
  for (const each of issuesOf(step(restarted, input, later).effects)) {
    expect(permitted).toContain(each);
  }
}

describe("whatever happens", () => {
  it("keeps budgets, pauses, waves, rejections and freshness", () => {
    fc.assert(
      fc.property(scenario, (chosen) => {
        const fleet = fleetOf(chosen);
        for (const each of chosen.actions) act(fleet, each);
      }),
      { numRuns: 250 },
    );
  }, 600_000);

  it("keeps its state plain and bounded", () => {
    fc.assert(
      fc.property(scenario, (chosen) => {
        const fleet = fleetOf(chosen);
        for (const each of chosen.actions) act(fleet, each);
        expect(JSON.parse(JSON.stringify(fleet.state))).toEqual(fleet.state);
        expect(
          Object.keys(fleet.state?.clusters ?? {}).length,
        ).toBeLessThanOrEqual(names.length);
      }),
      { numRuns: 20 },
    );
  }, 600_000);
});
