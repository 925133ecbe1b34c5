import {
  type AssignmentVersion,
  type BundleName,
  type Digest,
  type Envelope,
  type SignedEnvelope,
  compareVersions,
} from "@wheelhouse/assignment";
import { type AssignmentMark } from "@wheelhouse/protocol";

/** How a bundle stands in a cluster. */
export interface LiveBundle {
  readonly digest: Digest;
  /** From when on it is Ready; never for one that is not well. */
  readonly readyAtMs: number;
  /** From when on it is Failed. */
  readonly failedAtMs: number;
}

/** What an assignment is in the simulation: the bytes are a name, and the names are listed. */
export interface Acknowledged {
  readonly mark: AssignmentMark;
  readonly signed: SignedEnvelope;
  readonly envelope: Envelope;
}

/** A Kubernetes cluster: what is durable in it, and what is true of it. */
export class SimulatedCluster {
  readonly name: string;
  readonly uid: string;
  readonly kubeSystemUid: string;
  readonly env: string;
  acknowledged: Acknowledged | null = null;
  readonly bundles = new Map<BundleName, LiveBundle>();
  /** Until when its API server refuses, or does not answer. */
  refusesUntilMs = 0;
  /** The root that it took up and has not been Ready at yet; null where it has. */
  unsettledRoot: Digest | null = null;
  /** A restore from a backup put it where it is, and no rollout. */
  isDisturbed = false;
  /** The versions at which it was Ready as a whole, once. */
  wasReadyAt = new Set<string>();
  /** How many copies of it run elsewhere and speak in its name. */
  copies = 0;

  constructor(options: {
    name: string;
    uid: string;
    kubeSystemUid: string;
    env: string;
  }) {
    this.name = options.name;
    this.uid = options.uid;
    this.kubeSystemUid = options.kubeSystemUid;
    this.env = options.env;
  }

  /** Moves the ratchet's Secret by its resourceVersion: false where it says something newer or else. */
  acknowledge(next: Acknowledged): boolean {
    const held = this.acknowledged;
    if (held !== null && compareVersions(next.mark, held.mark) <= 0)
      return false;
    this.acknowledged = next;
    const isNew = held?.mark.root !== next.mark.root;
    if (isNew || this.unsettledRoot !== null)
      this.unsettledRoot = next.mark.root;
    return true;
  }

  isReady(name: BundleName, digest: Digest, nowMs: number): boolean {
    const bundle = this.bundles.get(name);
    return bundle?.digest === digest && bundle.readyAtMs <= nowMs;
  }

  /** Whether all that it acknowledged is applied and Ready. */
  isWhole(nowMs: number): boolean {
    const bundles = this.acknowledged?.envelope.bundles ?? [];
    return bundles.every(({ spec, digest }) =>
      this.isReady(spec.name, digest, nowMs),
    );
  }

  /** Notes that it is Ready, where it is. */
  settle(nowMs: number): void {
    if (this.acknowledged === null || !this.isWhole(nowMs)) return;
    this.wasReadyAt.add(versionText(this.acknowledged.mark));
    this.unsettledRoot = null;
    this.isDisturbed = false;
  }

  /** Everything in it as it is now: etcd's snapshot. */
  snapshot(): () => void {
    const { acknowledged, unsettledRoot } = this;
    const bundles = [...this.bundles];
    return () => {
      this.acknowledged = acknowledged;
      this.unsettledRoot = unsettledRoot;
      this.bundles.clear();
      for (const [name, bundle] of bundles) this.bundles.set(name, bundle);
      this.isDisturbed = true;
    };
  }
}

/** A version as a word. */
export function versionText({ epoch, seq }: AssignmentVersion): string {
  return `${epoch}/${seq}`;
}
