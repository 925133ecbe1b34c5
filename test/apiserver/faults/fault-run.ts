import { type FailpointName } from "@wheelhouse/kube-apply";
import { type KubeObject } from "@wheelhouse/kube-object";
import {
  type ApiFaultProxy,
  type SetFault,
  startApiFaultProxy,
} from "@wheelhouse/testing";
import { expect, vi } from "vitest";
import { type TestCluster } from "../engine/test-cluster.ts";
import {
  type TestEngine,
  type TestEngineOptions,
} from "../engine/test-engine.ts";
import { type FaultRow } from "./fault-table.ts";
import { type Fixture } from "./fixtures.ts";
import {
  inventoryKeys,
  isReady,
  judge,
  keyOf,
  objectsOf,
  within,
} from "./judgement.ts";
import { fastClock, usualSpeed } from "./fast-clock.ts";

/** What one fault made of one fixture; anything else fails its test. */
export type FaultResult =
  /** It struck, nothing broke, and the cluster ended as it should. */
  | "converged"
  /** The fixture makes no request that the fault would strike. */
  | "not met";

/** What is kept for the page. */
export interface FaultRecord {
  readonly fault: string;
  readonly row: string;
  readonly fixture: string;
  readonly result: FaultResult;
}

interface Run {
  readonly cluster: TestCluster;
  readonly fixture: Fixture;
  /** Of the names of all objects. */
  readonly prefix: string;
}

/** Brings a cluster through a fixture while a fault lasts, and holds everything that was written against the invariants. */
export async function runFault(run: Run, row: FaultRow): Promise<FaultResult> {
  const proxy = await startApiFaultProxy(run.cluster.kubeconfig());
  const start = () =>
    persist(() =>
      startThrough(run.cluster, proxy, {
        clock: fastClock(row.speed ?? usualSpeed),
        ...(row.timeoutMs === undefined ? {} : { timeoutMs: row.timeoutMs }),
      }),
    );
  try {
    let engine = await bringBefore(run, await start());
    if (row.meetsStart === true) {
      // A list that is to be stale later must have been asked for once.
      await engine.stop();
    }
    const fault = proxy.set(row.rule);
    if (row.meetsStart === true) engine = await start();
    const second = row.hasTwoSpokes === true ? await start() : undefined;
    await assignAfter(run, engine);
    await second?.resume();
    await whenCeased(run, row, fault, [engine]);
    await whenConverged(run, [engine, ...(second ? [second] : [])]);
    await checkAll(run, [engine, ...(second ? [second] : [])]);
    return fault.struck() > 0 ? "converged" : "not met";
  } finally {
    await proxy.close();
  }
}

/** Kills a spoke at a failpoint on its way through a fixture, starts another, and holds everything that was written against the invariants. */
export async function runCrash(
  run: Run,
  name: FailpointName,
): Promise<FaultResult> {
  const { cluster } = run;
  const clock = fastClock(usualSpeed);
  const first = await bringBefore(run, await cluster.startEngine({ clock }));
  await first.stop();
  const dying = await cluster.startEngine({
    clock,
    dieAt: { name, passing: 1 },
  });
  await dying.resume();
  const after = run.fixture.after(run.prefix);
  const assigned = dying
    .assign(after, { seq: 2 })
    .catch((error: unknown) => error);
  await vi.waitFor(async () => {
    if (dying.isDead()) return;
    expect(isAtEnd(run, dying)).toBe(true);
    expect(await leftovers(run)).toEqual([]);
  }, within);
  if (!dying.isDead()) await assigned;
  const hasDied = dying.isDead();
  await dying.stop();
  const again = await cluster.startEngine({ clock });
  await again.resume();
  await assignAfter(run, again);
  await whenConverged(run, [again]);
  await checkAll(run, [again]);
  return hasDied ? "converged" : "not met";
}

function startThrough(
  cluster: TestCluster,
  proxy: ApiFaultProxy,
  options: Partial<TestEngineOptions>,
): Promise<TestEngine> {
  return cluster.startEngine({
    kubeconfig: proxy.kubeconfig,
    ...options,
  });
}

/** As the pod of a spoke is: what ends at its start is started again. */
function persist<T>(act: () => Promise<T>): Promise<T> {
  return vi.waitFor(act, { ...within, interval: 50 });
}

async function bringBefore(run: Run, engine: TestEngine): Promise<TestEngine> {
  const before = run.fixture.before(run.prefix);
  if (before === undefined) return engine;
  await engine.assign(before, { seq: 1 });
  await vi.waitFor(() => expect(isReady(engine, before)).toBe(true), within);
  return engine;
}

/** A hub offers an assignment until it is acknowledged. */
async function assignAfter(
  { fixture, prefix }: Run,
  engine: TestEngine,
): Promise<void> {
  await persist(() => engine.assign(fixture.after(prefix), { seq: 2 }));
}

/** The fault strikes as often as it is told, or until the fixture is through without meeting it. */
async function whenCeased(
  run: Run,
  row: FaultRow,
  fault: SetFault,
  engines: readonly TestEngine[],
): Promise<void> {
  const enough = row.rule.times ?? row.ceasesAfter ?? 1;
  await vi.waitFor(async () => {
    if (fault.struck() >= enough) return;
    await expectConverged(run, engines);
  }, within);
  fault.cease();
}

function isAtEnd({ fixture, prefix }: Run, engine: TestEngine): boolean {
  return isReady(engine, fixture.after(prefix)) && engine.isIdle();
}

async function expectConverged(
  run: Run,
  engines: readonly TestEngine[],
): Promise<void> {
  for (const engine of engines) {
    const reports = run.fixture
      .after(run.prefix)
      .map(({ name }) => engine.report(name));
    expect({ isAtEnd: isAtEnd(run, engine), reports }).toMatchObject({
      isAtEnd: true,
    });
  }
  expect(await leftovers(run)).toEqual([]);
  // What is gone stays recorded until the spoke has seen that it is gone.
  expect(await inventoryKeys(run.cluster)).toEqual(wantedKeys(run));
}

async function whenConverged(
  run: Run,
  engines: readonly TestEngine[],
): Promise<void> {
  await vi.waitFor(() => expectConverged(run, engines), within);
}

/** Objects that had left the assignment and are still there. */
async function leftovers(run: Run): Promise<readonly string[]> {
  const wanted = new Set(objectsOf(run.fixture.after(run.prefix)).map(keyOf));
  const before = run.fixture.before(run.prefix) ?? [];
  const leaving = objectsOf(before).filter(
    (object) => !wanted.has(keyOf(object)),
  );
  const left: string[] = [];
  for (const object of leaving) {
    const live = await run.cluster.get(pathOf(object));
    if (live !== undefined) left.push(keyOf(object));
  }
  return left;
}

/** The writes that were made, quiescence, and what carries our mark. */
function checkAll(run: Run, engines: readonly TestEngine[]): Promise<void> {
  const { cluster, fixture, prefix } = run;
  const assignments = new Map([
    [1, fixture.before(prefix) ?? []],
    [2, fixture.after(prefix)],
  ]);
  return judge(
    { cluster, prefix, assignments, wanted: wantedKeys(run) },
    engines,
  );
}

function wantedKeys({ fixture, prefix }: Run): readonly string[] {
  return objectsOf(fixture.after(prefix)).map(keyOf).sort();
}

function pathOf(object: KubeObject): string {
  const resource = `${object.kind.toLowerCase()}s`;
  return `/api/v1/namespaces/default/${resource}/${object.metadata.name}`;
}
