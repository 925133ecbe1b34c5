import { type BundleView, type ClusterView } from "@wheelhouse/rest-api";
import { formatAge } from "../time/age.ts";
import { bundleName, count, formatObject, shortId } from "../verdict/names.ts";

/** The times that ages count to, ms since 1970. */
export interface Times {
  readonly now: number;
  /** For the age of what was last heard: see `reportsNow`. */
  readonly heard: number;
}

/** How many objects a sentence names before it only counts them. */
const namedObjects = 3;

/** A cell of the matrix in words: what a sign, a number and a shade say together. */
export function describeBundle(
  cluster: ClusterView,
  bundle: BundleView,
  times: Times,
): string {
  const { ready, total } = bundle.objects;
  const sentences = [
    `${bundleName(bundle.bundle)} on ${cluster.name}: ${bundle.verdict} for ${formatAge(bundle.since, times.now)} at ${shortId(bundle.commit)}`,
    bundle.message,
    `${ready} of ${count(total, "object")} Ready${describeNotReady(bundle)}`,
    describeSuspension(bundle),
    describeHeard(cluster, times.heard),
  ];
  return joinSentences(sentences);
}

/** A cluster of the matrix in words. */
export function describeCluster(cluster: ClusterView, times: Times): string {
  const { assignment } = cluster;
  const converged = cluster.bundles.filter(
    ({ verdict }) => verdict === "Converged",
  ).length;
  return joinSentences([
    `${cluster.name}: ${cluster.verdict} for ${formatAge(cluster.since, times.now)}${assignment === null ? "" : ` at ${shortId(assignment.commit)}, root ${shortId(assignment.root)}`}`,
    cluster.message,
    `${converged} of ${count(cluster.bundles.length, "bundle")} Converged`,
    describeSuspension(cluster),
    describeHeard(cluster, times.heard),
  ]);
}

/** The message says it mostly, with what resumes it. */
function describeSuspension(of: {
  readonly suspended: boolean;
  readonly message: string;
}): string {
  return of.suspended && !of.message.includes("suspended") ? "suspended" : "";
}

/** When the cluster last spoke, and so how old all of this may be. */
export function describeHeard(cluster: ClusterView, now: number): string {
  if (cluster.phase === "Pending") return "has never joined";
  return cluster.spoke.lastHeard === null
    ? "not heard of since the hub started"
    : `heard ${formatAge(cluster.spoke.lastHeard, now)} ago`;
}

function describeNotReady({ notReady }: BundleView): string {
  if (notReady.length === 0) return "";
  const named = notReady
    .slice(0, namedObjects)
    .map(({ object, status }) => `${formatObject(object)} (${status})`);
  const rest = notReady.length - named.length;
  return `, not ${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function joinSentences(sentences: readonly string[]): string {
  return `${sentences.filter((text) => text !== "").join(". ")}.`;
}
