import { type RolloutView } from "@wheelhouse/rest-api";
import { Fragment } from "react";
import { refusalFor } from "../hub/permissions.ts";
import { usePage } from "../hub/page-context.tsx";
import { Link } from "../route/navigation.tsx";
import { type Route } from "../route/route.ts";
import { ConfirmButton } from "../shell/confirm.tsx";
import { Empty } from "../shell/empty.tsx";
import { formatAge, formatDuration } from "../time/age.ts";
import { shortId } from "../verdict/names.ts";
import { nextStep, rolloutChoices } from "./actions.ts";
import { GateView } from "./gate-view.tsx";
import { PhaseBadge } from "./phase-badge.tsx";
import { WaveColumn } from "./wave-column.tsx";

/** Waves as columns, clusters as chips, and a gate in words between two columns. */
export function RolloutPage({ route }: { readonly route: Route }) {
  const { rollouts } = usePage().fleet;
  const rollout =
    rollouts.find(({ name }) => name === route.rollout) ?? rollouts[0];
  if (rollout === undefined) return <NoRollout />;
  const next = nextStep(rollout);
  return (
    <div className="rollout">
      {rollouts.length > 1 && (
        <nav className="rollout-tabs" aria-label="Rollouts">
          {rollouts.map(({ name }) => (
            <Link
              key={name}
              to={{ ...route, rollout: name }}
              aria-current={name === rollout.name ? "page" : undefined}
            >
              {name}
            </Link>
          ))}
        </nav>
      )}
      <RolloutHead rollout={rollout} />
      {(rollout.reason !== "" || next !== "") && (
        <div className={`callout is-${rollout.phase.toLowerCase()}`}>
          <p>{rollout.reason}</p>
          {next !== "" && <p>{next}</p>}
        </div>
      )}
      <Board rollout={rollout} route={route} />
      {rollout.rejected.length > 0 && (
        <p className="faint rejected">
          Rejected, and never rolled out again by itself:{" "}
          {rollout.rejected.map((commit) => (
            <code key={commit}>{shortId(commit)} </code>
          ))}
        </p>
      )}
    </div>
  );
}

function NoRollout() {
  return (
    <>
      <h1 className="unseen">Rollout</h1>
      <Empty title="Nothing is being rolled out" command="git push">
        A rollout begins with the first commit that the hub can build. Push one
        to the branch that it follows; its waves appear here.
      </Empty>
    </>
  );
}

function RolloutHead({ rollout }: { readonly rollout: RolloutView }) {
  const { client, principal, now } = usePage();
  const { revision, previous, startedAt, completedAt } = rollout;
  const refusal = refusalFor(principal);
  const took =
    completedAt === null
      ? `started ${formatAge(startedAt, now)} ago`
      : `done ${formatAge(completedAt, now)} ago, took ${formatDuration(Date.parse(completedAt) - Date.parse(startedAt))}`;
  return (
    <header className="rollout-head">
      <div>
        <h1>
          {revision.subject} <PhaseBadge phase={rollout.phase} />
        </h1>
        <p className="faint">
          {rollout.name} ·{" "}
          {previous !== null && !rollout.returning && (
            <>
              <code title={previous.commit}>{shortId(previous.commit)}</code>
              {" → "}
            </>
          )}
          <code title={revision.commit}>
            {revision.branch}@{shortId(revision.commit)}
          </code>{" "}
          by {revision.author} · {took}
        </p>
      </div>
      <div className="rollout-actions">
        {rolloutChoices(rollout).map((choice) => (
          <ConfirmButton
            key={choice.action}
            label={choice.label}
            question={choice.question}
            isGrave={choice.isGrave}
            refusal={refusal}
            act={() =>
              client.actOnRollout(rollout.name, choice.action, {
                generation: rollout.generation,
              })
            }
          />
        ))}
        {refusal !== "" && <p className="faint refusal">{refusal}</p>}
      </div>
    </header>
  );
}

function Board(props: {
  readonly rollout: RolloutView;
  readonly route: Route;
}) {
  const { rollout, route } = props;
  return (
    <div
      className="board"
      role="group"
      aria-label="Waves from left to right"
      tabIndex={0}
    >
      {rollout.waves.map((wave, index) => (
        <Fragment key={wave.name}>
          <GateView rollout={rollout} index={index} />
          <WaveColumn rollout={rollout} wave={wave} route={route} />
        </Fragment>
      ))}
    </div>
  );
}
