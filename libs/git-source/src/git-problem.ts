/** Why a repository could not be followed; the last good revision stays. */
export interface GitProblem {
  readonly kind:
    | "unreachable"
    /** Web clients ask no server on this port: the fetch standard bars it. */
    | "barredPort"
    | "refused"
    | "branchMissing"
    | "notDescendant"
    | "empty"
    | "tooLarge"
    | "tooSlow"
    | "corrupt"
    | "notARepository";
  /** Lower case, no full stop; holds no credentials. */
  readonly message: string;
  readonly advice: string;
  /** For `branchMissing`: the branches that are there, sorted; none where the repository is empty. */
  readonly branches?: readonly string[];
}

/** A value, or why there is none. */
export type GitResult<T> =
  | ({ readonly ok: true } & T)
  | { readonly ok: false; readonly problem: GitProblem };

/** Makes a failed result. */
export function gitFailure(
  kind: GitProblem["kind"],
  message: string,
  advice: string,
): { readonly ok: false; readonly problem: GitProblem } {
  return { ok: false, problem: { kind, message, advice } };
}

/** A branch that is not there, with those that are. */
export function branchMissing(
  where: string,
  branch: string,
  branches: readonly string[],
): { readonly ok: false; readonly problem: GitProblem } {
  const others = [...branches].sort();
  const list = `${others.slice(0, 10).join(", ")}${others.length > 10 ? ` and ${others.length - 10} more` : ""}`;
  return {
    ok: false,
    problem: {
      kind: "branchMissing",
      message: `${where}: has no branch ${branch}; ${others.length === 0 ? "it has none yet" : `it has ${list}`}`,
      advice: "The hub keeps the last good revision until the branch is there.",
      branches: others,
    },
  };
}

/** Thrown inside this library where a bound is reached; never leaves it. */
export class GitBoundError extends Error {
  readonly kind: "tooLarge" | "tooSlow";

  constructor(kind: "tooLarge" | "tooSlow", message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Maps whatever was thrown while talking to `where` (an address without credentials). */
export function gitProblemOf(error: unknown, where: string): GitProblem {
  const bound = findInChain(error, (e) => e instanceof GitBoundError);
  if (bound instanceof GitBoundError) {
    return {
      kind: bound.kind,
      message: `${where}: ${bound.message}`,
      advice: "Follow a smaller repository, or raise the hub's limits.",
    };
  }
  const status = statusOf(error);
  if (codeOf(error) === "UserCanceledError") {
    return {
      kind: "refused",
      message: `${where}: the server does not accept the hub's credentials`,
      advice: "Check the token that the hub was given.",
    };
  }
  if (status === 401 || status === 403 || status === 404) {
    return {
      kind: "refused",
      message: `${where}: the server answered ${status}`,
      advice: "Check the address, and the token that the hub was given.",
    };
  }
  // The one word by which fetch tells it, with no code.
  if (isNetworkError(error) && reasonOf(error) === "bad port") {
    return {
      kind: "barredPort",
      message: `${where}: web clients refuse this port: it belongs to another service`,
      advice: "Give the Git server's http(s) address.",
    };
  }
  if (status !== undefined || isNetworkError(error)) {
    return {
      kind: "unreachable",
      message: `${where}: ${status === undefined ? reasonOf(error) : `the server answered ${status}`}`,
      advice: "The hub keeps the last good revision and tries again.",
    };
  }
  return {
    kind: "corrupt",
    message: `${where}: ${reasonOf(error)}`,
    advice: "The hub's copy is made anew at the next poll.",
  };
}

function statusOf(error: unknown): number | undefined {
  const found = findInChain(error, (e) => codeOf(e) === "HttpError");
  const data = (found as { data?: { statusCode?: unknown } } | undefined)?.data;
  return typeof data?.statusCode === "number" ? data.statusCode : undefined;
}

function isNetworkError(error: unknown): boolean {
  const codes =
    /^(E(CONN|NOTFOUND|AI_AGAIN|HOST|NET|PIPE|TIMEDOUT)|UND_ERR|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL)/;
  return (
    findInChain(
      error,
      (e) =>
        codes.test(codeOf(e)) ||
        (e instanceof TypeError && e.message === "fetch failed") ||
        (e instanceof Error && e.name === "AbortError"),
    ) !== undefined
  );
}

function reasonOf(error: unknown): string {
  const last = findInChain(
    error,
    (e) => e instanceof Error && e.cause === undefined,
  );
  const message = last instanceof Error ? last.message : String(error);
  return (message.split("\n")[0] ?? "").slice(0, 300) || "unknown error";
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

function findInChain(
  error: unknown,
  matches: (error: unknown) => boolean,
): unknown {
  let current = error;
  for (let depth = 0; depth < 10 && current !== undefined; depth += 1) {
    if (matches(current)) return current;
    current = current instanceof Error ? current.cause : undefined;
  }
  return undefined;
}
