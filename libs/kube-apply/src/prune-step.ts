/** What one row of the prune gate says of a candidate; a row that lets it pass says nothing. */
export type PruneStep =
  | { readonly kind: "delete" | "forget" | "orphan"; readonly reason: string }
  | {
      readonly kind: "hold" | "keep";
      readonly reason: string;
      readonly message: string;
    };

/** Leaves an object where it is until a person decides. */
export function hold(reason: string, message: string): PruneStep {
  return { kind: "hold", reason, message };
}

/** Leaves an object where it is for now; nobody is asked. */
export function keep(reason: string, message: string): PruneStep {
  return { kind: "keep", reason, message };
}
