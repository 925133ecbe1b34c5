import { type AssignmentView, type ClusterView } from "@wheelhouse/rest-api";
import { usePage } from "../hub/page-context.tsx";
import { CheckIcon } from "../shell/icons.tsx";
import { formatAge } from "../time/age.ts";
import { shortId } from "../verdict/names.ts";

/** The five facts, in order; issued is a fact as soon as there is an assignment. */
const facts: readonly (readonly [
  string,
  (assignment: AssignmentView) => boolean,
])[] = [
  ["issued", () => true],
  ["acknowledged", ({ acknowledged }) => acknowledged],
  ["applied", ({ applied }) => applied],
  ["Ready", ({ ready }) => ready],
  ["confirmed", ({ confirmed }) => confirmed],
];

/** The newest assignment: what it is, and how far it has come. */
export function AssignmentFacts({
  cluster,
}: {
  readonly cluster: ClusterView;
}) {
  const { now } = usePage();
  const { assignment, confirmedRoot } = cluster;
  if (assignment === null) {
    return (
      <section>
        <h2>Assignment</h2>
        <p className="faint">None was issued yet.</p>
      </section>
    );
  }
  const isConfirmedRoot = assignment.root === confirmedRoot;
  return (
    <section>
      <h2>
        Assignment{" "}
        <span className="faint">
          {assignment.epoch}.{assignment.seq}, issued{" "}
          {formatAge(assignment.issuedAt, now)} ago
        </span>
      </h2>
      <ol className="facts">
        {facts.map(([word, holds]) => (
          <li
            key={word}
            className={holds(assignment) ? "fact is-true" : "fact"}
          >
            <span className="fact-mark">
              {holds(assignment) && <CheckIcon />}
            </span>
            {word}
            {!holds(assignment) && <span className="unseen">: not yet</span>}
          </li>
        ))}
      </ol>
      <dl className="pairs">
        <dt>Commit</dt>
        <dd>
          <code title={assignment.commit}>{shortId(assignment.commit)}</code>
        </dd>
        <dt>Root</dt>
        <dd>
          <code title={assignment.root}>{shortId(assignment.root)}</code>
        </dd>
        <dt>Last confirmed</dt>
        <dd>
          {confirmedRoot === null ? (
            "none yet"
          ) : (
            <>
              <code title={confirmedRoot}>{shortId(confirmedRoot)}</code>
              {isConfirmedRoot && <span className="faint"> the same</span>}
            </>
          )}
        </dd>
      </dl>
    </section>
  );
}
