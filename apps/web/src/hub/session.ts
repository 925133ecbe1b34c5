import { HubProblem, type LoginRequest, routes } from "@wheelhouse/rest-api";

/** Trades a one-time code or a token for the session cookie. A code that was used does no harm where this browser is logged in. Rejects with `HubProblem`. */
export async function login(request: LoginRequest): Promise<void> {
  try {
    await post(routes.login, request);
  } catch (problem) {
    if (request.code !== undefined && (await isLoggedIn())) return;
    throw problem;
  }
}

async function isLoggedIn(): Promise<boolean> {
  const answer = await fetch(routes.whoami, {
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(30_000),
  }).catch(() => undefined);
  return answer?.ok === true;
}

/** Ends the session: the hub takes the cookie back. Rejects with `HubProblem`. */
export async function logout(): Promise<void> {
  await post(routes.logout, {});
}

async function post(path: string, body: object): Promise<void> {
  const answer = await fetch(path, {
    method: "POST",
    headers: {
      accept: "application/json, application/problem+json",
      "content-type": "application/json",
      "x-wheelhouse": "1",
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  }).catch((error: unknown) => {
    throw HubProblem.unreachable(location.origin, error);
  });
  const text = await answer.text();
  if (!answer.ok) throw HubProblem.fromAnswer(answer.status, text);
}
