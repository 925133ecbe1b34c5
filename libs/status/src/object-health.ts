import { type ObjectHealth, type ObjectStatus } from "./object-status.ts";

/** Longest message of an object's health, in characters. */
export const maxMessageLength = 1_024;

/** A health whose message begins in lower case, has no full stop, and at most 1,024 characters. */
export function healthOf(status: ObjectStatus, message: string): ObjectHealth {
  const trimmed = message.trim().replace(/\.$/, "");
  const lowered = /^[A-Z][a-z]*(?=[ ,:]|$)/.test(trimmed)
    ? trimmed.charAt(0).toLowerCase() + trimmed.slice(1)
    : trimmed;
  return { status, message: lowered.slice(0, maxMessageLength) };
}

/** Current, with the reason. */
export function current(message: string): ObjectHealth {
  return healthOf("Current", message);
}

/** InProgress, with what is waited for. */
export function inProgress(message: string): ObjectHealth {
  return healthOf("InProgress", message);
}

/** Failed, with the reason. */
export function failed(message: string): ObjectHealth {
  return healthOf("Failed", message);
}
