import { type FleetView } from "@wheelhouse/rest-api";
import { type Palette } from "../terminal/palette.ts";
import {
  type StoryStream,
  createLiveTable,
  createPlainLines,
} from "./live-table.ts";
import { formatSeconds } from "./seconds.ts";

/** Tells the story: a heading, a sentence, the live table, a sentence with the measured time. */
export interface Narrator {
  /** Begins an act. */
  act(title: string, sentence: string): void;
  /** Shows the newest state: rewritten in place on a terminal, one plain line a change elsewhere. */
  show(view: FleetView): void;
  /** Passes a promise through; while it is open, no two seconds go by without a word on `what`. */
  waiting<T>(what: string | (() => string), promise: Promise<T>): Promise<T>;
  /** Ends an act: what to take from it. */
  conclude(sentence: string): void;
  /** A plain line between. */
  say(text: string): void;
}

/** The clock that a story is told by. */
export interface StoryClock {
  nowMs(): number;
  /** Calls again and again until the returned function is called. */
  every(ms: number, call: () => void): () => void;
}

const machineClock: StoryClock = {
  nowMs: () => Date.now(),
  every: (ms, call) => {
    const timer = setInterval(call, ms);
    return () => clearInterval(timer);
  },
};

/** Silence ends after this: with the look at the clock, within two seconds. */
const silenceMs = 1_700;
const lookMs = 250;

/** A narrator on a stream. */
export function createNarrator(
  out: StoryStream,
  palette: Palette,
  clock: StoryClock = machineClock,
): Narrator {
  let acts = 0;
  let beganMs = clock.nowMs();
  let spokeMs = beganMs;
  const heard: StoryStream = {
    isTTY: out.isTTY,
    get columns() {
      return out.columns;
    },
    write: (text) => {
      spokeMs = clock.nowMs();
      return out.write(text);
    },
  };
  const live = heard.isTTY
    ? createLiveTable(heard, palette)
    : createPlainLines(heard, palette);
  const elapsedMs = () => clock.nowMs() - beganMs;
  const tell = (text: string) => {
    live.release();
    heard.write(text);
  };
  return {
    act: (title, sentence) => {
      acts += 1;
      beganMs = clock.nowMs();
      const heading = palette.paint("bold", `${acts}. ${title}`);
      tell(`\n${heading}\n   ${sentence}\n\n`);
    },
    show: (view) => live.show(view, elapsedMs()),
    waiting: async (what, promise) => {
      const stop = clock.every(lookMs, () => {
        if (clock.nowMs() - spokeMs < silenceMs) return;
        live.wait(typeof what === "string" ? what : what(), elapsedMs());
      });
      try {
        return await promise;
      } finally {
        stop();
      }
    },
    conclude: (sentence) => {
      const time = palette.paint("faint", formatSeconds(elapsedMs()));
      const sign = palette.paint("good", palette.signs.done);
      tell(`\n   ${sign} ${sentence}  ${time}\n`);
    },
    say: (text) => tell(`   ${text}\n`),
  };
}
