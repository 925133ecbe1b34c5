import { routes } from "@wheelhouse/rest-api";

/** A plain login page, for a hub whose page is not built. The code of a login link is spent by its script alone, so that whoever only looks at a link spends nothing. */
export const loginPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Wheelhouse: log in</title>
<script src="/login.js" defer></script>
</head>
<body>
<main>
<h1>Wheelhouse</h1>
<form id="form">
<p><label for="token">Token</label></p>
<p><input id="token" type="password" autocomplete="current-password" size="48" required></p>
<p><button>Log in</button></p>
</form>
<p id="message" role="status">The hub printed a login link when it started; a token works as well.</p>
</main>
</body>
</html>
`;

/** Its script, a file of its own: the page permits no other. */
export const loginScript = `const message = document.getElementById("message");
async function login(body) {
  const answer = await fetch(${JSON.stringify(routes.login)}, {
    method: "POST",
    headers: { "content-type": "application/json", "x-wheelhouse": "1" },
    body: JSON.stringify(body),
  });
  if (answer.ok) {
    location.replace("/");
    return;
  }
  const problem = await answer.json().catch(() => ({}));
  message.textContent = [problem.detail, problem.advice].filter(Boolean).join(". ");
}
document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  login({ token: document.getElementById("token").value.trim() });
});
const code = new URLSearchParams(location.search).get("code");
if (code) {
  history.replaceState(null, "", "/login");
  login({ code });
}
`;
