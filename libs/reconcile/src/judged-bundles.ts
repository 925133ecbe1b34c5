import { type BundleName, type Envelope } from "@wheelhouse/assignment";
import { type Clock } from "@wheelhouse/clock";
import {
  type ApplyPort,
  type ArtifactStore,
  type BundleRecord,
  Limiter,
} from "@wheelhouse/kube-apply";
import { objectKey } from "@wheelhouse/kube-object";
import { type BundleReport, type ObjectNote } from "@wheelhouse/protocol";
import {
  type PlannedBundle,
  artifactsOf,
  planAssignment,
} from "./assignment-plan.ts";
import { reportBundle } from "./bundle-report.ts";
import { unknownState } from "./bundle-state.ts";
import { checkDependencies } from "./dependency-gate.ts";
import { type DependencyState, checkedBundle } from "./dependency-state.ts";
import { healthBasisOf } from "./health-basis.ts";
import { type HealthLook, HealthReader } from "./health-reader.ts";
import { LiveOverlay } from "./live-overlay.ts";

/** What a cluster is judged by without a spoke at work: all of it is durable in the cluster. */
export interface JudgedCluster {
  readonly port: ApplyPort;
  readonly clock: Clock;
  readonly envelope: Envelope;
  readonly artifacts: Pick<ArtifactStore, "getMany">;
  readonly records: ReadonlyMap<BundleName, BundleRecord>;
  readonly signal: AbortSignal;
}

/** One bundle, judged as a spoke at work judges it. */
export interface JudgedBundle {
  readonly report: BundleReport;
  /** The objects that it should have, each as it is now; null where its artifact is missing, damaged or not there. */
  readonly objects: readonly ObjectNote[] | null;
  /** What its first application waits for, in words: `waits for NAME`; null where it is applied, or may be. */
  readonly waitsFor: string | null;
}

/** Objects read at once. */
const readsAtOnce = 10;

/**
 * Judges every bundle of an assignment by the reconciler's own rules, and
 * writes nothing. What only a spoke at work knows is left out: what stopped
 * an application, drift, and the time that a bundle has had to become Ready.
 * Throws `KubeError` where the artifacts cannot be read.
 */
export async function judgeBundles(
  cluster: JudgedCluster,
): Promise<ReadonlyMap<BundleName, JudgedBundle>> {
  const { envelope, artifacts, port, clock } = cluster;
  const bytes = await artifacts.getMany(artifactsOf(envelope));
  const plan = planAssignment(envelope, bytes, objectKey);
  const reader = new HealthReader({
    options: { port, clock },
    // Nothing is in view: every object is read live.
    overlay: new LiveOverlay({ get: () => undefined, isSynced: () => false }),
    limiter: new Limiter(readsAtOnce),
  });
  const states = new Map<BundleName, DependencyState>();
  const looks = new Map<PlannedBundle, HealthLook>();
  for (const planned of inCheckOrder([...plan.bundles.values()])) {
    const { assigned } = planned;
    const { name } = assigned.spec;
    const look = await reader.look({
      planned,
      results: [],
      basis: healthBasisOf(plan, name, cluster.records),
      bundleState: (other) => states.get(other),
      signal: cluster.signal,
    });
    const record = cluster.records.get(name);
    states.set(name, {
      assigned,
      isApplied: record?.applied === assigned.digest,
      isReady: look.health.isReady,
      areChecksReady: look.health.areChecksReady,
    });
    looks.set(planned, look);
  }
  return new Map(
    [...looks].map(([planned, look]) => [
      planned.assigned.spec.name,
      judgeBundle(planned, look, { cluster, states }),
    ]),
  );
}

function judgeBundle(
  planned: PlannedBundle,
  look: HealthLook,
  {
    cluster,
    states,
  }: {
    readonly cluster: JudgedCluster;
    readonly states: ReadonlyMap<BundleName, DependencyState>;
  },
): JudgedBundle {
  const { assigned, desired } = planned;
  const { name, suspend } = assigned.spec;
  const record = cluster.records.get(name);
  const isFirst = states.get(name)?.isApplied === false && !suspend;
  const gate = isFirst
    ? checkDependencies(assigned, (other) => states.get(other))
    : ({ kind: "met" } as const);
  const waitsFor = gate.kind === "waits" ? gate.message : null;
  return {
    report: reportOf({ planned, record, look, cluster, waitsFor }),
    objects: desired === null ? null : look.objects,
    waitsFor,
  };
}

function reportOf({
  planned,
  record,
  look: { health },
  cluster: { clock },
  waitsFor,
}: {
  readonly planned: PlannedBundle;
  readonly record: BundleRecord | undefined;
  readonly look: HealthLook;
  readonly cluster: JudgedCluster;
  readonly waitsFor: string | null;
}): BundleReport {
  return reportBundle({
    planned,
    record,
    state: {
      ...unknownState,
      health,
      held: planned.assigned.spec.held,
      waitsFor: waitsFor ?? "",
    },
    ledger: [],
    before: undefined,
    nowMs: clock.nowMs(),
    monotonicMs: clock.monotonicMs(),
    driftSinceMs: () => undefined,
  });
}

/** Bundles that others check come before those; of a circle, whichever is first. */
function inCheckOrder(
  bundles: readonly PlannedBundle[],
): readonly PlannedBundle[] {
  const byName = new Map(bundles.map((one) => [one.assigned.spec.name, one]));
  const ordered = new Set<PlannedBundle>();
  const begun = new Set<PlannedBundle>();
  const visit = (planned: PlannedBundle): void => {
    if (begun.has(planned)) return;
    begun.add(planned);
    for (const check of planned.assigned.spec.healthChecks) {
      const other = byName.get(checkedBundle(check) ?? "");
      if (other !== undefined) visit(other);
    }
    ordered.add(planned);
  };
  bundles.forEach(visit);
  return [...ordered];
}
