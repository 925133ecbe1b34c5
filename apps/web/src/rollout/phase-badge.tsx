import { type RolloutView, type VerdictName } from "@wheelhouse/rest-api";
import { Sign } from "../verdict/sign.tsx";

/** A phase looks like the verdict that it means for the fleet. */
const looks: Readonly<Record<RolloutView["phase"], VerdictName>> = {
  Progressing: "Progressing",
  Paused: "Held",
  Halted: "Degraded",
  Blocked: "Degraded",
  Completed: "Converged",
  Aborted: "Held",
};

/** A rollout's phase as sign, colour and word. */
export function PhaseBadge({
  phase,
}: {
  readonly phase: RolloutView["phase"];
}) {
  const verdict = looks[phase];
  return (
    <span className={`badge is-${verdict.toLowerCase()}`}>
      <Sign verdict={verdict} />
      {phase}
    </span>
  );
}
