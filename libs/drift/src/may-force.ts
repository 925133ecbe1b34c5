import { type DriftMode } from "@wheelhouse/assignment";
import { type KubeObject } from "@wheelhouse/kube-object";
import { followFieldText } from "./field-text.ts";

/** One field over which a server-side apply conflicts, and with whom. */
export interface ConflictingField {
  readonly manager: string;
  /** As the server writes it: `.spec.replicas`. */
  readonly field: string;
}

/**
 * Whether an apply may be forced. `foreign`: these fields were not in what we
 * applied last to the object. `mode`: drift of this bundle is not healed.
 * `unnamed`: the server named no field, so nothing can be judged.
 */
export type ForceDecision =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly problem:
        | {
            readonly kind: "foreign";
            readonly fields: readonly ConflictingField[];
          }
        | { readonly kind: "mode"; readonly mode: DriftMode }
        | { readonly kind: "unnamed" };
    };

/** Whether a conflict's field is in an object that we applied: only then is the conflict drift that we may take back. */
export function isApplied(applied: KubeObject, field: string): boolean {
  return followFieldText(applied, field).found;
}

/**
 * The rule of ownership: an apply is forced when, and only when, every
 * conflicting field is in the set that we applied last to that object, and
 * the bundle's drift mode is enabled. Without a last applied object every
 * field is foreign.
 */
export function mayForce(input: {
  readonly conflicts: readonly ConflictingField[];
  readonly lastApplied: KubeObject | undefined;
  readonly mode: DriftMode;
}): ForceDecision {
  const { conflicts, lastApplied, mode } = input;
  if (conflicts.length === 0) return refuse({ kind: "unnamed" });
  const fields = conflicts.filter(
    ({ field }) => lastApplied === undefined || !isApplied(lastApplied, field),
  );
  if (fields.length > 0) return refuse({ kind: "foreign", fields });
  return mode === "enabled" ? { ok: true } : refuse({ kind: "mode", mode });
}

function refuse(
  problem: Extract<ForceDecision, { ok: false }>["problem"],
): ForceDecision {
  return { ok: false, problem };
}
