import { isDnsSubdomain } from "./dns-name.ts";

const word = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const wordRule =
  "at most 63 of A-Z, a-z, 0-9, -, _ and ., with a letter or digit first and last";

/** Which rule of Kubernetes a label breaks, with the key and value that break it; null where it holds. */
export function findLabelProblem(key: string, value: string): string | null {
  const rule = findLabelRule(key, value);
  return rule === null
    ? null
    : `label ${JSON.stringify(key)}: ${JSON.stringify(value)}: ${rule}`;
}

/** Which rule of Kubernetes a label breaks, in words; null where it holds. */
export function findLabelRule(key: string, value: string): string | null {
  return findKeyRule(key) ?? findValueRule(value);
}

function findKeyRule(key: string): string | null {
  const parts = key.split("/");
  const name = parts.pop() ?? "";
  const [prefix, ...more] = parts;
  if (more.length > 0) return "a key has at most one /";
  if (name.length > 63 || !word.test(name)) {
    return `a key is ${wordRule}${prefix === undefined ? "" : ", after the /"}`;
  }
  return prefix === undefined || isDnsSubdomain(prefix)
    ? null
    : "a key's prefix is a DNS name: at most 253 of a-z, 0-9, - and .";
}

function findValueRule(value: string): string | null {
  return value === "" || (value.length <= 63 && word.test(value))
    ? null
    : `a value is empty, or ${wordRule}`;
}
