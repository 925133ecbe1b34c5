import { type ClusterView } from "@wheelhouse/rest-api";
import { type LocalCluster, askKube, isOfSpoke } from "@wheelhouse/local-fleet";
import { shortId } from "../../views/status-text.ts";
import {
  type FirstWrite,
  findOutOfOrder,
  orderOfBundles,
} from "../bundle-order.ts";
import { clusterView, isSettled } from "../fleet-facts.ts";
import { formatSeconds } from "../seconds.ts";
import { type Scene, until } from "../scene.ts";

/** What act 6 measured. */
export interface RecoveryFigures {
  /** From the cluster's death to all Ready on the new one. */
  readonly recoveredMs: number;
  /** The bundles in the order in which the new cluster's API server recorded them. */
  readonly order: readonly string[];
}

const place = "prod-eu-1";

/** What the spoke keeps for itself there comes and goes, and is no bundle's. */
const spokeNamespace = "wheelhouse-system";

/** Where a bundle's name stands on what it owns: after the fleet's. */
const ownerAnnotation = "fleet.wheelhouse.dev/owner";

/** Act 6. Rejects where the new cluster has another root, or came up in another order. */
export async function playDeadCluster(scene: Scene): Promise<RecoveryFigures> {
  const { world, fleet, narrator } = scene;
  narrator.act(
    "A cluster dies",
    `${place} is gone with everything in it. A new, empty one takes its place.`,
  );
  const lost = clusterView(fleet.latest(), place)?.confirmedRoot ?? null;
  const began = Date.now();
  await narrator.waiting(`${place} dies`, world.killCluster(place));
  narrator.say(`wheelhouse cluster repoint ${place}`);
  const invitation = await world.client.repointCluster(place);
  const cluster = await narrator.waiting(
    `a new ${place} starts`,
    world.startCluster(invitation),
  );
  const view = await until(
    scene,
    `the new ${place} runs all of it`,
    (now) => isSettled(now) && isReplaced(clusterView(now, place)),
  );
  const recoveredMs = Date.now() - began;
  const found = clusterView(view, place);
  const root = found?.assignment?.root ?? null;
  if (root === null || root !== lost) {
    throw new Error("the new cluster does not have the dead one's root");
  }
  const writes = await listFirstWrites(cluster);
  const wrong = findOutOfOrder(writes, found?.bundles ?? []);
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  const order = orderOfBundles(writes);
  narrator.say(`In this order: ${order.map(shortName).join(", ")}.`);
  narrator.conclude(
    `Recovered in ${formatSeconds(recoveredMs)}, in dependency order, at the dead cluster's root ${shortId(root, false)}.`,
  );
  return { recoveredMs, order };
}

/** A replacement is under way, and all of it is Ready at the new incarnation. */
function isReplaced(cluster: ClusterView | undefined): boolean {
  const repoint = cluster?.repoint ?? null;
  return repoint !== null && repoint.readyAt !== null;
}

function shortName(bundle: string): string {
  return bundle.split("/").at(-1) ?? bundle;
}

interface OwnedObject {
  readonly metadata: {
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** What the spoke wrote first of each object that a bundle owns, as the API server recorded it; whose it is says the object itself. */
async function listFirstWrites(
  cluster: LocalCluster,
): Promise<readonly FirstWrite[]> {
  const paths = (await cluster.writes())
    .filter(
      (write) =>
        isOfSpoke(write) &&
        write.subresource === "" &&
        write.namespace !== spokeNamespace &&
        write.resource !== "events",
    )
    .map(({ path }) => path);
  const objects = await Promise.all(
    [...new Set(paths)].map(async (path) => {
      const object = (await askKube(cluster.access, path)) as OwnedObject;
      const owner = object.metadata.annotations?.[ownerAnnotation] ?? "";
      return { path, bundle: owner.split("/").slice(1).join("/") };
    }),
  );
  return objects.filter(({ bundle }) => bundle !== "");
}
