import {
  type DurableAssignments,
  type ReportSnapshot,
  type SessionPorts,
  type VerifyAssignment,
} from "@wheelhouse/hub-session";
import { type ArtifactStore, type RatchetSecret } from "@wheelhouse/kube-apply";
import { type ClusterCapabilities } from "@wheelhouse/protocol";
import { type ClusterReconciler } from "@wheelhouse/reconcile";
import { verifyAssignment } from "@wheelhouse/trust";
import { type AssignmentTaker } from "./assignment-taker.ts";
import { type SecretIdentity } from "./spoke-identity.ts";

/** Connects a session with the hub to what this cluster keeps and reports. */
export function createSessionPorts(parts: {
  readonly identity: SecretIdentity;
  readonly artifacts: ArtifactStore;
  readonly assignments: RatchetSecret;
  readonly reconciler: ClusterReconciler;
  readonly taker: AssignmentTaker;
  readonly capabilities: () => ClusterCapabilities;
}): SessionPorts {
  const { identity, reconciler, taker } = parts;
  return {
    identity,
    store: storeOf(parts),
    verify: verifierOf(identity),
    capabilities: parts.capabilities,
    readReports: () => snapshotOf(reconciler),
    onAssignment: (envelope, signed) => taker.take(envelope, signed),
    onReconcileRequest: (bundle) => reconciler.reconcileNow(bundle),
  };
}

/** Judges assignments by the pinned root, for this incarnation of the cluster. */
export function verifierOf({
  facts,
}: Pick<SecretIdentity, "facts">): VerifyAssignment {
  return (signed, acknowledged, nowMs) =>
    verifyAssignment({
      signed,
      acknowledged,
      nowMs,
      pin: facts.pin,
      audience: facts.uid,
    });
}

function storeOf({
  artifacts,
  assignments,
  taker,
}: {
  readonly artifacts: ArtifactStore;
  readonly assignments: RatchetSecret;
  readonly taker: Pick<AssignmentTaker, "artifacts" | "readArtifactsAnew">;
}): DurableAssignments {
  const acknowledged = () => taker.artifacts().map(({ digest }) => digest);
  return {
    loadAcknowledged: () => assignments.load(),
    // The acknowledged one is kept as well: perhaps nobody works on it yet.
    missingArtifacts: (digests) => artifacts.missing(digests, acknowledged()),
    lackingArtifacts: async ({ isLooking }) => {
      const lacking = new Set(
        isLooking
          ? await artifacts.missing(acknowledged())
          : artifacts.knownMissing(acknowledged()),
      );
      return taker.artifacts().filter(({ digest }) => lacking.delete(digest));
    },
    putArtifacts: async (fetched) => {
      await artifacts.put(fetched);
      taker.readArtifactsAnew();
    },
    acknowledge: async (signed, mark) =>
      (await assignments.acknowledge(signed, mark)).kind,
  };
}

function snapshotOf(reconciler: ClusterReconciler): ReportSnapshot {
  const { assignment, bundles, drift, pruneHolds } = reconciler.facts();
  return {
    assignment,
    drift,
    pruneHolds,
    bundles: new Map(bundles.map((report) => [report.bundle, report])),
  };
}
