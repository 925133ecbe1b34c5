import { usePage } from "../hub/page-context.tsx";
import { formatAge } from "../time/age.ts";
import { shortId } from "../verdict/names.ts";
import { Sign } from "../verdict/sign.tsx";
import { type CommitBeside, describeStanding } from "./fleet-standing.ts";

/** What the fleet runs, how far that has come, and the newest commits where they are something else. */
export function RevisionCard() {
  const { fleet, now } = usePage();
  const { git, rollouts } = fleet;
  const { revision, reach, beside } = describeStanding(fleet, rollouts[0]);
  return (
    <div className="revision">
      <span className="label">Revision</span>
      {revision === null ? (
        <p>
          {beside.length === 0
            ? `none yet; following ${git.url} ${git.branch}`
            : "none is rolled out yet"}
        </p>
      ) : (
        <>
          <p className="revision-subject" title={revision.subject}>
            {revision.subject}
          </p>
          <p className="faint">
            <code title={revision.commit}>
              {revision.branch}@{shortId(revision.commit)}
            </code>{" "}
            by {revision.author}, {formatAge(revision.committedAt, now)} ago
          </p>
        </>
      )}
      {reach !== "" && <p>{reach}</p>}
      {beside.map((one) => (
        <Beside key={one.revision.commit} beside={one} />
      ))}
    </div>
  );
}

function Beside({ beside }: { readonly beside: CommitBeside }) {
  const { revision, word, why } = beside;
  const looks = word === "refused" ? "Degraded" : "Held";
  return (
    <p className="revision-beside" title={revision.subject}>
      <span className={`badge is-${looks.toLowerCase()}`}>
        <Sign verdict={looks} />
        {word}
      </span>{" "}
      <code title={revision.commit}>{shortId(revision.commit)}</code>{" "}
      {revision.subject}
      {why !== "" && <span className="faint">: {why}</span>}
    </p>
  );
}
