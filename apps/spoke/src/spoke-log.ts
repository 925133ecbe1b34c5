import { type Log } from "@wheelhouse/reconcile";

/** Writes one JSON object a line: time, level, message and fields. Nothing secret is ever a field. */
export function createLog(out: { write(text: string): unknown }): Log {
  return (level, message, fields = {}) => {
    const time = new Date().toISOString();
    out.write(`${JSON.stringify({ time, level, ...fields, message })}\n`);
  };
}
