import {
  type BundleView,
  type ClusterView,
  type FleetView,
  type ProblemView,
  type RevisionView,
  type RolloutView,
} from "@wheelhouse/rest-api";
import { formatAge, formatDuration } from "../terminal/age.ts";
import { type Palette } from "../terminal/palette.ts";
import { formatTable, scrubText } from "../terminal/table.ts";
import { formatHeldDeletions } from "./held-deletions.ts";

/** How a list is printed. */
export interface ListLook {
  readonly palette: Palette;
  readonly wide: boolean;
  readonly noHeaders: boolean;
}

/** The first eight digits of a commit or digest; all of them when wide. */
export function shortId(id: string | null, wide: boolean): string {
  if (id === null) return "-";
  return wide ? id : id.replace(/^sha256:/, "").slice(0, 8);
}

/** `wheelhouse status`: revision, rollout, and a line for each cluster. */
export function formatStatus(fleet: FleetView, look: ListLook): string {
  const { rows, beside } = statusParts(fleet, look);
  return joinParts([rows, beside]);
}

/** The same in two: the rows that a program reads, and what a person is told beside them. */
export function statusParts(
  fleet: FleetView,
  look: ListLook,
): { readonly rows: string; readonly beside: string } {
  const rows = [formatHeading(fleet, look), formatClusters(fleet, look)];
  const isLate = ({ reason }: ProblemView) => reason === "LateReference";
  const late = fleet.problems.filter(isLate).length;
  const problems = [
    ...fleet.problems
      .filter((problem) => !isLate(problem))
      .map((problem) => formatProblem(problem, look.palette, fleet)),
    ...(late === 0 ? [] : [formatLate(late)]),
  ];
  const notices = fleet.notices.map((notice) => `! ${scrubText(notice)}\n`);
  const held = formatHeldDeletions(fleet.prunes);
  const beside = [...problems, held, ...notices];
  return { rows: joinParts(rows), beside: joinParts(beside) };
}

