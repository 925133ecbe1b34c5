import { parseArgs } from "node:util";
import { type KubeconfigSource } from "@wheelhouse/kube-client";
import { errorText } from "@wheelhouse/kube-object";
import {
  type SpokeFailpointName,
  isSpokeFailpointName,
  spokeFailpointNames,
} from "./spoke-failpoints.ts";

/** How a spoke runs. */
export interface RunSettings {
  readonly command: "run";
  readonly kubeconfig: KubeconfigSource;
  /** What a join needs, as `cluster add` printed it: a file's path, or the JSON itself from the environment. Never an argument. */
  readonly join:
    | { readonly kind: "file"; readonly path: string }
    | { readonly kind: "text"; readonly text: string }
    | undefined;
  /** The cluster that this one no longer is to be: without its name, a join for another cluster or fleet is refused. */
  readonly replaceIdentity: string | undefined;
  /** `host:port`; instead of the one that the join named. */
  readonly hubAddress: string | undefined;
  /** How long after the first look at a deletion the second must come. */
  readonly confirmPruneAfterMs: number;
  /** Where a test ends this process. */
  readonly failpoint: SpokeFailpointName | undefined;
}

/** How a cluster's state is shown. */
export interface StatusSettings {
  readonly command: "status";
  readonly kubeconfig: KubeconfigSource;
  readonly output: "table" | "json" | "yaml";
}

/** What the command line asks for. */
export type SettingsResult =
  | { readonly ok: true; readonly settings: RunSettings | StatusSettings }
  | { readonly ok: true; readonly settings: { readonly command: "help" } }
  | { readonly ok: false; readonly problem: string };

/** What `--help` prints. */
export const usage = `usage: wheelhouse spoke [run] [flags]
       wheelhouse spoke status [--kubeconfig FILE] [--context NAME] [-o FORMAT]

Keeps one cluster at what its fleet's hub assigned it last, also without the hub.
'status' reads what a spoke wrote down in its cluster, and changes nothing; it
exits with 0 when every bundle is Converged, 1 when one is not or something could
not be read, 3 when the cluster cannot be asked.

  --kubeconfig FILE      the cluster; without it $KUBECONFIG, ~/.kube/config, else
                         the pod's service account
  --context NAME         the kubeconfig's context, where not its current one
  --join-file FILE       what 'wheelhouse cluster add' or 'cluster repoint' wrote:
                         needed once, until the cluster has joined
  --replace-identity NAME
                         join although this cluster already is NAME: its objects
                         are then those of the cluster that the join is for
  --hub HOST:PORT        where the hub's link is, where the join file says otherwise
  -o, --output FORMAT    of 'status': table, json or yaml (table)
  -h, --help             this text

The environment may hold WHEELHOUSE_JOIN (the join file's text),
WHEELHOUSE_JOIN_FILE, WHEELHOUSE_HUB, and WHEELHOUSE_CONFIRM_PRUNE_AFTER_MS: how
long a deletion is looked at before it is carried out (60000).

example: wheelhouse spoke --kubeconfig prod-eu-1.kubeconfig --join-file prod-eu-1.json
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads arguments and environment, once. */
export function parseSettings(
  args: readonly string[],
  env: Environment,
): SettingsResult {
  const [first, ...rest] = args;
  const command = first === "run" || first === "status" ? first : "run";
  const parsed = parseFlags(first === command ? rest : args);
  if (!parsed.ok) return parsed;
  const { values } = parsed;
  if (values.help) return { ok: true, settings: { command: "help" } };
  const kubeconfig = kubeconfigOf(values.kubeconfig, values.context);
  if (command === "run") return runSettings(kubeconfig, values, env);
  const output = values.output ?? "table";
  return output === "table" || output === "json" || output === "yaml"
    ? { ok: true, settings: { command, kubeconfig, output } }
    : { ok: false, problem: `-o ${output}: give table, json or yaml` };
}

interface Flags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly hub?: string | undefined;
  readonly "join-file"?: string | undefined;
  readonly "replace-identity"?: string | undefined;
  readonly output?: string | undefined;
  readonly help?: boolean | undefined;
}

function parseFlags(
  args: readonly string[],
):
  | { readonly ok: true; readonly values: Flags }
  | { readonly ok: false; readonly problem: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        kubeconfig: { type: "string" },
        context: { type: "string" },
        hub: { type: "string" },
        "join-file": { type: "string" },
        "replace-identity": { type: "string" },
        output: { type: "string", short: "o" },
        help: { type: "boolean", short: "h" },
      },
    });
    return { ok: true, values };
  } catch (error) {
    const problem = errorText(error);
    return { ok: false, problem };
  }
}

function kubeconfigOf(
  path: string | undefined,
  context: string | undefined,
): KubeconfigSource {
  const named = context === undefined ? {} : { context };
  return path === undefined
    ? { kind: "default", ...named }
    : { kind: "file", path, ...named };
}

function runSettings(
  kubeconfig: KubeconfigSource,
  flags: Flags,
  env: Environment,
): SettingsResult {
  const failpoint = env["WHEELHOUSE_FAILPOINT"] || undefined;
  if (failpoint !== undefined && !isSpokeFailpointName(failpoint)) {
    const names = spokeFailpointNames.join(", ");
    return {
      ok: false,
      problem: `WHEELHOUSE_FAILPOINT=${failpoint}: give one of ${names}`,
    };
  }
  const confirmText = env["WHEELHOUSE_CONFIRM_PRUNE_AFTER_MS"] ?? "60000";
  if (!/^\d{1,9}$/.test(confirmText)) {
    const problem = `WHEELHOUSE_CONFIRM_PRUNE_AFTER_MS=${confirmText}: give milliseconds`;
    return { ok: false, problem };
  }
  const joinFile = flags["join-file"] ?? env["WHEELHOUSE_JOIN_FILE"];
  const joinText = env["WHEELHOUSE_JOIN"];
  return {
    ok: true,
    settings: {
      command: "run",
      kubeconfig,
      replaceIdentity: flags["replace-identity"],
      hubAddress: flags.hub ?? env["WHEELHOUSE_HUB"],
      confirmPruneAfterMs: Number(confirmText),
      failpoint,
      join:
        joinFile !== undefined
          ? { kind: "file", path: joinFile }
          : joinText !== undefined
            ? { kind: "text", text: joinText }
            : undefined,
    },
  };
}
