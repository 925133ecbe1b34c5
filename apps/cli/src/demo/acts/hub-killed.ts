import { isSettled } from "../fleet-facts.ts";
import { editBackend, readImage, waitForImage } from "../live-backend.ts";
import { formatSeconds } from "../seconds.ts";
import { type Scene, clusterNames, clusterOf, until } from "../scene.ts";
import { requireNoWrites, settleSpokeWrites } from "../spoke-writes.ts";

const place = "prod-us-1";

/** Act 5. Returns what was written in all clusters because the hub came back: rejects where it is not nothing. */
export async function playHubKilled(scene: Scene): Promise<number> {
  const { world, narrator } = scene;
  narrator.act(
    "The hub is killed",
    "Without a hub nothing is rolled out, but every cluster keeps itself as it was told.",
  );
  const cluster = clusterOf(scene, place);
  const wanted = await readImage(cluster);
  await world.killHub();
  const began = Date.now();
  await editBackend(cluster);
  await narrator.waiting(
    `${place} heals the edit by itself`,
    waitForImage(cluster, wanted),
  );
  narrator.say(
    `Drift on ${place} healed in ${formatSeconds(Date.now() - began)}, with no hub.`,
  );
  const before = await settleSpokeWrites(scene, clusterNames);
  const restarted = new Date().toISOString();
  await narrator.waiting("the hub starts again", world.startHub());
  await until(
    scene,
    "the spokes dial the hub again, each at a moment of its own",
    (view) =>
      view.now > restarted &&
      isSettled(view) &&
      view.clusters.every(({ spoke }) => spoke.connected),
  );
  const writes = await requireNoWrites(scene, clusterNames, before);
  narrator.conclude(
    "Back again: the hub learnt the fleet from its spokes, and nothing was written in any cluster.",
  );
  return writes;
}
