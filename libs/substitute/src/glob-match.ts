/**
 * Whether a shell pattern matches a whole text: `*`, `?`, `[a-z]`, `[^a]` and
 * `\c`, where `*` also passes slashes. Undefined where the pattern is malformed
 * at a place that the text reaches. Both are lists of code points.
 */
export function matchGlob(
  pattern: readonly string[],
  text: readonly string[],
): boolean | undefined {
  let rest = pattern;
  let from = 0;
  while (rest.length > 0) {
    const chunk = nextChunk(rest);
    rest = chunk.rest;
    if (chunk.star && chunk.parts.length === 0) return true;
    const isLast = rest.length === 0;
    const found = findChunk(chunk, text, { from, isLast });
    if (found === undefined) return undefined;
    if (found === "none") return false;
    from = found;
  }
  return from === text.length;
}

interface Chunk {
  readonly star: boolean;
  readonly parts: readonly string[];
  readonly rest: readonly string[];
}

/** The pattern's next piece without a star, and whether one stands before it. */
function nextChunk(pattern: readonly string[]): Chunk {
  let start = 0;
  while (pattern[start] === "*") start += 1;
  let end = start;
  let isInClass = false;
  for (; end < pattern.length; end += 1) {
    const sign = pattern[end];
    if (sign === "\\") end += end + 1 < pattern.length ? 1 : 0;
    else if (sign === "[") isInClass = true;
    else if (sign === "]") isInClass = false;
    else if (sign === "*" && !isInClass) break;
  }
  return {
    star: start > 0,
    parts: pattern.slice(start, end),
    rest: pattern.slice(end),
  };
}

/** Where the text goes on after the chunk's first fitting place, or that there is none. */
function findChunk(
  { star, parts }: Chunk,
  text: readonly string[],
  { from, isLast }: { readonly from: number; readonly isLast: boolean },
): number | "none" | undefined {
  const most = star ? text.length : from;
  for (let start = from; start <= most; start += 1) {
    const end = matchChunk(parts, text, start);
    if (end === undefined) return undefined;
    if (end !== "none" && (end === text.length || !isLast)) return end;
  }
  return "none";
}

function matchChunk(
  parts: readonly string[],
  text: readonly string[],
  start: number,
): number | "none" | undefined {
  let at = 0;
  let used = start;
  while (at < parts.length) {
    const actual = text[used];
    if (actual === undefined) return "none";
    used += 1;
    if (parts[at] === "[") {
      const found = matchClass(parts, at + 1, actual);
      if (found === undefined) return undefined;
      if (!found.matches) return "none";
      at = found.end;
      continue;
    }
    if (parts[at] === "\\") at += 1;
    else if (parts[at] === "?") {
      at += 1;
      continue;
    }
    if (parts[at] === undefined) return undefined;
    if (parts[at] !== actual) return "none";
    at += 1;
  }
  return used;
}

function matchClass(
  parts: readonly string[],
  start: number,
  actual: string,
): { readonly matches: boolean; readonly end: number } | undefined {
  const isNegated = parts[start] === "^";
  let at = isNegated ? start + 1 : start;
  let matches = false;
  for (let count = 0; ; count += 1) {
    if (parts[at] === "]" && count > 0) {
      return { matches: matches !== isNegated, end: at + 1 };
    }
    const low = classMember(parts, at);
    if (low === undefined) return undefined;
    const isRange = parts[low.end] === "-";
    const high = isRange ? classMember(parts, low.end + 1) : low;
    if (high === undefined) return undefined;
    matches ||= isBetween(actual, low.member, high.member);
    at = high.end;
  }
}

function classMember(
  parts: readonly string[],
  at: number,
): { readonly member: string; readonly end: number } | undefined {
  const sign = parts[at];
  if (sign === undefined || sign === "-" || sign === "]") return undefined;
  const place = sign === "\\" ? at + 1 : at;
  const member = parts[place];
  // A class must go on after a member: it is closed by its bracket.
  return member === undefined || parts[place + 1] === undefined
    ? undefined
    : { member, end: place + 1 };
}

function isBetween(actual: string, low: string, high: string): boolean {
  const point = actual.codePointAt(0) ?? 0;
  return (
    (low.codePointAt(0) ?? 0) <= point && point <= (high.codePointAt(0) ?? 0)
  );
}
