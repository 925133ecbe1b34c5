import {
  type RevisionView,
  type RolloutView,
  type WaveView,
} from "@wheelhouse/rest-api";
import { formatDuration } from "../terminal/age.ts";
import { type Palette } from "../terminal/palette.ts";
import { scrubText } from "../terminal/table.ts";
import { absentees, nextStep, phaseText, shortId } from "./status-text.ts";

/** `wheelhouse rollout status`: a line for each wave, and beneath it what holds it up. */
export function formatRollout(
  rollout: RolloutView,
  palette: Palette,
  wide = false,
): string {
  const { branch, commit, subject } = rollout.revision;
  const refused = formatRefused(rollout.refused ?? null, palette, wide);
  const title = `${palette.paint("bold", rollout.name)}  ${branch}@${shortId(commit, wide)}  "${scrubText(subject)}"  ${phaseText(rollout)}${wide ? `  generation ${rollout.generation}` : ""}`;
  const reason = [scrubText(rollout.reason), nextStep(rollout)]
    .filter((line) => line !== "")
    .map((line) => `  ${line}`);
  const width = Math.max(0, ...rollout.waves.map(({ name }) => name.length));
  const open = rollout.waves.findIndex(({ state }) => state !== "completed");
  const waves = rollout.waves.flatMap((wave, index) =>
    formatWave(wave, { palette, width, isCurrent: index === open }),
  );
  const rejected =
    rollout.rejected.length === 0
      ? []
      : [
          `  rejected: ${rollout.rejected.map((id) => shortId(id, wide)).join(", ")}  (allow one again: wheelhouse rollout resume ${rollout.name} --revision COMMIT)`,
        ];
  return `${[...refused, title, ...reason, ...waves, ...rejected].join("\n")}\n`;
}

/** A newer commit that is rolled out nowhere: said first, since somebody may wait for it here. */
export function formatRefused(
  refused: RevisionView | null,
  palette: Palette,
  wide = false,
): readonly string[] {
  if (refused === null) return [];
  const { branch, commit, subject } = refused;
  const words = `${palette.signs.failed} ${branch}@${shortId(commit, wide)}  "${scrubText(subject)}"  is refused: it cannot be read as a fleet, and nothing of it rolls out`;
  return [palette.paint("bad", words), "  why: wheelhouse status"];
}

function formatWave(
  wave: WaveView,
  look: {
    readonly palette: Palette;
    readonly width: number;
    readonly isCurrent: boolean;
  },
): string[] {
  const { palette } = look;
  const hasFailed = wave.clusters.some(({ stage }) => stage === "failed");
  const sign = hasFailed
    ? palette.paint("bad", palette.signs.failed)
    : wave.state === "completed"
      ? palette.paint("good", palette.signs.done)
      : look.isCurrent
        ? palette.paint("busy", palette.signs.current)
        : palette.signs.waiting;
  // What no cluster has joined waits for one, and soaks nothing.
  const gateText =
    wave.total === 0 && wave.state === "soaking" ? "" : wave.gate;
  const soaked = `soaked ${formatDuration(wave.soakedMs)} of ${formatDuration(wave.soakMs)}`;
  const hasSoak = wave.soakMs > 0 && wave.state !== "waiting" && wave.total > 0;
  const soak = hasSoak && !gateText.includes(soaked) ? `, ${soaked}` : "";
  const count =
    wave.total === 0
      ? "no cluster of it has joined"
      : `${wave.confirmed}/${wave.total} confirmed`;
  const gate = gateText === "" ? "" : `   ${scrubText(gateText)}`;
  const absent = wave.state === "completed" ? absentees([wave]) : "";
  const head = `  ${sign} ${wave.name.padEnd(look.width)}  ${count}${soak}${absent}${gate}`;
  const clusters = wave.clusters
    .filter(({ message }) => message !== "" && !wave.gate.includes(message))
    .filter(({ stage }) => stage !== "confirmed" && stage !== "unchanged")
    .slice(0, 10)
    .map(
      ({ name, stage, message }) =>
        `      ${name}: ${stage}; ${scrubText(message)}`,
    );
  return look.isCurrent || hasFailed ? [head, ...clusters] : [head];
}
