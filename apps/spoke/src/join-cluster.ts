import { readFile } from "node:fs/promises";
import { joinFleet } from "@wheelhouse/hub-session";
import { type ApplyPort, sleep, systemClock } from "@wheelhouse/kube-apply";
import { type Log } from "@wheelhouse/reconcile";
import { type JoinTicket, parseJoinTicket } from "./join-ticket.ts";
import { type RunSettings } from "./settings.ts";
import { SecretIdentity } from "./spoke-identity.ts";

/** What came of finding out who this spoke is. */
export type IdentityResult =
  | { readonly ok: true; readonly identity: SecretIdentity }
  | { readonly ok: false; readonly problem: string };

/** A hub that cannot be reached for a join is tried again after this, doubling up to half a minute. */
const firstRetryMs = 1_000;

/** Answers that another try will not change. */
const finalCodes: ReadonlySet<string> = new Set([
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "FAILED_PRECONDITION",
  "ALREADY_EXISTS",
]);

/** Opens this cluster's identity, or joins the fleet for one where there is none yet. */
export async function ensureIdentity(options: {
  readonly port: ApplyPort;
  readonly settings: RunSettings;
  readonly kubeSystemUid: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}): Promise<IdentityResult> {
  const identity = await SecretIdentity.open(options.port);
  if (identity !== undefined) return { ok: true, identity };
  const text = await readJoinText(options.settings);
  if (!text.ok) return text;
  const read = parseJoinTicket(text.text);
  if (!read.ok) return read;
  const hubAddress = options.settings.hubAddress ?? read.ticket.hubAddress;
  return join({ ...options, ticket: { ...read.ticket, hubAddress } });
}

async function readJoinText({
  join,
}: RunSettings): Promise<
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string }
> {
  if (join === undefined) {
    const problem =
      "this cluster has not joined a fleet: give --join-file or WHEELHOUSE_JOIN with what `wheelhouse cluster add` printed";
    return { ok: false, problem };
  }
  if (join.kind === "text") return { ok: true, text: join.text };
  try {
    return { ok: true, text: await readFile(join.path, "utf8") };
  } catch {
    return { ok: false, problem: `${join.path}: cannot be read` };
  }
}

async function join(options: {
  readonly port: ApplyPort;
  readonly ticket: JoinTicket;
  readonly kubeSystemUid: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}): Promise<IdentityResult> {
  const { port, ticket, log, signal } = options;
  const { hubAddress, pin, token } = ticket;
  const key = await SecretIdentity.ensureKey(port);
  for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, 30_000)) {
    const result = await joinFleet({
      hubAddress,
      token,
      key,
      signal,
      rootCertificate: pin.certificate,
      kubeSystemUid: options.kubeSystemUid,
    });
    if (result.ok) {
      const { fleet, cluster, uid, certificateChain } = result;
      const facts = { fleet, cluster, uid, pin, hubAddress };
      log("info", "joined", { fleet, cluster, uid });
      return {
        ok: true,
        identity: await SecretIdentity.save(port, key, facts, certificateChain),
      };
    }
    const { code, details, reason } = result.failure;
    if (finalCodes.has(code) || signal.aborted) {
      return { ok: false, problem: `join refused: ${details || code}` };
    }
    log("warn", "join not possible yet", { reason: reason ?? code });
    await sleep(systemClock, retryMs, signal);
  }
}
