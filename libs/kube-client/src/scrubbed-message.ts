import { type StatusCause } from "./kube-error-of.ts";

/** What the API server puts between `Invalid value: ` and `: <what is wrong>`: a Go value, quoted or bare. */
const echoedValue =
  /((?:Invalid|Unsupported|Duplicate|Too long|Too many)(?: value)?): (?:"(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null|[\w.[\]{}* ]+\{.*\}|\{.*\})(?=: |,|$)/gs;

/** A server's message without the values that it echoes: `Invalid value: must be …`. */
export function scrubMessage(message: string): string {
  return message.replaceAll(echoedValue, "$1").trim();
}

/** One cause as `field: what is wrong`, without the value. */
export function scrubCause({ field, message }: StatusCause): string {
  const text = scrubMessage(message);
  return field === "" || field === "<nil>" ? text : `${field}: ${text}`;
}
