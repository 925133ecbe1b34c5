import { readFile } from "node:fs/promises";
import { systemClock } from "@wheelhouse/system-clock";
import { decodeEnvelope } from "@wheelhouse/assignment";
import { adviseOn, joinFleet } from "@wheelhouse/hub-session";
import { RatchetSecret, KubeError, sleep } from "@wheelhouse/kube-apply";
import { type LinkFailure } from "@wheelhouse/protocol";
import { type Log } from "@wheelhouse/reconcile";
import { type SpokeKey } from "@wheelhouse/trust";
import { judgeJoin } from "./join-judgement.ts";
import {
  type JoinTicket,
  type JoinTicketResult,
  parseJoinTicket,
} from "./join-ticket.ts";
import { type RunSettings } from "./settings.ts";
import { type IdentityPlace, SecretIdentity } from "./spoke-identity.ts";

/** What came of finding out who this spoke is. */
export type IdentityResult =
  | { readonly ok: true; readonly identity: SecretIdentity }
  | { readonly ok: false; readonly problem: string };

/** A hub that cannot be reached for a join is tried again after this, doubling up to half a minute. */
const firstRetryMs = 1_000;

/** A cluster that has an identity waits no longer than this for a new one. */
const rejoinMs = 15_000;

/** Answers that another try will not change. */
const finalCodes: ReadonlySet<string> = new Set([
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "FAILED_PRECONDITION",
  "ALREADY_EXISTS",
]);

interface JoinOptions {
  readonly place: IdentityPlace;
  readonly settings: RunSettings;
  readonly kubeSystemUid: string;
  /** The API server's address, for messages. */
  readonly server: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Opens this cluster's identity, joins the fleet for one where there is none yet, and anew where the join is for another uid of the same cluster. */
export async function ensureIdentity(
  options: JoinOptions,
): Promise<IdentityResult> {
  const found = await findIdentity(options);
  if (found.ok) await forgetOtherUid(options, found.identity);
  return found;
}

async function findIdentity(options: JoinOptions): Promise<IdentityResult> {
  const { place, settings, server } = options;
  const identity = await SecretIdentity.open(place);
  if (identity !== undefined && settings.join === undefined) {
    return { ok: true, identity };
  }
  const read = await readTicket(settings);
  if (identity === undefined) {
    return read.ok ? join({ ...options, ticket: read.ticket }) : read;
  }
  if (!read.ok) return keep(options, identity, read.problem);
  const { replaceIdentity } = settings;
  const cluster = { facts: identity.facts, server, replaceIdentity };
  const judgement = judgeJoin(read.ticket, cluster);
  switch (judgement.kind) {
    case "ignored":
      return keep(options, identity, judgement.reason);
    case "refused":
      return { ok: false, problem: judgement.problem };
    case "rejoin":
      return rejoin({ ...options, ticket: read.ticket }, identity);
  }
}

function keep(
  { log }: JoinOptions,
  identity: SecretIdentity,
  reason: string,
): IdentityResult {
  const { uid } = identity.facts;
  log("info", "the stored identity is used, and the join is ignored", {
    reason,
    uid,
  });
  return { ok: true, identity };
}

/** A cluster that has joined anew lets go of the assignment for its uid before: nothing acts on it, and it would stand in the way of the next. */
async function forgetOtherUid(
  { place, log }: JoinOptions,
  { facts }: SecretIdentity,
): Promise<void> {
  const assignments = new RatchetSecret(place.port);
  const stored = await assignments.load();
  const decoded = stored && decodeEnvelope(stored.signed.bytes);
  if (!decoded?.ok || decoded.envelope.audience === facts.uid) return;
  await assignments.reset();
  const { audience, epoch, seq } = decoded.envelope;
  log("info", "the assignment of this cluster's uid before is let go", {
    uid: audience,
    assignment: `${epoch}/${seq}`,
  });
}

/** Joins anew with a new key. One try, at a start: a cluster must be kept as it is with no hub, also beside a join that is of no use any more. */
async function rejoin(
  options: JoinOptions & { readonly ticket: JoinTicket },
  identity: SecretIdentity,
): Promise<IdentityResult> {
  const { place, ticket, log, signal } = options;
  const key = await SecretIdentity.ensureNextKey(place);
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(rejoinMs)]);
  const result = await tryJoin({ ...options, signal: bounded }, key);
  if (result.ok) return saveJoined(options, key, result);
  log("warn", "not joined anew; the stored identity is used", {
    reason: describe(result.failure),
    uid: identity.facts.uid,
    asked: ticket.uid,
  });
  return { ok: true, identity };
}

