import {
  type BundleReport,
  type ObjectNote,
  protocolLimits,
} from "@wheelhouse/protocol";

/** The most that a session's bundles come to, in characters as JSON. Notes of every one at their bounds would be over twenty times that, in the hub's memory. */
export const maxBundleLength = 16 * 2 ** 20;

/** What every bundle has for itself, however many there are: some 3,300 characters. */
const share = Math.floor(maxBundleLength / protocolLimits.bundles);

type Bundles = ReadonlyMap<string, BundleReport>;

/** Leaves a bundle without some of its notes. */
type Cut = (bundle: BundleReport) => BundleReport;

/** One after the other, until it is enough. */
const cuts: readonly Cut[] = [
  (bundle) => cutTo(bundle, share),
  (bundle) => cutTo(bundle, 0),
  (bundle) => ({ ...bundle, notes: [] }),
];

/**
 * Bundles that come to no more than a session may: where they would, the
 * longest are left without their last notes, and say so in one. Undefined
 * where they are over the bound without any.
 */
export function boundBundles(
  bundles: Bundles,
  length: number,
): { readonly bundles: Bundles; readonly length: number } | undefined {
  if (length <= maxBundleLength) return { bundles, length };
  const bound = new Map(bundles);
  let left = length;
  for (const cut of cuts) {
    const longestFirst = [...bound.values()]
      .filter(({ notes }) => notes.length > 0)
      .sort((a, b) => lengthOf(b) - lengthOf(a));
    for (const bundle of longestFirst) {
      const shorter = cut(bundle);
      left += Math.min(0, lengthOf(shorter) - lengthOf(bundle));
      if (lengthOf(shorter) < lengthOf(bundle)) {
        bound.set(bundle.bundle, shorter);
      }
      if (left <= maxBundleLength) return { bundles: bound, length: left };
    }
  }
  return undefined;
}

// Each difference asks for all of them, and they change seldom.
const lengths = new WeakMap<BundleReport, number>();

/** Characters of a bundle's report as JSON. */
export function lengthOf(bundle: BundleReport): number {
  const known = lengths.get(bundle);
  if (known !== undefined) return known;
  const { length } = JSON.stringify(bundle);
  lengths.set(bundle, length);
  return length;
}

/** The first notes, as many as there is room for, and then one that stands for the rest; that one is there in any case. */
function cutTo(bundle: BundleReport, room: number): BundleReport {
  const kept: ObjectNote[] = [];
  let left = room - JSON.stringify({ ...bundle, notes: [] }).length;
  for (const [at, note] of bundle.notes.entries()) {
    left -= JSON.stringify(note).length + 1;
    const next = bundle.notes[at + 1];
    if (next === undefined) break;
    if (left < JSON.stringify(standIn(next)).length) {
      return { ...bundle, notes: [...kept, standIn(note)] };
    }
    kept.push(note);
  }
  return left >= 0
    ? bundle
    : { ...bundle, notes: [...kept, ...bundle.notes.slice(-1).map(standIn)] };
}

function standIn(note: ObjectNote): ObjectNote {
  return {
    ...note,
    message:
      "… this and further notes left out: the cluster reports more than its hub keeps",
  };
}
