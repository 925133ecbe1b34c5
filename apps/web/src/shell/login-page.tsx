import { HubProblem, type LoginRequest } from "@wheelhouse/rest-api";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { login } from "../hub/session.ts";
import { WheelIcon } from "./icons.tsx";
import { Problem } from "./problem.tsx";

/** How to get in: the code of a login link is traded by itself, a token is pasted. */
export function LoginPage(props: {
  readonly code: string;
  readonly onLogin: () => void;
}) {
  const { code, onLogin } = props;
  const [problem, setProblem] = useState<HubProblem | null>(null);
  const [isBusy, setBusy] = useState(code !== "");
  const traded = useRef("");

  const enter = async (request: LoginRequest) => {
    setBusy(true);
    try {
      await login(request);
      onLogin();
    } catch (error) {
      setProblem(
        error instanceof HubProblem
          ? error
          : new HubProblem(0, String(error), "", { cause: error }),
      );
    }
    setBusy(false);
  };

  useEffect(() => {
    // A code works once: a second run of this effect must not spend it again.
    if (code === "" || traded.current === code) return;
    traded.current = code;
    history.replaceState(null, "", "/login");
    void enter({ code });
  });

  return (
    <main className="alone">
      <section className="login" aria-busy={isBusy}>
        <h1>
          <WheelIcon /> Wheelhouse
        </h1>
        {problem !== null && (
          <Problem
            what="not logged in"
            why={problem.message}
            advice={problem.advice}
          />
        )}
        {isBusy && problem === null ? (
          <p role="status">Logging in…</p>
        ) : (
          <LoginWays onToken={(token) => void enter({ token })} />
        )}
      </section>
    </main>
  );
}

function LoginWays({ onToken }: { readonly onToken: (token: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get("token");
    if (typeof token === "string" && token.trim() !== "") onToken(token.trim());
  };
  return (
    <>
      <p>
        Open the login link that the hub printed when it started; it works once.
        Or paste a token: an admin makes one with
      </p>
      <pre className="command">wheelhouse token create NAME --role viewer</pre>
      <form onSubmit={submit}>
        <label htmlFor="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autoComplete="off"
          autoFocus
          required
        />
        <button type="submit" className="primary">
          Log in
        </button>
      </form>
    </>
  );
}
