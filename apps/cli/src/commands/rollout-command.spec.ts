import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Answer,
  findSilentAddress,
  runCommand,
  startAnsweringHub,
} from "./command-under-test.ts";

const view = {
  name: "default",
  phase: "Progressing",
  reason: "",
  generation: 7,
  revision: { branch: "main", commit: "4f2c91d0", subject: "web 2" },
  previous: null,
  rejected: [],
  returning: false,
  waves: [],
};

describe("rollout status --watch", () => {
  /** Runs it against a hub that shows these phases, and then ends the stream. */
  async function watch(phases: readonly string[]) {
    const events = phases.map((phase) => {
      const fleet = { rollouts: [{ ...view, phase }] };
      return `event: fleet\ndata: ${JSON.stringify(fleet)}\n\n`;
    });
    const hub = await startAnsweringHub({
      "GET /api/v1/events": () => [200, events.join("")],
    });
    const end = await runCommand(hub, ["rollout", "status", "--watch"]);
    await hub.stop();
    return end;
  }

  it.each([
    [["Progressing", "Completed"], 0],
    [["Progressing", "Paused"], 0],
    [["Progressing", "Halted"], 1],
    [["Blocked"], 1],
    [["Progressing", "Aborted", "Progressing"], 1],
  ])("that sees %j ends with %i", async (phases, expected) => {
    const { code, out } = await watch(phases);
    expect(code).toBe(expected);
    expect(out).toContain(phases.find((phase) => phase !== "Progressing"));
  });

  it.each([[["--watch"]], [[]]])(
    "%j says first, and by its code, that a newer commit is refused",
    async (args) => {
      const refused = { ...view.revision, commit: "865bba05ffff" };
      const done = { ...view, phase: "Completed", refused };
      const event = JSON.stringify({ rollouts: [done] });
      const hub = await startAnsweringHub({
        "GET /api/v1/rollouts": () => [200, [done]],
        "GET /api/v1/events": () => [200, `event: fleet\ndata: ${event}\n\n`],
      });
      const end = await runCommand(hub, ["rollout", "status", ...args]);
      await hub.stop();
      expect(end.code).toBe(1);
      expect(end.out).toMatch(
        /^x main@865bba05 {2}"web 2" {2}is refused: .*\n {2}why: wheelhouse status\ndefault {2}main@4f2c91d0/,
      );
    },
  );

  it("of no rollout says that the first commit is refused", async () => {
    const hub = await startAnsweringHub({
      "GET /api/v1/rollouts": () => [200, []],
      "GET /api/v1/fleet": () => [200, { refused: view.revision }],
    });
    const { out } = await runCommand(hub, ["rollout", "status"]);
    await hub.stop();
    expect(out).toMatch(/^x main@4f2c91d0 .*\n.*\nno rollout yet\n$/);
  });

  it("waits for no rollout that is not there", async () => {
    const hub = await startAnsweringHub({
      "GET /api/v1/events": () => [200, ""],
    });
    const args = ["rollout", "status", "nope", "--watch", "-o", "json"];
    const { code, out } = await runCommand(hub, args);
    await hub.stop();
    expect([code, out]).toEqual([3, ""]);
    expect(hub.asked.map(({ route }) => route)).toEqual([
      "GET /api/v1/rollouts/nope",
    ]);
  });

  it("is told to a program when a stage changes, not at every second of a soak", async () => {
    const soaks = [1000, 2000, 3000].map((soakedMs) => ({
      ...{ name: "staging", state: "soaking", clusters: [], total: 1 },
      ...{ confirmed: 1, soakMs: 9000, soakedMs, gate: "" },
    }));
    const fleets = soaks.map((wave) => ({
      rollouts: [{ ...view, waves: [wave] }],
    }));
    const ended = { rollouts: [{ ...view, phase: "Completed" }] };
    const events = [...fleets, ended].map(
      (fleet) => `event: fleet\ndata: ${JSON.stringify(fleet)}\n\n`,
    );
    const hub = await startAnsweringHub({
      "GET /api/v1/events": () => [200, events.join("")],
    });
    const { err } = await runCommand(hub, ["rollout", "status", "-w"]);
    await hub.stop();
    expect(err.match(/soaked/g)).toHaveLength(1);
  });

  /** A hub whose every stream ends after one event: what each says, by what it answers. */
  const startEndingHub = (answers: readonly Answer[]) => {
    const left = [...answers];
    return startAnsweringHub({
      "GET /api/v1/events": () => left.shift() ?? [401, { detail: "no more" }],
    });
  };
  const eventOf = (...phases: readonly string[]): Answer => {
    const rollouts = phases.map((phase) => ({ ...view, phase }));
    const fleet = {
      ...{ rollouts, clusters: [], problems: [], notices: [], prunes: [] },
      ...{ head: null, refused: null },
      git: { url: "", branch: "main", lastPolledAt: null, problem: null },
    };
    return [200, `event: fleet\ndata: ${JSON.stringify(fleet)}\n\n`];
  };

  it("dials again a hub that ends the connection, until the rollout ends", async () => {
    const hub = await startEndingHub([
      eventOf("Progressing"),
      [503, { detail: "it starts" }],
      // A hub that has just started knows of none yet.
      eventOf(),
      eventOf("Completed"),
    ]);
    const args = ["rollout", "status", "-w"];
    const { code, out, err } = await runCommand(hub, args);
    await hub.stop();
    expect(code).toBe(0);
    expect(out).toContain("Completed");
    expect(err.match(/the hub ended the connection/g)).toHaveLength(2);
    expect(err.match(/the hub is back/g)).toHaveLength(2);
  });

  it.each([[["rollout", "status", "-w"]], [["status", "-w"]]])(
    "%j ends where the hub says no, at first and later",
    async (args) => {
      for (const answers of [[], [eventOf("Progressing")]]) {
        const hub = await startEndingHub(answers);
        const { code, err } = await runCommand(hub, args);
        await hub.stop();
        expect(code).toBe(3);
        expect(err).toContain("no more");
      }
      const gone = { url: await findSilentAddress() };
      expect((await runCommand(gone, args)).code).toBe(3);
    },
  );
});

