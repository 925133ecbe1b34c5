import { type RolloutView, type WaveView } from "@wheelhouse/rest-api";
import { useMemo, useState } from "react";
import { usePage } from "../hub/page-context.tsx";
import { Link } from "../route/navigation.tsx";
import { type Route } from "../route/route.ts";
import { formatDuration } from "../time/age.ts";
import { filterTerms } from "../fleet/fleet-filter.ts";
import { isStopped, soakLeft } from "./gate.ts";
import {
  sortByStage,
  stageProgress,
  stageTrack,
  stageWord,
  tallyStages,
} from "./stage.ts";

/** Chips drawn at once; a wave of thousands shows those that matter first, and the rest on demand. */
const chipStep = 60;

/** With more chips than this they are as narrow as a name. */
const roomyChips = 8;

const stateWords: Readonly<Record<WaveView["state"], string>> = {
  waiting: "waiting",
  open: "in progress",
  soaking: "soaking",
  completed: "done",
};

/** One wave: how far it is, and its clusters as chips. */
export function WaveColumn(props: {
  readonly rollout: RolloutView;
  readonly wave: WaveView;
  readonly route: Route;
}) {
  const { rollout, wave, route } = props;
  const [shown, setShown] = useState(chipStep);
  const chips = useMemo(() => {
    const terms = filterTerms(route.filter);
    return sortByStage(wave.clusters).filter(({ name, stage, message }) =>
      terms.every((term) =>
        `${name} ${stage} ${message}`.toLowerCase().includes(term),
      ),
    );
  }, [wave.clusters, route.filter]);
  const hasFailed = wave.clusters.some(({ stage }) => stage === "failed");
  return (
    <section
      className={`wave is-${hasFailed ? "failed" : wave.state}`}
      aria-label={`Wave ${wave.name}`}
    >
      <WaveHead wave={wave} state={stateWord(rollout, wave)} />
      <ul className={chips.length > roomyChips ? "chips is-many" : "chips"}>
        {chips.slice(0, shown).map((cluster) => (
          <Chip key={cluster.name} cluster={cluster} route={route} />
        ))}
      </ul>
      {chips.length > shown && (
        <button type="button" onClick={() => setShown(shown + chipStep)}>
          {(chips.length - shown).toLocaleString("en")} more
        </button>
      )}
      {wave.total === 0 && <p className="faint">No cluster is in this wave.</p>}
    </section>
  );
}

/** A wave that is under way stands as its rollout does. */
function stateWord(rollout: RolloutView, { state }: WaveView): string {
  const isUnderWay = state === "open" || state === "soaking";
  return isUnderWay && isStopped(rollout)
    ? rollout.phase.toLowerCase()
    : stateWords[state];
}

function WaveHead(props: { readonly wave: WaveView; readonly state: string }) {
  const { wave, state } = props;
  const share = wave.total === 0 ? 0 : wave.confirmed / wave.total;
  return (
    <header className="wave-head">
      <h2>{wave.name}</h2>
      <span className="wave-state">{state}</span>
      <span className="bar">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <p className="wave-count">
        <strong>
          {wave.confirmed}/{wave.total}
        </strong>{" "}
        confirmed
        {tallyStages(wave.clusters)
          .filter(({ stage }) => stage !== "confirmed" && stage !== "unchanged")
          .map(({ stage, clusters }) => (
            <span key={stage} className="faint">
              {" · "}
              {clusters} {stageWord(stage)}
            </span>
          ))}
        {wave.notJoined !== undefined && wave.notJoined.length > 0 && (
          <span className="faint" title={wave.notJoined.join(", ")}>
            {" · "}
            {wave.notJoined.length} never joined
          </span>
        )}
      </p>
      <Soak wave={wave} />
    </header>
  );
}

function Soak({ wave }: { readonly wave: WaveView }) {
  const { sinceViewMs, isLive } = usePage();
  if (wave.soakMs === 0 || wave.state === "waiting") return null;
  const left = soakLeft(wave, isLive ? sinceViewMs : 0);
  const share = 1 - left / wave.soakMs;
  return (
    <div className="soak">
      {wave.state !== "completed" && (
        <span className="bar is-soak">
          <span style={{ width: `${share * 100}%` }} />
        </span>
      )}
      <p className="faint">
        soaked {formatDuration(wave.soakMs - left)} of{" "}
        {formatDuration(wave.soakMs)}
      </p>
    </div>
  );
}

function Chip(props: {
  readonly cluster: WaveView["clusters"][number];
  readonly route: Route;
}) {
  const { cluster, route } = props;
  const reached = stageProgress(cluster.stage);
  return (
    <li>
      <Link
        className={`chip is-${cluster.stage}`}
        to={{ ...route, cluster: cluster.name, bundle: "" }}
      >
        <span className="chip-name">{cluster.name}</span>
        <span className="chip-stage">{stageWord(cluster.stage)}</span>
        <span className="pips" aria-hidden="true">
          {stageTrack.map((stage, index) => (
            <span
              key={stage}
              className={index < reached ? "pip is-on" : "pip"}
            />
          ))}
        </span>
        {cluster.message !== "" && (
          <span className="chip-message">{cluster.message}</span>
        )}
      </Link>
    </li>
  );
}
