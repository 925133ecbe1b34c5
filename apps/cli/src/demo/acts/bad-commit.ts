import { formatSeconds } from "../seconds.ts";
import { isEverywhere, isSettled, rolloutOf } from "../fleet-facts.ts";
import { type Scene, productionNames, pushImageTag, until } from "../scene.ts";
import { requireNoWrites, settleSpokeWrites } from "../spoke-writes.ts";

/** What act 3 measured. */
export interface BadCommitFigures {
  /** From the push to the halt. */
  readonly stoppedMs: number;
  /** What production's spokes wrote from the push to the end of the undo. */
  readonly productionWrites: number;
}

/** Act 3. Rejects where production was touched. */
export async function playBadCommit(scene: Scene): Promise<BadCommitFigures> {
  const { world, fleet, narrator } = scene;
  narrator.act(
    "A bad commit",
    "The next version never becomes Ready. It must stop at staging.",
  );
  const good = rolloutOf(fleet.latest())?.revision.commit ?? "";
  const before = await settleSpokeWrites(scene, productionNames);
  const began = Date.now();
  const commit = await pushImageTag(scene, "6.10.0-bad");
  const halted = await until(scene, "the rollout halts", (view) => {
    const rollout = rolloutOf(view);
    return rollout?.revision.commit === commit && rollout.phase === "Halted";
  });
  const stoppedMs = Date.now() - began;
  await requireNoWrites(scene, productionNames, before);
  narrator.say(
    `Halted at staging: ${rolloutOf(halted)?.reason ?? ""}. Nothing was written in production.`,
  );
  narrator.say("wheelhouse rollout undo");
  await world.client.actOnRollout("default", "undo");
  await until(
    scene,
    "staging is back",
    (view) => isSettled(view) && isEverywhere(view, good),
  );
  const productionWrites = await requireNoWrites(
    scene,
    productionNames,
    before,
  );
  narrator.conclude(
    `Stopped after ${formatSeconds(stoppedMs)}; undone, and the commit stays rejected whatever restarts.`,
  );
  return { stoppedMs, productionWrites };
}
