import {
  calledAsIn,
  signsFor,
  writeAsCalled,
  writeHelpAsCalled,
} from "@wheelhouse/programs";

/** The sign in front of what a program of the hub refuses, on standard error. */
export function failedSign(): string {
  return signsFor(process.stderr, process.env).failed;
}

/** What follows the mistake in a command line, such as `wheelhouse hub`: where more is said, and not all of it. */
export function seeHelp(command: string): string {
  return `  see ${command} --help\n`;
}

/** Words for the person at this terminal: the commands in them in the form that works there. */
export function inOwnForm(text: string): string {
  return writeAsCalled(text, calledAsIn(process.env));
}

/** The same of a help text. */
export function helpInOwnForm(text: string): string {
  return writeHelpAsCalled(text, calledAsIn(process.env));
}

/** What `wheelhouse hub --help` prints. */
export const hubUsage = `usage: wheelhouse hub --data DIR --repo URL|PATH [flags]

Follows one fleet repo, and brings every cluster to what it says.

  --data DIR             the hub's directory, made by wheelhouse init
  --repo URL|PATH        the fleet repo: http(s), or a path on this machine
  --branch NAME          the branch that is followed (main)
  --repo-token-file FILE the token for a repo that asks who fetches; or the token
                         itself in WHEELHOUSE_REPO_TOKEN (--repo-token TOKEN is
                         seen by everybody who may list processes)
  --allow-force-push     follow also what does not descend from the commit before
  --poll DURATION        how often Git is asked (15s)
  --listen HOST:PORT     the API and the page (127.0.0.1:7700)
  --tls-cert FILE --tls-key FILE
                         https; needed on any other address than this machine's own
  --link-listen HOST:PORT
                         where spokes dial in, mTLS (127.0.0.1:7701)
  --link-address HOST:PORT
                         how spokes reach that, where it differs
  --heartbeat DURATION   how often a spoke says that it lives (15s)
  --login-link-for DURATION
                         how long the login link that is printed is good for: once,
                         at most 24h, and beyond 15m only on this machine (15m)
  --log-level LEVEL      debug, info, warn or error (info)
  -h, --help             this text

Each flag is also read from the environment: WHEELHOUSE_DATA, WHEELHOUSE_REPO_TOKEN …

example: wheelhouse hub --data hub --repo https://git.example.com/fleet.git

Before the first start: wheelhouse init --help
A new epoch of keys:    wheelhouse hub delegate --help
`;

/** What `wheelhouse init --help` prints. */
export const initUsage = `usage: wheelhouse init --data DIR --root-key FILE --fleet NAME

Makes a fleet, once: its root, and the directory that its hub runs on. Nothing
is ever overwritten.

  --data DIR             the hub's directory; made where it is not there
  --root-key FILE        where the fleet's root goes: a new file outside of --data.
                         Whoever has it has the fleet: keep it away from the hub
  --fleet NAME           what the fleet is called: a-z, 0-9 and -, at most 63
  -h, --help             this text

example: wheelhouse init --data hub --root-key fleet-root.json --fleet main
`;

/** What `wheelhouse hub delegate --help` prints. */
export const delegateUsage = `usage: wheelhouse hub delegate --data DIR --root-key FILE [--at-least EPOCH]

Makes the hub's keys anew, by the fleet's root: before the year that they last is
over, after one was stolen, or for a hub that was lost. Restart the hub after it.

  --data DIR             the hub's directory; made where the hub was lost
  --root-key FILE        the fleet's root, as wheelhouse init made it; only read
  --at-least EPOCH       for a hub that was lost: one more than its last epoch, which
                         'wheelhouse spoke status' shows in each cluster. Without
                         it: one more than the epoch in --data
  -h, --help             this text

example: wheelhouse hub delegate --data hub --root-key fleet-root.json
`;