function joinParts(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

/** What is meant to be in the clusters alone is no trouble: one line for all of it. */
function formatLate(count: number): string {
  const [are, come] =
    count === 1 ? ["reference", "comes"] : ["references", "come"];
  return `${count} ${are} of substituteFrom ${come} from the cluster, not from Git: wheelhouse validate PATH lists what is asked for\n`;
}

function formatHeading(fleet: FleetView, look: ListLook): string {
  if (look.noHeaders) return "";
  const lines: string[] = [];
  if (fleet.head === null) {
    lines.push(
      `REVISION  none yet: ${fleet.git.lastPolledAt === null ? "asking" : "following"} ${scrubText(fleet.git.url)} ${fleet.git.branch}`,
    );
  } else {
    const { branch, commit, subject, committedAt } = fleet.head;
    lines.push(
      `REVISION  ${branch}@${shortId(commit, look.wide)}  "${scrubText(subject)}"  ${formatAge(committedAt, fleet.now)} ago`,
    );
  }
  if (fleet.refused !== null) {
    lines.push(
      `REFUSED   ${summarizeRefused(fleet, fleet.refused, look.wide)}`,
    );
  }
  for (const rollout of fleet.rollouts) {
    lines.push(`ROLLOUT   ${summarizeRollout(rollout, look.wide)}`);
    const next = approvalStep(rollout) || nextStep(rollout);
    if (next !== "") lines.push(`          ${next}`);
  }
  if (fleet.git.problem !== null) {
    lines.push(`GIT       ${scrubText(fleet.git.problem)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** A newer commit that is not followed: which, why, and what stays. */
function summarizeRefused(
  { head, problems, rollouts }: FleetView,
  { branch, commit, subject }: RevisionView,
  wide: boolean,
): string {
  const found = problems.filter((problem) => problem.commit === commit).length;
  // The head may be a commit that was undone since.
  const rolledOut = rollouts.map(({ revision }) => revision);
  const kept = rolledOut.length === 0 && head !== null ? [head] : rolledOut;
  const names = new Set(kept.map((one) => shortId(one.commit, wide)));
  const stays =
    names.size === 0
      ? "nothing is rolled out"
      : `the fleet stays with ${[...names].join(", ")}`;
  return `${branch}@${shortId(commit, wide)}  "${scrubText(subject)}"  cannot be read (${found} ${found === 1 ? "problem" : "problems"}, below): ${stays}`;
}

/** Going back is no rollout of something new. */
export function phaseText({ phase, returning }: RolloutView): string {
  if (!returning) return phase;
  return phase === "Completed"
    ? "Completed: the fleet is back here"
    : `${phase}: going back`;
}

/** What a person can do about a rollout that does not go on; empty where nothing is to be decided. */
export function nextStep({
  phase,
  name,
  previous,
  revision,
}: RolloutView): string {
  const resume = `wheelhouse rollout resume ${name}`;
  switch (phase) {
    case "Halted": {
      const undo =
        previous === null
          ? ""
          : ` go back to ${shortId(previous.commit, false)}: wheelhouse rollout undo ${name};`;
      return `push a fix;${undo} go on all the same: ${resume}`;
    }
    case "Paused":
      return `go on: ${resume}`;
    case "Blocked":
      return "push a commit that compiles";
    case "Aborted":
      return `push another commit, or ${resume} --revision ${shortId(revision.commit, false)}`;
    case "Progressing":
    case "Completed":
      return "";
  }
}

/** The first wave that is not completed, and its place from 0; null where all are. */
function currentWave({ waves }: RolloutView) {
  const place = waves.findIndex(({ state }) => state !== "completed");
  const wave = waves[place];
  return wave === undefined ? null : { place, wave };
}

/** How a person lets the wave begin that the rollout waits before; empty where it waits for nobody. */
function approvalStep(rollout: RolloutView): string {
  const wave = currentWave(rollout)?.wave;
  return rollout.phase === "Progressing" && wave?.needsApproval === true
    ? `let it begin: wheelhouse rollout approve ${rollout.name} --wave ${wave.name}`
    : "";
}

/** At most so many are named. */
const maxAbsent = 5;

/** Who has not taken what others have, and why; empty where all have. */
export function absentees(waves: RolloutView["waves"]): string {
  const absent = waves.flatMap(({ clusters, notJoined = [] }) => [
    ...clusters
      .filter(({ stage }) => stage !== "confirmed" && stage !== "unchanged")
      .map(({ name, stage }) => `${name} (${stage})`),
    ...notJoined.map((name) => `${name} (waits for its spoke)`),
  ]);
  if (absent.length === 0) return "";
  const rest = absent.length - maxAbsent;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return `; not taken yet by ${absent.slice(0, maxAbsent).join(", ")}${more}`;
}

/** A rollout in one line: where it is, and what it waits for. */
export function summarizeRollout(rollout: RolloutView, wide: boolean): string {
  const current = currentWave(rollout);
  const at = `${rollout.name} @${shortId(rollout.revision.commit, wide)}`;
  if (rollout.phase !== "Progressing" || current === null) {
    const why = rollout.reason === "" ? "" : `: ${scrubText(rollout.reason)}`;
    const absent =
      rollout.phase === "Completed" ? absentees(rollout.waves) : "";
    return `${at}: ${phaseText(rollout)}${why}${absent}`;
  }
  if (rollout.waves.every(({ total }) => total === 0)) {
    return `${at}: waits for the first cluster to join`;
  }
  const { place, wave } = current;
  const goingBack = rollout.returning ? "going back, " : "";
  return `${at}: ${goingBack}wave ${place + 1} of ${rollout.waves.length} (${wave.name}), ${whatWaveDoes(wave)}`;
}

function whatWaveDoes(wave: RolloutView["waves"][number]): string {
  if (wave.needsApproval) return "waits for approval";
  if (wave.total === 0) return "no cluster of it has joined";
  if (wave.state === "soaking") {
    return `soaking ${formatDuration(wave.soakedMs)} of ${formatDuration(wave.soakMs)}`;
  }
  return `${wave.confirmed}/${wave.total} confirmed`;
}

/** The table of clusters. */
export function formatClusters(fleet: FleetView, look: ListLook): string {
  if (fleet.clusters.length === 0) {
    return "no clusters yet: add one with  wheelhouse cluster add NAME\n";
  }
  const headers = [
    "CLUSTER",
    "WAVE",
    "VERDICT",
    "BUNDLES",
    "COMMIT",
    "ROOT",
    "AGE",
    ...(look.wide
      ? ["SEQ", "REPORTED", "REPORT-AGE", "HEARD", "KUBERNETES", "LABELS"]
      : []),
    "NOTE",
  ];
  const rows = fleet.clusters.map((cluster) => [
    cluster.name,
    cluster.wave === "" ? "-" : cluster.wave,
    look.palette.verdict(cluster.verdict),
    countConverged(cluster),
    commitCell(cluster, fleet.rollouts, look.wide),
    shortId(cluster.assignment?.root ?? null, look.wide),
    formatAge(cluster.since, fleet.now),
    ...(look.wide ? wideCells(cluster, fleet.now) : []),
    scrubText(cluster.message),
  ]);
  return formatTable(headers, rows, look);
}

/** The commit that a cluster runs; `->` the one that it is to run, while that differs. One that a commit does not change runs it. */
function commitCell(
  { name, assignment, confirmedCommit = null }: ClusterView,
  rollouts: readonly RolloutView[],
  wide: boolean,
): string {
  const issued = assignment?.commit ?? null;
  // What was confirmed before a repoint ran in the cluster that is gone.
  const before = assignment === null ? null : confirmedCommit;
  const runs = assignment?.applied === true ? issued : before;
  for (const { revision, waves } of rollouts) {
    const found = waves
      .flatMap(({ clusters }) => clusters)
      .find((cluster) => cluster.name === name);
    if (found === undefined) continue;
    const wanted = shortId(revision.commit, wide);
    const isThere = found.stage === "confirmed" || found.stage === "unchanged";
    return isThere || runs === revision.commit
      ? wanted
      : `${shortId(runs, wide)}->${wanted}`;
  }
  return runs === issued
    ? shortId(issued, wide)
    : `${shortId(runs, wide)}->${shortId(issued, wide)}`;
}

function countConverged({ bundles }: ClusterView): string {
  if (bundles.length === 0) return "-";
  const converged = bundles.filter(({ verdict }) => verdict === "Converged");
  return `${converged.length}/${bundles.length}`;
}

function wideCells(cluster: ClusterView, now: string): string[] {
  const { assignment, reportedRoot, reportedAt, spoke, labels } = cluster;
  return [
    assignment === null ? "-" : `${assignment.epoch}.${assignment.seq}`,
    shortId(reportedRoot, true),
    reportedAt === null ? "never" : formatAge(reportedAt, now),
    spoke.lastHeard === null ? "never" : formatAge(spoke.lastHeard, now),
    spoke.kubeVersion === "" ? "-" : spoke.kubeVersion,
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
  ];
}

/** `wheelhouse status CLUSTER`: what is to be said of the cluster itself, its bundles, and the deletions that it holds. */
export function formatCluster(
  { name, verdict, message, bundles }: ClusterView,
  { now, prunes }: Pick<FleetView, "now" | "prunes">,
  look: ListLook,
): string {
  const table = formatBundles(bundles, now, look);
  if (look.noHeaders) return table;
  const head =
    message === ""
      ? ""
      : `${name}  ${look.palette.verdict(verdict)}  ${scrubText(message)}\n`;
  const own = prunes.filter(({ cluster }) => cluster === name);
  return [head, table, formatHeldDeletions(own)]
    .filter((part) => part !== "")
    .join("\n");
}

/** One cluster's bundles, as a table. */
function formatBundles(
  bundles: readonly BundleView[],
  now: string,
  look: ListLook,
): string {
  const headers = ["BUNDLE", "VERDICT", "OBJECTS", "COMMIT", "AGE", "NOTE"];
  const rows = bundles.map((bundle) => [
    bundle.bundle,
    look.palette.verdict(bundle.verdict),
    `${bundle.objects.ready}/${bundle.objects.total}`,
    shortId(bundle.commit, look.wide),
    formatAge(bundle.since, now),
    scrubText(bundle.message),
  ]);
  return formatTable(headers, rows, look);
}

/** A problem with its four parts: what, where, why, what to do. */
export function formatProblem(
  problem: ProblemView,
  palette: Palette,
  fleet: Pick<FleetView, "refused" | "clusters">,
): string {
  const { file, line } = problem;
  const where =
    file === undefined ? "" : line === undefined ? file : `${file}:${line}`;
  const stay = formatConsequence(problem, fleet);
  const isError = problem.severity === "error";
  const head = palette.paint(
    isError ? "bad" : "odd",
    `${isError ? palette.signs.failed : "!"} ${scrubText(problem.subject)}: ${problem.reason}${stay}`,
  );
  const body = [where, scrubText(problem.message)].filter((x) => x !== "");
  const advice =
    problem.advice === undefined ? "" : `\n  ${scrubText(problem.advice)}\n`;
  return `${head}\n\n  ${body.join("\n  ")}\n${advice}`;
}

/** What a problem holds: what a cluster has may itself be bad, and it may have nothing yet. */
function formatConsequence(
  { commit, clusters: held }: ProblemView,
  { refused, clusters }: Pick<FleetView, "refused" | "clusters">,
): string {
  if (commit !== undefined && commit === refused?.commit) {
    return `; ${shortId(commit, false)} is not followed, and every cluster stays as it is`;
  }
  const isNew = (name: string) =>
    clusters.some((one) => one.name === name && one.assignment === null);
  const say = (names: readonly string[], one: string, many: string) =>
    names.length === 0
      ? ""
      : `; ${names.join(", ")} ${names.length === 1 ? one : many}`;
  return (
    say(
      held.filter((name) => !isNew(name)),
      "stays at what it has",
      "stay at what they have",
    ) +
    say(
      held.filter(isNew),
      "has nothing yet, and gets nothing until this is mended",
      "have nothing yet, and get nothing until this is mended",
    )
  );
}
