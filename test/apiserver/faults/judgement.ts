import {
  type KubeObject,
  objectIdOf,
  objectKey,
} from "@wheelhouse/kube-object";
import { type Expectation, checkWrites } from "@wheelhouse/testing";
import { expect, vi } from "vitest";
import { type TestCluster, changes } from "../engine/test-cluster.ts";
import { type TestBundle, type TestEngine } from "../engine/test-engine.ts";
import { recordsIn } from "./write-kinds.ts";

/** What spokes were told, and what is to be there in the end. */
export interface JudgedWork extends Omit<
  Expectation,
  "fleet" | "assignments" | "createNamespaces"
> {
  readonly cluster: TestCluster;
  /** Of the names of all objects. */
  readonly prefix: string;
  readonly assignments: ReadonlyMap<number, readonly TestBundle[]>;
  /** Keys of the objects that are ours in the end, sorted. */
  readonly wanted: readonly string[];
}

/** How long something may take to come true on a machine that is busy. */
export const within = { timeout: 60_000, interval: 20 };

/** Holds the writes that were made, quiescence, and what carries our mark against the invariants of `docs/faults.md`. */
export async function judge(
  work: JudgedWork,
  engines: readonly TestEngine[],
): Promise<void> {
  const { cluster, prefix, assignments, wanted, ...permitted } = work;
  const written = (await cluster.writes()).length;
  for (const engine of engines) engine.reconcileNow("");
  await vi.waitFor(
    () => expect(engines.every((engine) => engine.isIdle())).toBe(true),
    within,
  );
  const later = (await cluster.writes()).slice(written);
  expect(changes(later), "S9: writes with nothing to do").toEqual([]);
  const violations = checkWrites(await cluster.trace(), {
    ...permitted,
    fleet: "demo",
    createNamespaces: new Set([`${prefix}-space`]),
    assignments: new Map(
      [...assignments].map(([seq, bundles]) => [
        seq,
        bundles.map(({ name, objects }) => ({ name, objects: objects ?? [] })),
      ]),
    ),
  });
  expect(violations).toEqual([]);
  expect(await inventoryKeys(cluster), "S21: the inventory").toEqual(wanted);
  expect(await markedKeys(cluster, prefix), "S21: what is marked").toEqual(
    wanted,
  );
}

/** The keys of all that is in the durable inventory, sorted. */
export async function inventoryKeys(
  cluster: TestCluster,
): Promise<readonly string[]> {
  return [...(await readShards(cluster))]
    .filter(([name]) => name.startsWith("wheelhouse-inventory-"))
    .flatMap(([, shard]) => [...recordsIn(shard).keys()])
    .sort();
}

/** The ConfigMaps that a spoke keeps records in, by name. */
export async function readShards(
  cluster: TestCluster,
): Promise<ReadonlyMap<string, KubeObject>> {
  const list = await cluster.get(
    "/api/v1/namespaces/wheelhouse-system/configmaps",
  );
  return new Map(itemsOf(list).map((item) => [item.metadata.name, item]));
}

async function markedKeys(
  cluster: TestCluster,
  prefix: string,
): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const [resource, kind] of [
    ["configmaps", "ConfigMap"],
    ["serviceaccounts", "ServiceAccount"],
  ]) {
    const list = await cluster.get(
      `/api/v1/namespaces/default/${resource}?labelSelector=fleet.wheelhouse.dev/fleet`,
    );
    for (const { metadata } of itemsOf(list)) {
      const { name } = metadata;
      if (name !== prefix && !name.startsWith(`${prefix}-`)) continue;
      keys.push(`/${kind}/default/${name}`);
    }
  }
  return keys.sort();
}

function itemsOf(list: KubeObject | undefined): readonly KubeObject[] {
  return (list?.["items"] ?? []) as unknown as readonly KubeObject[];
}

/** All objects of bundles. */
export function objectsOf(
  bundles: readonly TestBundle[],
): readonly KubeObject[] {
  return bundles.flatMap(({ objects }) => objects ?? []);
}

/** The key by which the inventory knows an object. */
export function keyOf(object: KubeObject): string {
  return objectKey(objectIdOf(object));
}

/** Whether every bundle that is not suspended is applied at its newest digest and Ready. */
export function isReady(
  engine: TestEngine,
  bundles: readonly TestBundle[],
): boolean {
  return bundles.every(({ name, suspend }) => {
    const report = engine.report(name);
    return (
      suspend === true ||
      (report?.ready === true && report.applied === report.digest)
    );
  });
}
