import { compareVersions } from "@wheelhouse/assignment";
import { type Cluster } from "@wheelhouse/fleet-model";
import {
  type ClusterRecord,
  type Suspension,
  type UnreadableAssignment,
} from "@wheelhouse/hub-store";
import { type ClusterView } from "@wheelhouse/rest-api";
import { nextVersion, numberAdvice } from "@wheelhouse/rollout";

const dayMs = 86_400_000;
/** The whole command that makes a new delegation. */
const delegate = "wheelhouse hub delegate --data DIR --root-key FILE";

/** With fewer days than this left a delegation's end is a notice, which grows in weight; the first that holds. */
const warnings: readonly {
  readonly days: number;
  readonly say: (days: number) => string;
}[] = [
  {
    days: 7,
    say: (days) =>
      `ACT NOW: the delegation ends in ${days} days, and then nothing new is issued`,
  },
  {
    days: 30,
    say: (days) =>
      `the delegation ends in ${days} days, and then nothing new is issued`,
  },
  { days: 60, say: (days) => `the delegation ends in ${days} days` },
];

/** What an operator should know, each in one sentence. */
export function fleetNotices(options: {
  readonly delegationEndMs: number;
  readonly epoch: number;
  readonly nowMs: number;
  readonly records: readonly ClusterRecord[];
  /** As the newest commit has them. */
  readonly clusters: readonly Cluster[];
  readonly suspensions: readonly Suspension[];
  readonly unreadable: readonly UnreadableAssignment[];
  /** The clusters as they are shown, each with the bundles that it was issued. */
  readonly shown: readonly Pick<ClusterView, "name" | "bundles">[];
}): readonly string[] {
  const { records, clusters, suspensions, shown } = options;
  const inGit = new Map(
    clusters
      .filter(({ source }) => source === "git")
      .map((cluster) => [cluster.name, cluster]),
  );
  return [
    ...delegationNotice(options.delegationEndMs - options.nowMs),
    ...records.flatMap((record) => [
      ...numberNotice(record, options.epoch),
      ...damageNotice(record, options.unreadable),
      ...recordNotices(record, inGit.get(record.name)),
    ]),
    ...shown.flatMap((cluster) => suspensionNotices(cluster, suspensions)),
  ];
}

/** A suspension that alone keeps its bundle, or whose bundle is shown nowhere else; none of a cluster that left, or was issued nothing yet. */
function suspensionNotices(
  { name, bundles }: Pick<ClusterView, "name" | "bundles">,
  suspensions: readonly Suspension[],
): readonly string[] {
  if (bundles.length === 0) return [];
  const issued = new Map(bundles.map((one) => [one.bundle, one]));
  return suspensions.flatMap(({ cluster, bundle }) => {
    if (cluster !== name || bundle === null) return [];
    const shown = issued.get(bundle);
    const resume = `wheelhouse resume ${name}/${bundle}`;
    if (shown === undefined) {
      return [
        `${name}: ${bundle} is suspended, and no longer assigned; to have it take part again once it is back: ${resume}`,
      ];
    }
    const { removedIn } = shown;
    return removedIn === undefined
      ? []
      : [
          `${name}: ${bundle} was removed from Git at ${removedIn.slice(0, 8)} while it was suspended, and stays as it is; to let its objects be deleted: ${resume}`,
        ];
  });
}

function delegationNotice(leftMs: number): readonly string[] {
  if (leftMs <= 0) {
    return [
      `the delegation has ended: nothing new is issued or renewed; run ${delegate}`,
    ];
  }
  const days = Math.floor(leftMs / dayMs);
  const warning = warnings.find((one) => days < one.days);
  return warning === undefined ? [] : [`${warning.say(days)}; run ${delegate}`];
}

function numberNotice(record: ClusterRecord, epoch: number): readonly string[] {
  if (record.phase === "Removed") return [];
  const { name } = record;
  const ledger = { epoch, ...record };
  const next = nextVersion(ledger);
  return next.ok
    ? []
    : [`${name}: ${numberAdvice(next.problem, name, ledger)}`];
}

/** Of the newest alone: what was issued after it made up for it. */
function damageNotice(
  { name, issuedNumber }: ClusterRecord,
  unreadable: readonly UnreadableAssignment[],
): readonly string[] {
  return unreadable
    .filter(
      (one) =>
        one.cluster === name &&
        issuedNumber !== null &&
        compareVersions(one, issuedNumber) === 0,
    )
    .map(
      ({ epoch, seq, problem }) =>
        `${name}: assignment ${epoch}/${seq} is damaged in the hub's database, and counts as lost (${problem}); the next commit that changes the cluster issues another`,
    );
}

function recordNotices(
  record: ClusterRecord,
  cluster: Cluster | undefined,
): readonly string[] {
  const { name, phase, source, revokedUids } = record;
  if (cluster === undefined) {
    return source === "api" && phase !== "Removed"
      ? [
          `${name}: known only to the API, and lost with this hub; add a Cluster object to the fleet repo`,
        ]
      : [];
  }
  const missing = revokedUids.filter(
    (uid) => !cluster.revokedUids.includes(uid),
  );
  return missing.length === 0
    ? []
    : [
        `${name}: revocations not yet in Git; add to its spec: ${revokedUidsLine([...cluster.revokedUids, ...missing])}`,
      ];
}

/** The line for `Cluster.spec`, by which a hub rebuilt from Git knows what was revoked. */
export function revokedUidsLine(uids: readonly string[]): string {
  return `revokedUids: [${[...uids].sort().join(", ")}]`;
}
