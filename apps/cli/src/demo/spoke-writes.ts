import { setTimeout as delay } from "node:timers/promises";
import { type ClusterWrite, isOfSpoke } from "@wheelhouse/local-fleet";
import { type Scene, clusterOf } from "./scene.ts";

/** Longer than anything that a spoke puts off to write it together. */
const quietMs = 2_000;

const patienceMs = 120_000;

/** What the spokes of some clusters have written so far, by the API servers' own records: a cluster and what, each. */
export async function listSpokeWrites(
  scene: Scene,
  names: readonly string[],
): Promise<readonly string[]> {
  const lists = await Promise.all(
    names.map(async (name) => {
      const writes = await clusterOf(scene, name).writes();
      return writes
        .filter(isOfSpoke)
        .map((write) => `${name}: ${formatWrite(write)}`);
    }),
  );
  return lists.flat();
}

/** The same, once nothing more comes: what a former act still had to write (an Event, a record) is not the next one's. */
export async function settleSpokeWrites(
  scene: Scene,
  names: readonly string[],
): Promise<readonly string[]> {
  const settle = async () => {
    const end = Date.now() + patienceMs;
    let before = await listSpokeWrites(scene, names);
    while (Date.now() < end) {
      await delay(quietMs);
      const now = await listSpokeWrites(scene, names);
      if (now.length === before.length) return now;
      before = now;
    }
    throw new Error(`${names.join(", ")}: the spokes do not come to rest`);
  };
  return scene.narrator.waiting("the clusters are at rest", settle());
}

/** Throws, naming them, where there are writes since `before`; returns how many there are: none. */
export async function requireNoWrites(
  scene: Scene,
  names: readonly string[],
  before: readonly string[],
): Promise<number> {
  const now = await listSpokeWrites(scene, names);
  const unseen = [...before];
  const writes = now.filter((write) => {
    const place = unseen.indexOf(write);
    if (place >= 0) unseen.splice(place, 1);
    return place < 0;
  });
  if (writes.length > 0) {
    throw new Error(
      `${writes.length} writes that should not be:\n${writes.join("\n")}`,
    );
  }
  return writes.length;
}

function formatWrite({ verb, path, subresource }: ClusterWrite): string {
  return `${verb} ${path}${subresource === "" ? "" : ` (${subresource})`}`;
}
