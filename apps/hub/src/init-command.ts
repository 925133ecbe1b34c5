import { constants } from "node:fs";
import { access, mkdir, rmdir } from "node:fs/promises";
import path from "node:path";
import { errorText } from "@wheelhouse/kube-object";
import { type ExitCode, exitCodes } from "@wheelhouse/programs";
import { delegateEpoch, describeFileError, initFleet } from "@wheelhouse/trust";
import { keysDirectory, parseFlags } from "./settings.ts";
import { delegateUsage, failedSign, initUsage, seeHelp } from "./usage.ts";

/** How a command ended: its words, and its exit code. */
export interface CommandOutcome {
  readonly code: ExitCode;
  readonly text: string;
}

/** `wheelhouse init --data DIR --root-key FILE --fleet NAME`. */
export async function runInit(
  args: readonly string[],
  nowMs: number,
): Promise<CommandOutcome> {
  const flags = requireFlags(init, args, ["data", "root-key", "fleet"]);
  if (!flags.ok) return flags.outcome;
  const data = flags.valueOf("data");
  const rootFile = flags.valueOf("root-key");
  const fleet = flags.valueOf("fleet");
  if (isInside(rootFile, data)) {
    return refuse(
      `--root-key ${rootFile}: must lie outside of ${data}: who takes the hub must not have the root`,
    );
  }
  const keys = keysDirectory(data);
  const absent = await listAbsent(keys);
  let isMade = false;
  try {
    // Before the root is made: a root without a hub would be in the way of the next try.
    const blocked = await whyNotWritable(data, path.dirname(rootFile));
    if (blocked !== null) return refuse(blocked);
    const made = await initFleet({
      directory: keys,
      ...{ rootFile, fleet, nowMs },
    });
    isMade = made.ok;
    return made.ok
      ? done(
          `fleet ${fleet} is made, epoch ${made.epoch}\n` +
            `  the hub's keys:  ${keys}\n` +
            `  the fleet root:  ${rootFile}: keep it away from the hub; whoever has it has the fleet, and a lost hub comes back only with it\n` +
            `next: wheelhouse hub --data ${data} --repo URL|PATH\n`,
        )
      : refuse(made.problem);
  } finally {
    if (!isMade) await removeEmpty(absent);
  }
}

/** `wheelhouse hub delegate --data DIR --root-key FILE [--at-least EPOCH]`. */
export async function runDelegate(
  args: readonly string[],
  nowMs: number,
): Promise<CommandOutcome> {
  const names = ["data", "root-key"];
  const flags = requireFlags(delegate, args, names, ["at-least"]);
  if (!flags.ok) return flags.outcome;
  const data = flags.valueOf("data");
  const rootFile = flags.valueOf("root-key");
  const atLeast = flags.valueOf("at-least");
  if (atLeast !== "" && !/^[1-9]\d{0,8}$/.test(atLeast)) {
    return misused(`--at-least ${atLeast}: a whole number from 1`, delegate);
  }
  const made = await delegateEpoch({
    directory: keysDirectory(data),
    ...{ rootFile, nowMs },
    ...(atLeast === "" ? {} : { atLeast: Number(atLeast) }),
  });
  return made.ok
    ? done(`epoch ${made.epoch} is delegated; restart the hub to use it\n`)
    : refuse(made.problem);
}

/** A command as a person types it, and what its `--help` prints. */
interface Explained {
  readonly name: string;
  readonly usage: string;
}

const init: Explained = { name: "wheelhouse init", usage: initUsage };
const delegate: Explained = {
  name: "wheelhouse hub delegate",
  usage: delegateUsage,
};

type Flags =
  | { readonly ok: true; readonly valueOf: (name: string) => string }
  | { readonly ok: false; readonly outcome: CommandOutcome };

/** Reads flags of which all of `names` must be there; one that may be absent is empty then. */
function requireFlags(
  command: Explained,
  args: readonly string[],
  names: readonly string[],
  optional: readonly string[] = [],
): Flags {
  if (args.includes("--help") || args.includes("-h")) {
    return { ok: false, outcome: done(command.usage) };
  }
  const parsed = parseFlags(args, [...names, ...optional]);
  if (!parsed.ok) {
    return { ok: false, outcome: misused(parsed.problems.join("; "), command) };
  }
  const missing = names.filter((name) => !parsed.values[name]);
  if (missing.length > 0) {
    const words = missing.map((name) => `--${name} is missing`);
    return { ok: false, outcome: misused(words.join("; "), command) };
  }
  return { ok: true, valueOf: (name) => parsed.values[name] ?? "" };
}

/** Makes the hub's directory, and looks at where the root's file goes; null where both can be written. */
async function whyNotWritable(
  data: string,
  rootDirectory: string,
): Promise<string | null> {
  try {
    // Of a read-only file system `mkdir` says that there is no such directory.
    await access(await nearestThere(data), constants.W_OK);
    await makeAbsent(data);
    await access(data, constants.W_OK);
  } catch (error) {
    return `--data ${data}: cannot be made: ${reasonOf(error, data)}`;
  }
  try {
    await access(rootDirectory, constants.W_OK);
    return null;
  } catch (error) {
    return `--root-key: ${reasonOf(error, rootDirectory)}`;
  }
}

/** Makes a directory and those above it, one by one: where a file system takes none, as `/proc` does, Node's own recursive way tries without end. */
async function makeAbsent(directory: string): Promise<void> {
  for (const absent of (await listAbsent(directory)).toReversed()) {
    await mkdir(absent, { mode: 0o700 });
  }
}

/** A directory, or the nearest above it that is there. */
async function nearestThere(directory: string): Promise<string> {
  const highest = (await listAbsent(directory)).at(-1);
  return highest === undefined ? directory : path.dirname(highest);
}

/** Of a directory and those above it the ones that are not there, the deepest first. */
async function listAbsent(directory: string): Promise<readonly string[]> {
  const absent: string[] = [];
  let next = path.resolve(directory);
  while (!(await isThere(next)) && path.dirname(next) !== next) {
    absent.push(next);
    next = path.dirname(next);
  }
  return absent;
}

function isThere(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/** What a refused try made, and nobody put anything into. */
async function removeEmpty(directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    try {
      await rmdir(directory);
    } catch {
      // It was never made, or is somebody's by now: then so are those above it.
    }
  }
}

function reasonOf(error: unknown, place: string): string {
  return describeFileError(error, place) ?? errorText(error);
}

function isInside(file: string, directory: string): boolean {
  const relative = path.relative(path.resolve(directory), path.resolve(file));
  return !relative.startsWith("..") && !path.isAbsolute(relative);
}

const done = (text: string): CommandOutcome => ({
  code: exitCodes.done,
  text,
});
const refuse = (text: string): CommandOutcome => ({
  code: exitCodes.refused,
  text: `\n${failedSign()} ${text}\n\n`,
});
const misused = (text: string, { name }: Explained): CommandOutcome => ({
  code: exitCodes.usage,
  text: `\n${failedSign()} ${text}\n${seeHelp(name)}\n`,
});
