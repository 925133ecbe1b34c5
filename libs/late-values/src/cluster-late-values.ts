import {
  type BundleName,
  type BundleSpec,
  type LateReference,
  type Template,
} from "@wheelhouse/assignment";
import { type Clock } from "@wheelhouse/clock";
import {
  type ApplyPort,
  KubeError,
  impersonationOf,
  refusalOf,
} from "@wheelhouse/kube-apply";
import { type KubeObject } from "@wheelhouse/kube-object";
import {
  type FinishedTemplate,
  type LateNeeds,
  type LateValues,
  type UnfinishedTemplate,
} from "@wheelhouse/reconcile";
import { ensureClusterKey } from "./cluster-key.ts";
import { finishTemplate } from "./finished-template.ts";
import { type LiveValues, readReference, valuesOf } from "./live-values.ts";
import { type PolledObject, ReferencePoll } from "./reference-poll.ts";

/** What late values are finished with. */
export interface LateValuesOptions {
  readonly port: Pick<ApplyPort, "get" | "create">;
  readonly clock: Clock;
  /** How often the objects that bundles need are looked at; 30,000 by default. */
  readonly pollEveryMs?: number;
}

const defaultPollEveryMs = 30_000;

/** Finishes templates with what is in this cluster. */
export class ClusterLateValues implements LateValues {
  readonly #port: LateValuesOptions["port"];
  readonly #poll: ReferencePoll;
  #key: Buffer | undefined;

  constructor({ port, clock, pollEveryMs }: LateValuesOptions) {
    this.#port = port;
    this.#poll = new ReferencePoll(clock, pollEveryMs ?? defaultPollEveryMs);
  }

  async finish(
    { template, spec }: LateNeeds,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<FinishedTemplate | UnfinishedTemplate> {
    try {
      this.#key ??= await ensureClusterKey(this.#port, signal);
      const values = await this.#readAll(template, spec, signal);
      if (!values.ok) return values;
      const keys = await this.#readKeys(spec, signal);
      return await finishTemplate({
        template,
        spec,
        keys,
        values: values.values,
        clusterKey: this.#key,
      });
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      const { reason, message, isTransient } = refusalOf(error);
      return { ok: false, reason, message, isFinal: !isTransient };
    }
  }

  observe(
    needs: ReadonlyMap<BundleName, LateNeeds>,
    changed: (bundle: BundleName) => void,
  ): void {
    const objects = new Map<string, PolledObject & { bundles: Set<string> }>();
    for (const [bundle, { template, spec }] of needs) {
      for (const reference of neededBy(template, spec)) {
        const key = keyOf(reference, spec);
        const known = objects.get(key);
        if (known !== undefined) known.bundles.add(bundle);
        else {
          objects.set(key, {
            key,
            bundles: new Set([bundle]),
            read: (signal) =>
              readReference(this.#port, reference, {
                signal,
                ...impersonationOf(spec),
              }),
          });
        }
      }
    }
    this.#poll.observe([...objects.values()], changed);
  }

  stop(): void {
    this.#poll.stop();
  }

  /** The values of every late source, in the template's order; null where an optional one is not there. */
  async #readAll(
    { sources }: Template,
    spec: BundleSpec,
    signal: AbortSignal,
  ): Promise<
    | { readonly ok: true; readonly values: readonly (LiveValues | null)[] }
    | UnfinishedTemplate
  > {
    const references = sources.flatMap((source) =>
      source.kind === "late" ? [source.reference] : [],
    );
    const found = await Promise.all(
      references.map((reference) => this.#read(reference, spec, signal)),
    );
    const missing = references.filter(
      ({ optional }, index) => found[index] === undefined && !optional,
    );
    if (missing.length > 0) return missingValues(missing);
    const values = found.map((object) => (object ? valuesOf(object) : null));
    return { ok: true, values };
  }

  async #readKeys(
    spec: BundleSpec,
    signal: AbortSignal,
  ): Promise<LiveValues | undefined> {
    const reference = keysOf(spec);
    if (reference === undefined) return undefined;
    const secret = await this.#read(reference, spec, signal);
    return secret && valuesOf(secret);
  }

  async #read(
    reference: Pick<LateReference, "kind" | "namespace" | "name">,
    spec: BundleSpec,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const object = await readReference(this.#port, reference, {
      signal,
      ...impersonationOf(spec),
    });
    this.#poll.note(keyOf(reference, spec), object);
    return object;
  }
}

type Named = Pick<LateReference, "kind" | "namespace" | "name">;

function neededBy({ sources }: Template, spec: BundleSpec): readonly Named[] {
  const late = sources.flatMap((source) =>
    source.kind === "late" ? [source.reference] : [],
  );
  const keys = keysOf(spec);
  return keys === undefined ? late : [...late, keys];
}

/** The Secret with a bundle's decryption keys: it lies where the bundle does. */
function keysOf({ decryption, name }: BundleSpec): Named | undefined {
  const [, namespace = ""] = name.split("/");
  return decryption === null
    ? undefined
    : { kind: "Secret", namespace, name: decryption.secretName };
}

function keyOf({ kind, namespace, name }: Named, spec: BundleSpec): string {
  const { impersonate = "" } = impersonationOf(spec);
  return `${impersonate}|${kind}/${namespace}/${name}`;
}

function missingValues(references: readonly Named[]): UnfinishedTemplate {
  const names = references
    .slice(0, 5)
    .map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`);
  const rest = references.length - names.length;
  const more = rest > 0 ? ` and ${rest} more` : "";
  const verb = references.length === 1 ? "is" : "are";
  return {
    ok: false,
    reason: "LateValueMissing",
    message: `substituteFrom: ${names.join(", ")}${more} ${verb} not in the cluster; create it, or mark the reference optional`,
    // Another bundle, or a person, may bring it.
    isFinal: false,
  };
}
