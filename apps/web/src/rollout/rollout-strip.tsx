import { type RolloutView, type WaveView } from "@wheelhouse/rest-api";
import { Link } from "../route/navigation.tsx";
import { home } from "../route/route.ts";
import { summarizeRollout } from "./gate.ts";
import { count } from "../verdict/names.ts";
import { PhaseBadge } from "./phase-badge.tsx";

/** A rollout in two lines: where it is, and its waves as a bar. */
export function RolloutStrip({ rollout }: { readonly rollout: RolloutView }) {
  return (
    <div className="strip">
      <span className="label">
        Rollout{" "}
        <Link to={{ ...home, view: "rollout", rollout: rollout.name }}>
          {rollout.name}
        </Link>
      </span>
      <p className="strip-text">
        <PhaseBadge phase={rollout.phase} />{" "}
        {rollout.phase === "Completed"
          ? describeCompletion(rollout)
          : withoutPhase(summarizeRollout(rollout), rollout.phase)}
      </p>
      <ol className="strip-waves" aria-label="Waves">
        {rollout.waves.map((wave) => (
          <StripWave key={wave.name} wave={wave} />
        ))}
      </ol>
    </div>
  );
}

function StripWave({ wave }: { readonly wave: WaveView }) {
  const hasFailed = wave.clusters.some(({ stage }) => stage === "failed");
  const share = wave.total === 0 ? 0 : wave.confirmed / wave.total;
  return (
    <li className={`strip-wave is-${hasFailed ? "failed" : wave.state}`}>
      <span className="bar">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span className="strip-wave-name">
        {wave.name}{" "}
        <span className="faint">
          {wave.confirmed}/{wave.total}
        </span>
      </span>
    </li>
  );
}

/** A rollout ends without those whom no wave waits for. */
function describeCompletion({ waves }: RolloutView): string {
  const absent = waves.flatMap(({ clusters, notJoined = [] }) => [
    ...clusters.filter(
      ({ stage }) => stage !== "confirmed" && stage !== "unchanged",
    ),
    ...notJoined,
  ]).length;
  return absent === 0
    ? "every wave is done"
    : `every wave is done; ${count(absent, "cluster")} ${absent === 1 ? "has" : "have"} not taken it`;
}

const withoutPhase = (text: string, phase: string) =>
  text === phase ? "" : text.replace(`${phase}: `, "");
