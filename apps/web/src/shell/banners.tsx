import { type ProblemView } from "@wheelhouse/rest-api";
import { type LiveState } from "../hub/live-fleet.ts";
import { type Page } from "../hub/page-context.tsx";
import { formatDuration } from "../time/age.ts";
import { count } from "../verdict/names.ts";
import { ProblemText } from "./problem.tsx";

/** At most so many problems are open at once; the rest is a click away. */
const shownProblems = 2;

/** What a person should know on every view: the hub gone, Git unreachable, what cannot be built, what runs out. */
export function Banners(props: {
  readonly state: LiveState;
  readonly page: Page | undefined;
  readonly now: number;
}) {
  const { state, page, now } = props;
  return (
    <section className="banners" aria-label="What to know">
      {state.phase === "interrupted" && (
        <div className="banner is-warning" role="alert">
          <strong>The hub does not answer.</strong>{" "}
          {page === undefined
            ? `${state.problem?.message ?? ""}. `
            : `What you see is ${formatDuration(now - state.receivedAt)} old and ages as it stands; the clusters keep healing by themselves. `}
          Trying again.
        </div>
      )}
      {page !== undefined && <FleetBanners page={page} />}
    </section>
  );
}

function FleetBanners({ page }: { readonly page: Page }) {
  const { git, problems, notices } = page.fleet;
  return (
    <>
      {git.problem !== null && (
        <div className="banner is-warning">
          <strong>Git cannot be read.</strong> {git.problem}. The fleet stays
          where it is; {git.url} is asked again by itself.
        </div>
      )}
      <Errors problems={problems} />
      {notices.length > 0 && (
        <ul className="banner is-notice" aria-label="Notices">
          {notices.map((notice) => (
            <li key={notice}>{notice}</li>
          ))}
        </ul>
      )}
      <Warnings problems={problems} />
    </>
  );
}

/** Errors stand open, the first of them. */
function Errors({ problems }: { readonly problems: readonly ProblemView[] }) {
  const errors = problems.filter(({ severity }) => severity === "error");
  const rest = errors.slice(shownProblems);
  return (
    <>
      {errors.slice(0, shownProblems).map(drawProblem)}
      {rest.length > 0 && (
        <details className="banner is-problem">
          <summary>{rest.length} more in the fleet repository</summary>
          {rest.map(drawProblem)}
        </details>
      )}
    </>
  );
}

/** Warnings hold nothing up, and wait behind a line. It is the last: what follows it would look like what it opens. */
function Warnings({ problems }: { readonly problems: readonly ProblemView[] }) {
  const warnings = problems.filter(({ severity }) => severity === "warning");
  const [first] = warnings;
  if (first === undefined) return null;
  return (
    <details className="banner is-notice">
      <summary>
        {count(warnings.length, "warning")} in the fleet repository:{" "}
        {first.subject}
        {warnings.length > 1 && ", …"}
      </summary>
      {warnings.map(drawProblem)}
    </details>
  );
}

function drawProblem(problem: ProblemView, index: number) {
  return <ProblemText key={`${problem.subject} ${index}`} problem={problem} />;
}
