#!/usr/bin/env node
// The installed name of the command line. A checkout is built first.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const built = new URL("../dist/wheelhouse.js", import.meta.url);
if (!existsSync(fileURLToPath(built))) {
  process.stderr.write("\n✕ wheelhouse is not built\n\n  npm run build\n\n");
  process.exit(3);
}
await import(built.href);
