import { type ProblemView } from "@wheelhouse/rest-api";

/** An error with its four parts: what, where, why, what to do. */
export function Problem(props: {
  readonly what: string;
  readonly where?: string;
  readonly why: string;
  readonly advice: string;
  readonly onRetry?: () => void;
}) {
  return (
    <div className="problem" role="alert">
      <p className="problem-what">
        <span aria-hidden="true">✕</span> {props.what}
      </p>
      {props.where !== undefined && (
        <p className="problem-where">{props.where}</p>
      )}
      <p className="problem-why">{props.why}</p>
      {props.advice !== "" && <p className="problem-advice">{props.advice}</p>}
      {props.onRetry !== undefined && (
        <button type="button" onClick={props.onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** A problem of the fleet repository, as the terminal prints it. */
export function ProblemText({ problem }: { readonly problem: ProblemView }) {
  const { clusters, file, line } = problem;
  const stay =
    clusters.length === 0
      ? ""
      : `; ${nameSome(clusters)} at what ${clusters.length === 1 ? "it has" : "they have"}`;
  const where =
    file === undefined ? "" : line === undefined ? file : `${file}:${line}`;
  return (
    <div
      className={`banner ${problem.severity === "error" ? "is-problem" : "is-notice"}`}
    >
      <p className="problem-what">
        <span aria-hidden="true">
          {problem.severity === "error" ? "✕" : "!"}
        </span>{" "}
        {problem.subject}: {problem.reason}
        {stay}
      </p>
      <p className="problem-why">
        {where !== "" && <code>{where}</code>} {problem.message}
      </p>
      {problem.advice !== undefined && (
        <p className="problem-advice">{problem.advice}</p>
      )}
    </div>
  );
}

function nameSome(clusters: readonly string[]): string {
  const named = clusters.slice(0, 3).join(", ");
  const rest = clusters.length - 3;
  const names = rest > 0 ? `${named} and ${rest} more` : named;
  return `${names} ${clusters.length === 1 ? "stays" : "stay"}`;
}
