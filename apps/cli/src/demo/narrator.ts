import { type FleetView } from "@wheelhouse/rest-api";
import { formatDuration } from "../terminal/age.ts";
import { type Palette } from "../terminal/palette.ts";
import { scrubText } from "../terminal/table.ts";
import { formatClusters, summarizeRollout } from "../views/status-text.ts";

/** Tells the story: a heading, a sentence, the live table, a sentence with the measured time. */
export interface Narrator {
  /** Begins an act. */
  act(title: string, sentence: string): void;
  /** Shows the newest state: rewritten in place on a terminal, one plain line a change elsewhere. */
  show(view: FleetView): void;
  /** Ends an act: what to take from it. */
  conclude(sentence: string): void;
  /** A plain line between. */
  say(text: string): void;
}

/** A narrator on a stream. */
export function createNarrator(
  out: NodeJS.WriteStream,
  palette: Palette,
): Narrator {
  const live = out.isTTY
    ? createLiveTable(out, palette)
    : createPlainLines(out, palette);
  let acts = 0;
  let began = Date.now();
  return {
    act: (title, sentence) => {
      acts += 1;
      began = Date.now();
      live.release();
      out.write(
        `\n${palette.paint("bold", `${acts}. ${title}`)}\n   ${sentence}\n\n`,
      );
    },
    show: (view) => live.show(view, Date.now() - began),
    conclude: (sentence) => {
      live.release();
      const time = formatSeconds(Date.now() - began);
      out.write(
        `\n   ${palette.paint("good", palette.signs.done)} ${sentence}  ${palette.paint("faint", time)}\n`,
      );
    },
    say: (text) => {
      live.release();
      out.write(`   ${text}\n`);
    },
  };
}

/** Seconds with one digit: a story's times are small. */
export function formatSeconds(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)}s` : formatDuration(ms);
}

interface Live {
  show(view: FleetView, elapsedMs: number): void;
  /** What stands stays; the next table begins below it. */
  release(): void;
}

function createLiveTable(out: NodeJS.WriteStream, palette: Palette): Live {
  let height = 0;
  return {
    show: (view, elapsedMs) => {
      const width = out.columns - 1;
      const lines = linesOf(view, palette, elapsedMs).map((line) =>
        cutLine(line, width),
      );
      const up = height === 0 ? "" : `\u001b[${height}A\u001b[J`;
      out.write(`${up}${lines.join("\n")}\n`);
      height = lines.length;
    },
    release: () => {
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

/** One line for each cluster whose verdict, root or number of converged bundles changed. */
function createPlainLines(out: NodeJS.WriteStream, palette: Palette): Live {
  const shown = new Map<string, string>();
  return {
    show: (view, elapsedMs) => {
      for (const {
        name,
        verdict,
        bundles,
        assignment,
        message,
      } of view.clusters) {
        const ready = bundles.filter((b) => b.verdict === "Converged").length;
        const root = assignment?.root.slice(7, 15) ?? "-";
        const state = `${palette.verdict(verdict)}  ${ready}/${bundles.length}  ${root}`;
        if (shown.get(name) === state) continue;
        shown.set(name, state);
        const note = message === "" ? "" : `  ${scrubText(message)}`;
        out.write(
          `   ${formatSeconds(elapsedMs).padStart(6)}  ${name.padEnd(10)}  ${state}${note}\n`,
        );
      }
    },
    release: () => undefined,
  };
}
