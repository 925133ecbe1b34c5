import table from "./facts.json" with { type: "json" };

/** A subresource as discovery lists it; group and version where they differ from the parent's. */
export interface SubresourceFacts {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

/** A built-in resource as the real server's discovery lists it. */
export interface ResourceFacts {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly verbs: readonly string[];
  /** Key in `types`. */
  readonly type: string;
  readonly subresources: readonly SubresourceFacts[];
}

/** A struct's fields, each in the small notation of `test/apiserver/fidelity/derive-facts.mjs`. */
export interface TypeFacts {
  readonly atomic?: boolean;
  readonly fields: Readonly<Record<string, string>>;
}

/** Everything that was read from the real API server, and its version. */
export interface Facts {
  readonly version: string;
  readonly resources: readonly ResourceFacts[];
  readonly types: Readonly<Record<string, TypeFacts>>;
}

/** The committed table; the fidelity suite checks it fresh, and writes it with FIDELITY_WRITE=1. */
export const facts: Facts = table as unknown as Facts;
