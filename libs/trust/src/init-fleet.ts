import {
  createFleetRoot,
  pinOf,
  readFleetRoot,
  writeFleetRoot,
} from "./fleet-root.ts";
import { createHubKeys, readHubEpoch, writeHubKeys } from "./hub-keys.ts";
import { type RootPin, isFleetName, pinFingerprint } from "./root-pin.ts";

/** What `wheelhouse init` needs. */
export interface InitFleetOptions {
  /** The hub's folder for keys; made where it is not there. */
  readonly directory: string;
  /** Where the root goes: not inside `directory`. */
  readonly rootFile: string;
  /** A DNS label. */
  readonly fleet: string;
  readonly nowMs: number;
}

/** What making a fleet or an epoch yields; the problem says what a person can do. */
export type InitFleetResult =
  | { readonly ok: true; readonly pin: RootPin; readonly epoch: number }
  | { readonly ok: false; readonly problem: string };

/** Makes a fleet: its root file, and the hub's keys for epoch 1. Overwrites nothing. */
export async function initFleet(
  options: InitFleetOptions,
): Promise<InitFleetResult> {
  const { directory, rootFile, fleet, nowMs } = options;
  if (!isFleetName(fleet)) {
    return refuse(`${fleet}: a fleet's name is a DNS label of a-z, 0-9 and -`);
  }
  if ((await readHubEpoch(directory)) !== undefined) {
    return refuse(`${directory}: there is a fleet already`);
  }
  const root = await createFleetRoot(fleet, nowMs);
  if (!(await writeFleetRoot(rootFile, root))) {
    return refuse(`${rootFile}: there already; a root is never overwritten`);
  }
  const keys = await createHubKeys(root, 1, nowMs);
  return (await writeHubKeys(directory, keys))
    ? { ok: true, pin: pinOf(root), epoch: 1 }
    : refuse(`${directory}: there are keys of epoch 1 already`);
}

/** What `wheelhouse hub delegate` needs. */
export interface DelegateEpochOptions {
  readonly directory: string;
  readonly rootFile: string;
  readonly nowMs: number;
  /** At least this epoch: for a rebuilt hub that lost count. The one after the newest in `directory`, or 1, where it is not higher. */
  readonly atLeast?: number;
}

/** Makes a new epoch with new keys under the same root: after a restore, a rebuild, a stolen key, or before the year ends. */
export async function delegateEpoch(
  options: DelegateEpochOptions,
): Promise<InitFleetResult> {
  const { directory, rootFile, nowMs, atLeast = 1 } = options;
  const root = await readFleetRoot(rootFile);
  if (root === undefined) return refuse(`${rootFile}: not a root file`);
  const at = await readHubEpoch(directory);
  const pin = pinOf(root);
  if (at !== undefined && pinFingerprint(at.pin) !== pinFingerprint(pin)) {
    return refuse(`${rootFile}: the root of another fleet`);
  }
  const epoch = Math.max(atLeast, (at?.epoch ?? 0) + 1);
  const keys = await createHubKeys(root, epoch, nowMs);
  return (await writeHubKeys(directory, keys))
    ? { ok: true, pin, epoch }
    : refuse(`${directory}: there are keys of epoch ${epoch} already`);
}

function refuse(problem: string): InitFleetResult {
  return { ok: false, problem };
}
