import {
  type AssignedBundle,
  type BundleSpec,
  type Digest,
  type Revision,
  bundleDigest,
  digestOf,
  objectsMediaType,
  rootOf,
} from "@wheelhouse/assignment";
import { type Cluster, type Rollout } from "@wheelhouse/fleet-model";
import {
  type CompiledTarget,
  type CompileProblem,
  type RoundRevision,
} from "@wheelhouse/rollout";

/** How the objects of a bundle fare once they are applied. */
export type Health = "good" | "slow" | "never" | "fails";

/** What a commit does to the fleet. */
export type Flavour =
  | "good"
  | "slow"
  | "never"
  | "fails"
  | "unchanged"
  | "partial"
  | "shrunk"
  | "problem"
  | "back";

/** A compiled commit with its targets. */
export interface Commit extends RoundRevision {
  readonly targets: ReadonlyMap<string, CompiledTarget>;
}

const order: readonly (readonly [string, readonly string[]])[] = [
  ["base", []],
  ["app", ["base"]],
  ["page", ["app"]],
];

/** The fleet's repository: commits, what they are compiled to, and how that fares, which nobody else is told. */
export class FleetRepo {
  readonly commits: Commit[] = [];
  /** By bundle digest. */
  readonly health = new Map<Digest, Health>();
  readonly #built = new Map<string, AssignedBundle[]>();
  readonly #spec: Rollout;
  #contents: Readonly<Record<string, string>> = {
    base: "1",
    app: "0",
    page: "1",
  };
  #before: Readonly<Record<string, string>> = this.#contents;
  #isPartial = false;

  constructor(spec: Rollout) {
    this.#spec = spec;
  }

  /** The newest commit. */
  get head(): Commit | null {
    return this.commits[this.commits.length - 1] ?? null;
  }

  at(commit: string): Commit | null {
    return this.commits.find((c) => c.revision.commit === commit) ?? null;
  }

  /** Pushes a commit; `back` moves the branch to the commit before. */
  push(flavour: Flavour, clusters: readonly Cluster[]): Commit {
    const before = this.commits[this.commits.length - 2];
    if (flavour === "back" && before !== undefined) {
      this.commits.push(this.#compile(before.revision, clusters, []));
      return this.commits[this.commits.length - 1] as Commit;
    }
    const number = this.commits.length + 1;
    const revision = revisionOf(number);
    this.#change(flavour, number);
    const problems: CompileProblem[] =
      flavour === "problem"
        ? [
            {
              reason: "BuildFailed",
              subject: `bundle ${number}`,
              message: "cannot be built",
              clusters: clusters.map(({ name }) => name),
            },
          ]
        : [];
    const commit = this.#compile(revision, clusters, problems);
    this.commits.push(commit);
    return commit;
  }

  #change(flavour: Flavour, number: number): void {
    this.#isPartial = flavour === "partial";
    this.#before = this.#contents;
    const { page: _page, ...withoutPage } = this.#contents;
    switch (flavour) {
      case "unchanged":
        return;
      case "shrunk":
        this.#contents = withoutPage;
        return;
      default: {
        const health = isHealth(flavour) ? flavour : "good";
        this.#contents = {
          ...this.#contents,
          ...(number % 3 === 0 ? { base: `${number} good` } : {}),
          app: `${number} ${health}`,
          page:
            number % 4 === 0
              ? `${number} good`
              : (this.#contents["page"] ?? `${number} good`),
        };
      }
    }
  }

  #compile(
    revision: Revision,
    clusters: readonly Cluster[],
    problems: readonly CompileProblem[],
  ): Commit {
    const known = this.commits.find(
      (c) => c.revision.commit === revision.commit,
    );
    const contents = this.#contents;
    const targets = new Map(
      clusters.map(({ name, labels }) => {
        const isKept = this.#isPartial && labels["env"] === "staging";
        const earlier = known?.targets.get(name);
        const bundles =
          earlier?.bundles ??
          this.#bundles(revision, isKept ? this.#before : contents);
        return [
          name,
          {
            cluster: name,
            ok: true,
            root: rootOnce(bundles),
            revision,
            bundles,
          },
        ];
      }),
    );
    return { revision, rollout: this.#spec, clusters, problems, targets };
  }

  #bundles(
    revision: Revision,
    contents: Readonly<Record<string, string>>,
  ): readonly AssignedBundle[] {
    const key = `${revision.commit} ${JSON.stringify(contents)}`;
    const known = this.#built.get(key);
    if (known !== undefined) return known;
    const built = order.flatMap(([name, dependsOn]) => {
      const content = contents[name];
      if (content === undefined) return [];
      const spec = specOf(name, content, dependsOn);
      const digest = bundleDigest(spec);
      const [, word = "good"] = content.split(" ");
      this.health.set(digest, isHealth(word) ? word : "good");
      return [{ spec, digest, revision }];
    });
    this.#built.set(key, built);
    return built;
  }
}

const roots = new WeakMap<readonly AssignedBundle[], Digest>();

function rootOnce(bundles: readonly AssignedBundle[]): Digest {
  const root = roots.get(bundles) ?? rootOf(bundles);
  roots.set(bundles, root);
  return root;
}

function isHealth(word: string): word is Health {
  return ["good", "slow", "never", "fails"].includes(word);
}

function revisionOf(number: number): Revision {
  const commit = number.toString(16).padStart(8, "0").repeat(5);
  return { commit, lock: digestOf("lock") };
}

function nameOf(short: string): string {
  return `Kustomization/flux-system/${short}`;
}

function specOf(
  short: string,
  content: string,
  dependsOn: readonly string[],
): BundleSpec {
  return {
    name: nameOf(short),
    artifact: {
      digest: digestOf(`${short} ${content}`),
      mediaType: objectsMediaType,
      ...{ bytes: 1, objects: 1 },
    },
    dependsOn: dependsOn.map((name) => ({ bundle: nameOf(name) })),
    ...{ wait: true, healthChecks: [], timeoutMs: 60_000 },
    ...{ intervalMs: 600_000, retryIntervalMs: 60_000, prune: true },
    ...{ deletionPolicy: "MirrorPrune", force: false, suspend: false },
    ...{ serviceAccountName: null, decryption: null, adopt: false },
    drift: { mode: "enabled", ignore: [] },
    ...{ createNamespaces: [], lateReferences: [], held: null },
  };
}
