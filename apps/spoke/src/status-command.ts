import { shortDigest } from "@wheelhouse/assignment";
import { exitCodes, signsFor } from "@wheelhouse/programs";
import { stringify } from "yaml";
import { KubeError } from "@wheelhouse/kube-apply";
import { createKubeClient } from "@wheelhouse/kube-client";
import {
  type BundleInCluster,
  type ClusterState,
  readClusterState,
} from "./cluster-state.ts";
import { type StatusSettings } from "./settings.ts";
import { spokeVersion } from "./version.ts";

/** Prints what a cluster itself tells of its spoke; the result is the exit code: 0, or 1 where a bundle is not Converged, or 3 where the cluster cannot be asked. */
export async function showStatus(settings: StatusSettings): Promise<number> {
  const client = createKubeClient({
    kubeconfig: settings.kubeconfig,
    userAgent: `wheelhouse-spoke-status/${spokeVersion}`,
  });
  try {
    const now = Date.now();
    const state = await readClusterState(client.apply);
    process.stdout.write(
      settings.output === "json"
        ? `${JSON.stringify(state, undefined, 2)}\n`
        : settings.output === "yaml"
          ? stringify(state)
          : formatState(state, now, verdictSigns(process.stdout)),
    );
    const isConverged = state.bundles.every(
      ({ verdict }) => verdict === "Converged",
    );
    return isConverged && state.problems.length === 0
      ? exitCodes.done
      : exitCodes.finding;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const { failed } = signsFor(process.stderr, process.env);
    process.stderr.write(`${failed} ${client.server}: ${error.message}\n`);
    return exitCodes.refused;
  } finally {
    client.close();
  }
}

type VerdictSigns = Readonly<Record<BundleInCluster["verdict"], string>>;

const verdictSigns = (stream: { readonly isTTY?: boolean }): VerdictSigns =>
  signsFor(stream, process.env).verdicts;

/** The table that a person reads: the assignment, then a line for each bundle. */
export function formatState(
  state: ClusterState,
  now: number,
  signs = verdictSigns({}),
): string {
  const { assignment, bundles, problems } = state;
  const head =
    assignment === null
      ? `CLUSTER  ${state.cluster ?? "(not joined)"}  nothing assigned yet\n`
      : `CLUSTER  ${state.cluster ?? "?"}  of fleet ${state.fleet ?? "?"}    ASSIGNMENT  ${assignment.epoch}/${assignment.seq}  root ${shortDigest(assignment.root)}  commit ${assignment.commit.slice(0, 8)}  issued ${ageOf(assignment.issuedAt, now)} ago\n`;
  const rows = bundles.map((bundle) => [
    bundle.bundle,
    `${signs[bundle.verdict]} ${bundle.verdict}`,
    `${bundle.ready}/${bundle.objects.length}`,
    bundle.applied === null ? "-" : shortDigest(bundle.applied),
    bundle.appliedAt === null ? "-" : ageOf(bundle.appliedAt, now),
    noteOf(bundle, now),
  ]);
  const table = formatTable([
    ["BUNDLE", "VERDICT", "READY", "APPLIED", "AGE", "NOTE"],
    ...rows,
  ]);
  const notes = problems.map((problem) => `! ${problem}\n`).join("");
  return `${head}${bundles.length === 0 ? "" : table}${notes}`;
}

/** The note, with the age of what its spoke said. */
function noteOf({ note, trouble }: BundleInCluster, now: number): string {
  return trouble === null || !note.startsWith(trouble.message)
    ? note
    : `${note} (${trouble.reason}, ${ageOf(trouble.at, now)} ago)`;
}

function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** `40s`, `12m`, `3h`, `2d`: how long ago a time was. */
function ageOf(time: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
