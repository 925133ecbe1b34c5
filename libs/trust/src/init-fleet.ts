import { rm } from "node:fs/promises";
import { describeFileError } from "./file-problem.ts";
import {
  createFleetRoot,
  pinOf,
  readFleetRoot,
  writeFleetRoot,
} from "./fleet-root.ts";
import {
  type HubKeys,
  createHubKeys,
  epochFolder,
  readHubEpoch,
  writeHubKeys,
} from "./hub-keys.ts";
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

/** Makes a fleet: its root file, and the hub's keys for epoch 1; both or, where one cannot be written, neither. Overwrites nothing. */
export async function initFleet(
  options: InitFleetOptions,
): Promise<InitFleetResult> {
  const { directory, rootFile, fleet } = options;
  if (!isFleetName(fleet)) {
    return refuse(`${fleet}: a fleet's name is a DNS label of a-z, 0-9 and -`);
  }
  try {
    if ((await readHubEpoch(directory)) !== undefined) {
      return refuse(
        `${directory}: there is a fleet already; start its hub, or give another --data for another fleet`,
      );
    }
    return await makeFleet(options);
  } catch (error) {
    return refuseFileError(error, rootFile);
  }
}

async function makeFleet({
  directory,
  rootFile,
  fleet,
  nowMs,
}: InitFleetOptions): Promise<InitFleetResult> {
  const root = await createFleetRoot(fleet, nowMs);
  const keys = await createHubKeys(root, 1, nowMs);
  if (!(await writeFleetRoot(rootFile, root))) {
    return refuse(await describeOldRoot(rootFile));
  }
  let isMade = false;
  try {
    isMade = await writeHubKeys(directory, keys);
  } finally {
    // A root that no hub was made with would be in the way of the next try.
    if (!isMade) await rm(rootFile, { force: true });
  }
  return isMade
    ? { ok: true, pin: pinOf(root), epoch: 1 }
    : refuseKeys(directory, keys);
}

/** Says what is in the root's place: nothing here can tell whether a hub was made with it. */
async function describeOldRoot(rootFile: string): Promise<string> {
  const root = await readFleetRoot(rootFile);
  return root === undefined
    ? `${rootFile}: there already, and not a root file; give another --root-key, or move it away`
    : `${rootFile}: there already, and a root is never overwritten: it is that of a fleet named ${root.fleet}. Give another --root-key. To bring that fleet's lost hub back: wheelhouse hub delegate. Where no hub was ever made with it, it belongs to no fleet, and may be deleted`;
}

function refuseKeys(directory: string, keys: HubKeys): InitFleetResult {
  const { epoch } = keys.delegation;
  return refuse(
    `${epochFolder(directory, epoch)}: there are keys of epoch ${epoch} already, that no hub uses; remove this directory, and try again`,
  );
}

function refuseFileError(error: unknown, place: string): InitFleetResult {
  const problem = describeFileError(error, place);
  if (problem === undefined) throw error;
  return refuse(`${problem}; nothing is kept of this try`);
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
  try {
    return await makeEpoch(options);
  } catch (error) {
    return refuseFileError(error, options.directory);
  }
}

async function makeEpoch(
  options: DelegateEpochOptions,
): Promise<InitFleetResult> {
  const { directory, rootFile, nowMs, atLeast = 1 } = options;
  const root = await readFleetRoot(rootFile);
  if (root === undefined) {
    return refuse(
      `${rootFile}: not a root file; give the one that wheelhouse init made`,
    );
  }
  const at = await readHubEpoch(directory);
  const pin = pinOf(root);
  if (at !== undefined && pinFingerprint(at.pin) !== pinFingerprint(pin)) {
    return refuse(
      `${rootFile}: the root of another fleet (${pin.fleet}) than the one in ${directory} (${at.pin.fleet}); give that fleet's root file`,
    );
  }
  const epoch = Math.max(atLeast, (at?.epoch ?? 0) + 1);
  const keys = await createHubKeys(root, epoch, nowMs);
  return (await writeHubKeys(directory, keys))
    ? { ok: true, pin, epoch }
    : refuseKeys(directory, keys);
}

function refuse(problem: string): InitFleetResult {
  return { ok: false, problem };
}
