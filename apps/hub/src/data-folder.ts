import { stat } from "node:fs/promises";

/** Says that others on this machine may look into the hub's data folder, and what to do; null where they may not, or where it is not there yet: then the hub makes it for its user alone. */
export async function whyDataIsOpen(data: string): Promise<string | null> {
  const { mode, uid } = (await statOf(data)) ?? { mode: 0, uid: 0 };
  // A folder of somebody else is ours by its group: only all others can be shut out.
  const isOurs = uid === process.getuid?.();
  const open = mode & (isOurs ? 0o077 : 0o007);
  if (open === 0) return null;
  const shown = (mode & 0o777).toString(8).padStart(4, "0");
  const change = isOurs ? "700" : "o-rwx";
  return `--data ${data}: others on this machine may look into it (mode ${shown}), and it holds what bundles deliver, Secrets too; close it: chmod ${change} ${data}`;
}

async function statOf(file: string) {
  try {
    return await stat(file);
  } catch {
    // What is wrong with it is told of where it is opened.
    return undefined;
  }
}
