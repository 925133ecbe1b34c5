import {
  type BundleName,
  type BundleSpec,
  type Template,
} from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";

/** A template that the cluster finished. None of it may leave this process but by an apply. */
export interface FinishedTemplate {
  readonly ok: true;
  readonly objects: readonly KubeObject[];
  /** HMAC of the values used, keyed by a secret of the cluster, as 64 hex digits: it changes when they do, and says nothing else. */
  readonly fingerprint: string;
  /** Whether the build altered an encrypted document, so that only each value was verified, and not all of them together. */
  readonly macNotVerifiable: boolean;
  /** A digest of an object that only this cluster can compute, in the place of `desiredDigest`. */
  digestOf(object: KubeObject): string;
  /** A text of somebody else's without the values in it. */
  scrub(text: string): string;
  /** Whether late values stand in the object of this key. */
  hasValues(key: string): boolean;
}

/** Why a template cannot be finished now; names references, never values. */
export interface UnfinishedTemplate {
  readonly ok: false;
  /** PascalCase, such as `LateValueMissing` or `DecryptionFailed`. */
  readonly reason: string;
  readonly message: string;
  /** Whether waiting will not mend it. */
  readonly isFinal: boolean;
}

/** What a bundle's template needs of the cluster. */
export interface LateNeeds {
  readonly template: Template;
  readonly spec: BundleSpec;
}

/** Finishes templates with what only the cluster has. */
export interface LateValues {
  /** Reads the values live, as the bundle's service account where it has one, and finishes. Every refusal of the server is an outcome. */
  finish(
    needs: LateNeeds,
    options: { readonly signal: AbortSignal },
  ): Promise<FinishedTemplate | UnfinishedTemplate>;
  /** Looks from now on whether what these bundles need changes, and tells which of them it concerns; replaces what was observed before. */
  observe(
    needs: ReadonlyMap<BundleName, LateNeeds>,
    changed: (bundle: BundleName) => void,
  ): void;
  /** Observes nothing more. */
  stop(): void;
}
