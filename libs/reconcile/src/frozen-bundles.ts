import { type BundleName, compareVersions } from "@wheelhouse/assignment";
import { type BundleRecord, type BundleRecords } from "@wheelhouse/kube-apply";
import { type AssignmentMark } from "@wheelhouse/protocol";
import { type AcknowledgedAssignment } from "./reconciler-options.ts";

/** Which bundles were suspended by the newest assignment that had them: what leaves suspended is not deleted, unless a later assignment releases it. Durable in their records. */
export class FrozenBundles {
  readonly #records: BundleRecords;
  /** What the assignments of this process said; one that left keeps its last word. */
  readonly #said = new Map<BundleName, boolean>();

  #heeded: AssignmentMark | undefined;

  constructor(records: BundleRecords) {
    this.#records = records;
  }

  /** Takes the word of an acknowledged assignment, in memory alone; an older one than the last has no say. */
  heed({
    envelope,
    mark,
  }: Pick<AcknowledgedAssignment, "envelope" | "mark">): void {
    const last = this.#heeded;
    if (last !== undefined && compareVersions(mark, last) < 0) return;
    this.#heeded = mark;
    for (const { spec } of envelope.bundles) {
      const { name, suspend } = spec;
      if (suspend || this.has(name)) this.#said.set(name, suspend);
    }
    for (const name of envelope.released ?? []) {
      if (this.has(name)) this.#said.set(name, false);
    }
  }

  /** Whether a bundle is suspended, or was when it left. */
  has(name: BundleName): boolean {
    const said = this.#said.get(name);
    return said ?? this.#records.get(name)?.isSuspended === true;
  }

  /** Makes durable what is not; no request where nothing changed. Throws `KubeError` where it cannot be, and what `requireNewest` throws. */
  async write(requireNewest: () => Promise<void>): Promise<void> {
    const changes = [...this.#said].filter(([name, isSuspended]) => {
      const record = this.#records.get(name);
      return record !== undefined && isMarked(record) !== isSuspended;
    });
    if (changes.length === 0) return;
    await requireNewest();
    await this.#records.update(
      new Map(
        changes.map(([name, isSuspended]) => [
          name,
          (current) => marked(current, isSuspended),
        ]),
      ),
    );
  }

  /** Forgets bundles that left and own nothing any more. */
  forget(names: readonly BundleName[]): void {
    for (const name of names) this.#said.delete(name);
  }
}

function isMarked({ isSuspended }: BundleRecord): boolean {
  return isSuspended === true;
}

function marked(
  current: BundleRecord | undefined,
  isSuspended: boolean,
): BundleRecord | undefined {
  if (current === undefined || isMarked(current) === isSuspended) {
    return current;
  }
  const { isSuspended: _, ...record } = current;
  return isSuspended ? { ...record, isSuspended } : record;
}
