import { shortId } from "../../views/status-text.ts";
import { isEverywhere, isSettled } from "../fleet-facts.ts";
import { type Scene, pushImageTag, until } from "../scene.ts";

/** Act 2. Returns the time from the push to the last confirmed cluster, ms. */
export async function playGoodCommit(scene: Scene): Promise<number> {
  const { narrator } = scene;
  narrator.act(
    "A good commit",
    "Somebody pushes a new version. It goes to staging, then to the canary, then to the rest.",
  );
  const began = Date.now();
  const commit = await pushImageTag(scene, "6.9.2");
  await until(
    scene,
    `commit ${shortId(commit, false)} is everywhere`,
    (view) => isSettled(view) && isEverywhere(view, commit),
  );
  const ms = Date.now() - began;
  narrator.conclude(
    `Commit ${shortId(commit, false)} is everywhere, and each wave was healthy before the next began.`,
  );
  return ms;
}