describe("a decision on a rollout", () => {
  let hub: Awaited<ReturnType<typeof startAnsweringHub>>;

  let phase: string;
  let previous: object | null;

  beforeEach(async () => {
    phase = "Progressing";
    previous = null;
    hub = await startAnsweringHub({
      "GET /api/v1/rollouts/default": () => [200, { ...view, phase, previous }],
      ...Object.fromEntries(
        ["approve", "pause", "resume", "abort", "undo"].map((action) => [
          `POST /api/v1/rollouts/default/${action}`,
          () => [200, view] as const,
        ]),
      ),
    });
  });
  afterEach(() => hub.stop());

  it.each([
    [["undo"], {}],
    [["pause"], {}],
    [["abort"], {}],
    [["resume", "--revision", "4f2c91d"], { revision: "4f2c91d" }],
    [["approve", "--wave", "prod"], { wave: "prod" }],
  ])("%j is about the rollout that was found", async (args, request) => {
    const { code } = await runCommand(hub, ["rollout", ...args]);
    expect(code).toBe(0);
    expect(hub.asked.at(-1)?.body).toEqual({ ...request, generation: 7 });
  });

  describe("that approves no wave by its name", () => {
    const waves = (...names: readonly string[]) =>
      names.map((name) => ({
        ...{ name, state: "waiting", clusters: [], confirmed: 0, total: 1 },
        ...{ soakMs: 0, soakedMs: 0, gate: "", needsApproval: true },
      }));
    const approve = async (...names: readonly string[]) => {
      const asking = await startAnsweringHub({
        "GET /api/v1/rollouts/default": () => [
          200,
          { ...view, waves: waves(...names) },
        ],
        "POST /api/v1/rollouts/default/approve": () => [200, view],
      });
      const end = await runCommand(asking, ["rollout", "approve"]);
      await asking.stop();
      return { ...end, body: asking.asked[1]?.body };
    };

    it("takes the one that waits, and says which", async () => {
      const { code, out, body } = await approve("prod");
      expect([code, body]).toEqual([0, { wave: "prod", generation: 7 }]);
      expect(out).toContain("wave prod of default is approved");
    });

    it("chooses none of several, and names them", async () => {
      const { code, err, body } = await approve("prod", "edge");
      expect([code, body]).toEqual([2, undefined]);
      expect(err).toContain("say which: --wave prod, or --wave edge");
    });

    it("is refused where none waits", async () => {
      const { code, err, body } = await approve();
      expect([code, body]).toEqual([3, undefined]);
      expect(err).toContain("no wave of default waits for approval");
    });
  });

  it("is told with what comes of it, before how the rollout stands", async () => {
    const args = ["rollout", "resume", "--revision", "4f2c91d"];
    const { out } = await runCommand(hub, args);
    expect(out).toMatch(
      /^4f2c91d is allowed again, and rolls out now\ndefault {2}main@4f2c91d0/,
    );
  });

  it("is no pause where nothing is rolling out", async () => {
    phase = "Completed";
    const { code, err } = await runCommand(hub, ["rollout", "pause"]);
    expect(code).toBe(3);
    expect(err).toContain("nothing is rolling out");
    expect(hub.asked.map(({ route }) => route.split(" ")[0])).toEqual(["GET"]);
  });

  it("is about the one that the person saw, where they say so", async () => {
    await runCommand(hub, ["rollout", "undo", "--generation", "6"]);
    expect(hub.asked.at(-1)?.body).toEqual({ generation: 6 });
    await runCommand(hub, ["rollout", "abort", "--generation", "6"]);
    expect(hub.asked.at(-1)?.body).toEqual({ generation: 6 });
  });

  const decisions = () =>
    hub.asked.filter(({ route }) => route.startsWith("POST"));

  it("asks before it undoes what is Completed", async () => {
    phase = "Completed";
    previous = { branch: "main", commit: "0eb121be", subject: "web 1" };
    for (const args of [[], ["--generation", "7"]]) {
      const undo = ["rollout", "undo", ...args];
      const unasked = await runCommand(hub, undo);
      expect(unasked.code).toBe(2);
      expect(unasked.err).toContain("give --yes to answer beforehand");
      const { code, err } = await runCommand(hub, undo, ["n"]);
      expect(code).toBe(3);
      expect(err).toContain(
        'default is Completed. Reject 4f2c91d0 "web 2" for good, and take every cluster back to 0eb121be "web 1"?',
      );
    }
    expect(decisions()).toEqual([]);
    expect((await runCommand(hub, ["rollout", "undo"], ["y"])).code).toBe(0);
    const { code, out } = await runCommand(hub, ["rollout", "undo", "-y"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^4f2c91d0 is rejected for good: /);
    expect(decisions().map(({ body }) => body)).toEqual([
      ...[{ generation: 7 }, { generation: 7 }],
    ]);
  });

  it("is not asked for a rollout that is not the one seen", async () => {
    phase = "Completed";
    previous = { branch: "main", commit: "0eb121be", subject: "web 1" };
    const args = ["rollout", "undo", "--generation", "99"];
    const { code, err } = await runCommand(hub, args, ["y"]);
    expect(code).toBe(3);
    expect(err).toContain("default is at generation 7 now, not at 99");
    expect(err).not.toContain("[y/N]");
    expect(decisions()).toEqual([]);
  });

  it("asks nobody to undo what is Halted, or where there is nothing to go back to", async () => {
    previous = { branch: "main", commit: "0eb121be", subject: "web 1" };
    phase = "Halted";
    expect((await runCommand(hub, ["rollout", "undo"])).code).toBe(0);
    [phase, previous] = ["Completed", null];
    expect((await runCommand(hub, ["rollout", "undo"])).code).toBe(0);
    expect(decisions()).toHaveLength(2);
  });
});