async function readTicket(settings: RunSettings): Promise<JoinTicketResult> {
  const text = await readJoinText(settings);
  if (!text.ok) return text;
  const read = parseJoinTicket(text.text);
  if (!read.ok) return read;
  const hubAddress = settings.hubAddress ?? read.ticket.hubAddress;
  return { ok: true, ticket: { ...read.ticket, hubAddress } };
}

async function readJoinText({
  join,
}: RunSettings): Promise<
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string }
> {
  if (join === undefined) {
    const problem =
      "this cluster has not joined a fleet\n" +
      "  where the hub is: wheelhouse cluster add NAME --join-file FILE\n" +
      "  here: wheelhouse spoke --join-file FILE, or WHEELHOUSE_JOIN with what is in it";
    return { ok: false, problem };
  }
  if (join.kind === "text") return { ok: true, text: join.text };
  try {
    return { ok: true, text: await readFile(join.path, "utf8") };
  } catch {
    return { ok: false, problem: `${join.path}: cannot be read` };
  }
}

type JoinParts = Omit<JoinOptions, "settings" | "server"> & {
  readonly ticket: JoinTicket;
};

async function join(options: JoinParts): Promise<IdentityResult> {
  const { place, log, signal } = options;
  const key = await SecretIdentity.ensureKey(place);
  for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, 30_000)) {
    const result = await tryJoin(options, key);
    if (result.ok) return saveJoined(options, key, result);
    const { code, reason } = result.failure;
    if (finalCodes.has(code) || signal.aborted) {
      const problem = `join refused: ${describe(result.failure)}`;
      return { ok: false, problem };
    }
    log("warn", "join not possible yet", { reason: reason ?? code });
    await sleep(systemClock, retryMs, signal);
  }
}

function describe(failure: LinkFailure): string {
  const { details, code } = failure;
  const advice = adviseOn(failure);
  return `${details || code}${advice === undefined ? "" : `; ${advice}`}`;
}

async function tryJoin(
  { place, ticket, kubeSystemUid, signal }: JoinParts,
  key: SpokeKey,
) {
  const { hubAddress, pin, token } = ticket;
  place.failpoint("join.beforeCall");
  const result = await joinFleet({
    hubAddress,
    token,
    key,
    signal,
    kubeSystemUid,
    rootCertificate: pin.certificate,
  });
  if (result.ok) place.failpoint("join.afterAnswer");
  return result;
}

/** The token is spent: what it gave is saved, however often that must be tried. */
async function saveJoined(
  { place, ticket, log, signal }: JoinParts,
  key: SpokeKey,
  result: Extract<Awaited<ReturnType<typeof joinFleet>>, { readonly ok: true }>,
): Promise<IdentityResult> {
  const { fleet, cluster, uid, certificateChain } = result;
  const { pin, hubAddress } = ticket;
  const facts = { fleet, cluster, uid, pin, hubAddress };
  log("info", "joined", { fleet, cluster, uid });
  const identity = await untilStored(log, signal, () =>
    SecretIdentity.save(place, key, facts, certificateChain),
  );
  return identity === undefined
    ? { ok: false, problem: "stopped before the identity was saved" }
    : { ok: true, identity };
}

/** Tries until the API server took it; undefined once the signal came first. */
async function untilStored<T>(
  log: Log,
  signal: AbortSignal,
  task: () => Promise<T>,
): Promise<T | undefined> {
  for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, 30_000)) {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (signal.aborted) return undefined;
      log("warn", "identity not saved yet", { reason: error.message });
      await sleep(systemClock, retryMs, signal);
    }
  }
}
