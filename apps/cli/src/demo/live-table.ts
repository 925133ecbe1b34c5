import { type FleetView } from "@wheelhouse/rest-api";
import { type Palette } from "../terminal/palette.ts";
import { scrubText } from "../terminal/table.ts";
import { formatClusters, summarizeRollout } from "../views/status-text.ts";
import { formatSeconds } from "./seconds.ts";

/** The part of a stream that a story is told on. */
export interface StoryStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** What is shown while an act runs. */
export interface Live {
  /** The newest state of the fleet. */
  show(view: FleetView, elapsedMs: number): void;
  /** What is waited for, again and again while it is. */
  wait(what: string, elapsedMs: number): void;
  /** What stands stays; what comes next begins below it. */
  release(): void;
}

/** A table that rewrites itself in place, and below it what is waited for. */
export function createLiveTable(out: StoryStream, palette: Palette): Live {
  let height = 0;
  let latest: FleetView | undefined;
  let waited = "";
  const draw = (elapsedMs: number) => {
    // A terminal that does not know its width says 0.
    const width = (out.columns || 80) - 1;
    const lines = [
      ...(latest === undefined ? [] : linesOf(latest, palette, elapsedMs)),
      ...(waited === ""
        ? []
        : [`   ${palette.paint("faint", `waiting until ${waited}`)}`]),
    ].map((line) => cutLine(line, width));
    const up = height === 0 ? "" : `\u001b[${height}A\u001b[J`;
    out.write(`${up}${lines.map((line) => `${line}\n`).join("")}`);
    height = lines.length;
  };
  return {
    show: (view, elapsedMs) => {
      latest = view;
      draw(elapsedMs);
    },
    wait: (what, elapsedMs) => {
      waited = `${what}  ${formatSeconds(elapsedMs)}`;
      draw(elapsedMs);
    },
    release: () => {
      if (waited !== "" && height > 0) {
        // Nobody waits any more: its line goes, the table stays.
        out.write("\u001b[1A\u001b[J");
        waited = "";
      }
      height = 0;
    },
  };
}

function linesOf(
  view: FleetView,
  palette: Palette,
  elapsedMs: number,
): string[] {
  const look = { palette, wide: false, noHeaders: false };
  const rollout = view.rollouts[0];
  const summary = rollout === undefined ? "" : summarizeRollout(rollout, false);
  const table = formatClusters(view, look).trimEnd().split("\n");
  const head = palette.paint(
    "faint",
    `${formatSeconds(elapsedMs)}  ${summary}`,
  );
  return [head, ...table].map((line) => `   ${line}`);
}

/** Cuts a line to the terminal's width; escape sequences take no room. */
function cutLine(line: string, width: number): string {
  let seen = 0;
  let cut = "";
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith("\u001b")) {
      cut += part;
    } else {
      const room = [...part].slice(0, Math.max(0, width - seen));
      cut += room.join("");
      seen += room.length;
    }
  }
  return cut;
}

/** One line for each cluster whose verdict, root or number of converged bundles changed, and one for what is waited for. */
export function createPlainLines(out: StoryStream, palette: Palette): Live {
  const shown = new Map<string, string>();
  const line = (elapsedMs: number, text: string) =>
    out.write(`   ${formatSeconds(elapsedMs).padStart(6)}  ${text}\n`);
  return {
    show: (view, elapsedMs) => {
      for (const cluster of view.clusters) {
        const { name, verdict, bundles, assignment, message } = cluster;
        const ready = bundles.filter((b) => b.verdict === "Converged").length;
        const root = assignment?.root.slice(7, 15) ?? "-";
        const state = `${palette.verdict(verdict)}  ${ready}/${bundles.length}  ${root}`;
        if (shown.get(name) === state) continue;
        shown.set(name, state);
        const note = message === "" ? "" : `  ${scrubText(message)}`;
        line(elapsedMs, `${name.padEnd(10)}  ${state}${note}`);
      }
    },
    wait: (what, elapsedMs) => line(elapsedMs, `waiting until ${what}`),
    release: () => undefined,
  };
}
