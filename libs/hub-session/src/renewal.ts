import { type Clock } from "@wheelhouse/clock";
import { type LinkFailure } from "@wheelhouse/protocol";
import { type HubEndpoint, renewCertificate } from "./enrollment-client.ts";
import { adviseOn, newJoin } from "./failure-advice.ts";
import { lifetimeOf } from "./pem.ts";
import { type LinkLog, type SpokeIdentity } from "./ports.ts";
import { waitFor } from "./wait.ts";

/** Between attempts that failed, before jitter. */
const retryMs = 60_000;

/** Between renewals whatever the certificate says, so that none is asked for in a loop. */
const leastMs = 1_000;

/** One renewal call may take this long. */
const attemptMs = 30_000;

/** A certificate that ended longer ago than this is not renewed any more, as `trust` and the hub have it: 90 days. */
const graceMs = 90 * 86_400_000;

/** What renewing needs. */
export interface RenewalOptions extends HubEndpoint {
  readonly identity: SpokeIdentity;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: LinkLog;
}

/** When a certificate is due for renewal: between half and two thirds of its life, by chance. */
export function renewalDueMs(
  { beginMs, endMs }: { beginMs: number; endMs: number },
  random: number,
): number {
  return beginMs + (endMs - beginMs) * (1 / 2 + random / 6);
}

/** Keeps the certificate young until the signal. The stream that runs keeps its old one; the next connection takes the new. */
export async function keepRenewed(
  options: RenewalOptions,
  signal: AbortSignal,
): Promise<void> {
  const { identity, clock, random } = options;
  while (!signal.aborted) {
    const { certificateChain } = identity.current();
    const dueMs = renewalDueMs(lifetimeOf(certificateChain), random());
    if (!(await waitFor(clock, dueMs - clock.nowMs(), signal))) return;
    if (clock.nowMs() < dueMs) continue;
    const failure = await renewOnce(options, signal);
    const pauseMs =
      failure === undefined ? leastMs : retryMs * (1 / 2 + random() / 2);
    await waitFor(clock, pauseMs, signal);
  }
}

/** Whether the certificate has ended. */
export function hasEnded(identity: SpokeIdentity, nowMs: number): boolean {
  return lifetimeOf(identity.current().certificateChain).endMs <= nowMs;
}

/** Why a renewal failed, and what a person does where only a person can. */
export function explainRefusal(
  failure: LinkFailure,
  certificateEndMs: number,
  nowMs: number,
): string {
  const { reason, code, details } = failure;
  const said = details || code;
  const endedAt = new Date(certificateEndMs).toISOString();
  const isTooLate =
    reason === "Unauthenticated" && nowMs > certificateEndMs + graceMs;
  const advice = isTooLate
    ? `the certificate ended ${endedAt}, and one is renewed for 90 days only; ${newJoin}`
    : adviseOn(failure);
  return advice === undefined ? said : `${said}; ${advice}`;
}

/** Renews now. Returns why not, if not. */
export async function renewOnce(
  options: RenewalOptions,
  signal: AbortSignal,
): Promise<LinkFailure | undefined> {
  const { hubAddress, rootCertificate, identity, clock, log } = options;
  const timeout = new AbortController();
  const stopTimer = clock.setTimer(attemptMs, () => timeout.abort());
  try {
    const result = await renewCertificate({
      hubAddress,
      rootCertificate,
      certificateChain: identity.current().certificateChain,
      key: identity,
      signal: AbortSignal.any([signal, timeout.signal]),
    });
    if (result.ok) {
      await identity.saveChain(result.certificateChain);
      log({ level: "info", message: "certificate renewed" });
      return undefined;
    }
    const { failure } = result;
    const reason = failure.reason ?? failure.code;
    const { endMs } = lifetimeOf(identity.current().certificateChain);
    const why = explainRefusal(failure, endMs, clock.nowMs());
    log({ level: "warn", message: `certificate not renewed: ${why}`, reason });
    return failure;
  } catch (error) {
    log({ level: "warn", message: "certificate not made durable", error });
    return { reason: null, code: "UNKNOWN", details: "not made durable" };
  } finally {
    stopTimer();
  }
}
