import { readFileSync } from "node:fs";

/** Clock ticks a second in /proc, on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** CPU seconds that a process has used, user and system. Linux only. */
export function cpuSecondsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident memory of a process. Linux only. */
export function residentMegabytesOf(pid: number): number {
  return megabytesOf(pid, "VmRSS");
}

/** The most resident memory that a process had. Linux only. */
export function peakMegabytesOf(pid: number): number {
  return megabytesOf(pid, "VmHWM");
}

function megabytesOf(pid: number, field: string): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, kilobytes] = new RegExp(`${field}:\\s+(\\d+)`).exec(text) ?? [];
  return Number(kilobytes ?? NaN) / 1024;
}
