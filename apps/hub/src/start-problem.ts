import { createServer } from "node:net";
import { errorText } from "@wheelhouse/kube-object";
import { describeFileError } from "@wheelhouse/trust";
import { type HostPort, type HubSettings } from "./settings.ts";

/** Says in words why a hub could not start, with what to do where that is known. */
export function describeStartError(
  error: unknown,
  { data }: Pick<HubSettings, "data">,
): string {
  return (
    describeFileError(error, data) ??
    describeDatabaseError(error, data) ??
    errorText(error)
  );
}

const databaseAdvice = [
  ["SQLITE_FULL", "the disk is full; make room on it, and try again"],
  [
    "SQLITE_READONLY",
    "the database cannot be written; mount its file system for writing, or run as the user that owns the files",
  ],
  [
    "SQLITE_CANTOPEN",
    "the database cannot be opened; run as the user that owns the files, on a file system that can be written",
  ],
  [
    "SQLITE_IOERR",
    "the database cannot be read or written; look at the disk, whether it is full or broken",
  ],
  [
    "SQLITE_CORRUPT",
    "the database is damaged; put a backup of the whole directory back",
  ],
  [
    "SQLITE_NOTADB",
    "hub.db is no database; put a backup of the whole directory back",
  ],
] as const;

function describeDatabaseError(
  error: unknown,
  data: string,
): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const code = String(error.code);
  const found = databaseAdvice.find(([prefix]) => code.startsWith(prefix));
  return found && `--data ${data}: ${found[1]} (${code})`;
}

const listenAdvice: Readonly<Record<string, string>> = {
  EADDRINUSE:
    "another program listens there already; stop it, or give another port",
  EADDRNOTAVAIL:
    "this machine does not have this address; give one of its own, or 0.0.0.0",
  EACCES: "this user may not listen on this port; give one from 1024 on",
  ENOTFOUND: "there is no host of this name; give an address of this machine",
};

/** Tries an address before anything is served, and lets go of it; null where it can be listened on. */
export function whyNotListening(
  flag: "--listen" | "--link-listen",
  { host, port }: HostPort,
): Promise<string | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const code = error.code ?? "";
      const words = listenAdvice[code];
      const why = words === undefined ? error.message : `${words} (${code})`;
      resolve(`${flag} ${host}:${port}: ${why}`);
    });
    server.listen({ host, port }, () => server.close(() => resolve(null)));
  });
}
