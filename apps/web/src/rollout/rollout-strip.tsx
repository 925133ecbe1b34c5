import { type RolloutView, type WaveView } from "@wheelhouse/rest-api";
import { usePage } from "../hub/page-context.tsx";
import { Link } from "../route/navigation.tsx";
import { home } from "../route/route.ts";
import { describeStanding } from "./fleet-standing.ts";
import { PhaseBadge } from "./phase-badge.tsx";

/** A rollout in a few lines: where it is or why it is not further, and its waves as a bar. */
export function RolloutStrip({ rollout }: { readonly rollout: RolloutView }) {
  const text = describeStanding(usePage().fleet, rollout).rollout;
  return (
    <div className="strip">
      <span className="label">
        Rollout{" "}
        <Link to={{ ...home, view: "rollout", rollout: rollout.name }}>
          {rollout.name}
        </Link>
      </span>
      <p className="strip-text" title={text}>
        <PhaseBadge phase={rollout.phase} /> {text}
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
