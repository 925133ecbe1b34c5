import { type RolloutView, type WaveView } from "@wheelhouse/rest-api";
import { formatDuration } from "../time/age.ts";
import { count } from "../verdict/names.ts";

/** What stands between two waves, or in front of the first. */
export interface Gate {
  readonly state: "open" | "shut" | "approval";
  /** Why it is shut and what opens it, or how it came to be open; one sentence each. */
  readonly sentences: readonly string[];
  /** The wave behind the gate: what an approval names. */
  readonly wave: string;
}

/** The gate in front of the wave at `index`; undefined where there is none, as before a first wave that just begins. */
export function computeGate(
  rollout: RolloutView,
  index: number,
  now: { readonly soakedSinceMs: number },
): Gate | undefined {
  const wave = rollout.waves[index];
  if (wave === undefined) return undefined;
  const before = rollout.waves[index - 1];
  const isWaiting = wave.state === "waiting";
  if (index === 0 && !(isWaiting && needsApproval(wave))) return undefined;
  if (!isWaiting) {
    return { state: "open", wave: wave.name, sentences: openSentences(wave) };
  }
  const sentences = [
    ...(before === undefined || before.state === "completed"
      ? []
      : beforeSentences(before, now.soakedSinceMs)),
    ...(needsApproval(wave) ? ["Needs a person's approval."] : []),
  ];
  const isNext = before === undefined || before.state === "completed";
  if (isNext && !needsApproval(wave) && wave.gate !== "") {
    sentences.push(capitalize(wave.gate));
  }
  if (isStopped(rollout)) {
    sentences.unshift(`The rollout is ${rollout.phase.toLowerCase()}.`);
  }
  return {
    state: needsApproval(wave) ? "approval" : "shut",
    wave: wave.name,
    sentences:
      sentences.length === 0
        ? [`Opens when ${before?.name ?? "the rollout"} is done.`]
        : sentences,
  };
}

/** A wave that a person must approve, and none has. */
export function needsApproval(wave: WaveView): boolean {
  return (
    wave.needsApproval && wave.approvedBy === null && wave.state === "waiting"
  );
}

/** Whether no wave of a rollout goes on before somebody decides, or pushes. */
export function isStopped({ phase }: RolloutView): boolean {
  return (
    phase === "Paused" ||
    phase === "Halted" ||
    phase === "Blocked" ||
    phase === "Aborted"
  );
}

function openSentences(wave: WaveView): readonly string[] {
  return wave.approvedBy === null ? [] : [`Approved by ${wave.approvedBy}.`];
}

function beforeSentences(
  before: WaveView,
  soakedSinceMs: number,
): readonly string[] {
  if (before.state === "waiting") return [`Opens after ${before.name}.`];
  if (before.state === "soaking") {
    const left = soakLeft(before, soakedSinceMs);
    return [
      `Opens when ${before.name} has soaked: ${formatDuration(left)} left.`,
    ];
  }
  const missing = before.total - before.confirmed;
  const soak =
    before.soakMs > 0
      ? `, and has soaked ${formatDuration(before.soakMs)}`
      : "";
  return [
    `Opens when ${count(missing, "more cluster")} of ${before.name} ${missing === 1 ? "is" : "are"} confirmed${soak}.`,
  ];
}

/** What is left of a wave's soak, ms, when it went on since the view was made. */
export function soakLeft(wave: WaveView, soakedSinceMs: number): number {
  const since = wave.state === "soaking" ? soakedSinceMs : 0;
  return Math.max(0, wave.soakMs - wave.soakedMs - since);
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
