/** Verdicts in the order in which the first that holds wins. */
export const verdicts = [
  "Unreachable",
  "Stale",
  "Held",
  "Degraded",
  "Drifted",
  "Progressing",
  "Converged",
] as const;

/** What we say of a bundle or a cluster; always shown with its age and its root. */
export type Verdict = (typeof verdicts)[number];

/** A session without a heartbeat for this long makes its cluster Stale. */
export const staleAfterMs = 45_000;

/** A cluster without a session for this long is Unreachable. */
export const unreachableAfterMs = 300_000;

/** How long ago a cluster was last heard from. Null: never. */
export interface Contact {
  /** Milliseconds since a session was last open; 0 while one is. */
  readonly sessionAgeMs: number | null;
  /** Milliseconds since the last heartbeat. */
  readonly heartbeatAgeMs: number | null;
}

/** What a bundle's report says, as a verdict needs it. */
export interface BundleFlags {
  readonly held: boolean;
  readonly failed: boolean;
  /** Open or blocked drift. */
  readonly drifted: boolean;
  readonly driftMode: "enabled" | "warn" | "disabled";
  readonly ready: boolean;
}

/** A verdict with what it is about and how old the word is. */
export interface JudgedVerdict {
  readonly verdict: Verdict;
  /** The root that the report was about; null before the first report. */
  readonly root: string | null;
  /** Milliseconds since the report; null before the first. */
  readonly ageMs: number | null;
}

/** What a verdict is judged from: contact, and the root and age of the report. */
export interface VerdictBasis {
  readonly contact: Contact;
  readonly root: string | null;
  readonly ageMs: number | null;
}

/** The verdict of one bundle. `flags` is null where no report has come yet: Progressing, when the cluster is heard from. */
export function computeBundleVerdict(
  basis: VerdictBasis,
  flags: BundleFlags | null,
): JudgedVerdict {
  return judge(basis, contactVerdict(basis.contact) ?? flagVerdict(flags));
}

/** The verdict of one cluster: the worst of its bundles. Without a root it is Progressing; with one and no bundles, Converged. */
export function computeClusterVerdict(
  basis: VerdictBasis,
  bundles: readonly Verdict[],
): JudgedVerdict {
  const settled = basis.root === null ? "Progressing" : "Converged";
  return judge(
    basis,
    contactVerdict(basis.contact) ?? worstVerdict([...bundles, settled]),
  );
}

/** The verdict that comes first in `verdicts`; Converged for none. */
export function worstVerdict(list: readonly Verdict[]): Verdict {
  return verdicts.find((verdict) => list.includes(verdict)) ?? "Converged";
}

function judge(basis: VerdictBasis, verdict: Verdict): JudgedVerdict {
  return { verdict, root: basis.root, ageMs: basis.ageMs };
}

function contactVerdict(contact: Contact): Verdict | undefined {
  const { sessionAgeMs, heartbeatAgeMs } = contact;
  if (sessionAgeMs === null || sessionAgeMs >= unreachableAfterMs) {
    return "Unreachable";
  }
  return heartbeatAgeMs === null || heartbeatAgeMs >= staleAfterMs
    ? "Stale"
    : undefined;
}

function flagVerdict(flags: BundleFlags | null): Verdict {
  if (flags === null) return "Progressing";
  if (flags.held) return "Held";
  if (flags.failed) return "Degraded";
  if (flags.drifted && flags.driftMode !== "disabled") return "Drifted";
  return flags.ready ? "Converged" : "Progressing";
}
