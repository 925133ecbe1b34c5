import { type RolloutState } from "./rollout-state.ts";

/** When the next step is due, without news. */
export type NextLook =
  | { readonly kind: "onNews" }
  | {
      readonly kind: "after";
      readonly afterMs: number;
      /** For a log. */
      readonly why: string;
    };

/** How often a rollout that moves is looked at. */
const movingMs = 1_000;
/** How often one that waits for a person, with clusters still in flight. */
const waitingMs = 5_000;

/** While times run, a rollout is looked at; otherwise only news wakes it. */
export function nextLook(state: RolloutState | null): NextLook {
  const clusters = Object.values(state?.clusters ?? {});
  if (state === null || clusters.length === 0) return { kind: "onNews" };
  if (state.phase === "Progressing") {
    return { kind: "after", afterMs: movingMs, why: "it moves" };
  }
  const isInFlight = clusters.some(
    ({ version, confirmed, asked }) =>
      !confirmed && (asked !== null || version !== null),
  );
  return isInFlight
    ? { kind: "after", afterMs: waitingMs, why: "clusters in flight" }
    : { kind: "onNews" };
}
