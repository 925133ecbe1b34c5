import { type Log } from "@wheelhouse/reconcile";

/** Writes one JSON object a line: level, time, fields and msg, as the hub does. Nothing secret is ever a field. */
export function createLog(out: { write(text: string): unknown }): Log {
  return (level, message, fields = {}) => {
    const time = new Date().toISOString();
    out.write(`${JSON.stringify({ level, time, ...fields, msg: message })}\n`);
  };
}
