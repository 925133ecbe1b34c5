import { playBadCommit } from "./acts/bad-commit.ts";
import { playDeadCluster } from "./acts/dead-cluster.ts";
import { type EditFigures, playEditedObject } from "./acts/edited-object.ts";
import { playFirstRollout } from "./acts/first-rollout.ts";
import { playGoodCommit } from "./acts/good-commit.ts";
import { playHubKilled } from "./acts/hub-killed.ts";
import { type Scene } from "./scene.ts";

/** What the story measured and saw, for its last lines and for tests. */
export interface StoryFigures {
  readonly firstReadyMs: number;
  readonly goodCommitMs: number;
  readonly stoppedMs: number;
  readonly productionWrites: number;
  readonly healedMs: number;
  readonly drift: EditFigures["drift"];
  readonly backendWriters: readonly string[];
  readonly writesAfterHubRestart: number;
  readonly recoveredMs: number;
  readonly recoveredOrder: readonly string[];
}

/** Plays the six acts. Rejects where one does not come out as it says. */
export async function playStory(
  scene: Scene,
  startedMs: number,
): Promise<StoryFigures> {
  const firstReadyMs = await playFirstRollout(scene, startedMs);
  const goodCommitMs = await playGoodCommit(scene);
  const { stoppedMs, productionWrites } = await playBadCommit(scene);
  const { healedMs, drift, writers } = await playEditedObject(scene);
  const writesAfterHubRestart = await playHubKilled(scene);
  const { recoveredMs, order } = await playDeadCluster(scene);
  return {
    firstReadyMs,
    goodCommitMs,
    stoppedMs,
    productionWrites,
    healedMs,
    drift,
    backendWriters: writers,
    writesAfterHubRestart,
    recoveredMs,
    recoveredOrder: order,
  };
}
