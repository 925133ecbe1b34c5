import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./bench-fleet.ts";
import { type Figure } from "./figure.ts";

const run = promisify(execFile);

/** What `wheelhouse demo --figures` writes, as far as a promise was made of it. */
interface StoryFigures {
  readonly firstReadyMs: number;
  readonly totalMs: number;
}

/** Ends a story that never ends. */
const storyMs = 900_000;

/** The demo's story on simulated clusters, as people run it; installing and building not counted. */
export async function benchDemo(
  progress: (text: string) => void,
): Promise<Figure[]> {
  progress("demo: the whole story");
  const folder = mkdtempSync(join(tmpdir(), "wheelhouse-bench-"));
  try {
    const file = join(folder, "figures.json");
    await run(
      process.execPath,
      [
        join(root, "apps/cli/dist/wheelhouse.js"),
        "demo",
        "--exit",
        "--figures",
        file,
      ],
      { timeout: storyMs },
    );
    const text = readFileSync(file, "utf8");
    const { firstReadyMs, totalMs } = JSON.parse(text) as StoryFigures;
    const figure = (name: string, ms: number, atMost: number): Figure => ({
      bench: "demo",
      name,
      value: ms / 1000,
      unit: "s",
      atMost,
    });
    return [
      figure("start to the first Ready cluster", firstReadyMs, 60),
      figure("the story in six acts", totalMs, 180),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
