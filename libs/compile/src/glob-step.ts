/** A sign of a name's pattern: itself, any one, any number, or one of a class. */
type Sign =
  | { readonly kind: "literal"; readonly sign: string }
  | { readonly kind: "any" }
  | { readonly kind: "star" }
  | {
      readonly kind: "class";
      readonly isNegated: boolean;
      readonly members: string;
    };

/** The pattern of one name, without a slash. */
export type NamePattern = readonly Sign[];

/** Parses the pattern of one name as Go's `path.Match` has it: `*`, `?`, `[a-z]`, `[^a]` and `\c`. */
export function parseNamePattern(text: string): NamePattern {
  const parts = text.matchAll(/\\(.)|\[(\^?)([^\]]+)\]|(.)/gsu);
  return [...parts].map(([, escaped, not, members, plain]): Sign => {
    if (escaped !== undefined) return { kind: "literal", sign: escaped };
    if (members !== undefined) {
      return { kind: "class", isNegated: not === "^", members };
    }
    if (plain === "*") return { kind: "star" };
    return plain === "?"
      ? { kind: "any" }
      : { kind: "literal", sign: plain ?? "" };
  });
}

/** Whether a pattern matches a whole name. */
export function matchesName(pattern: NamePattern, name: string): boolean {
  return matchesWithStars(pattern, [...name], {
    isStar: ({ kind }) => kind === "star",
    fits: fitsSign,
  });
}

function fitsSign(sign: Sign, actual: string): boolean {
  switch (sign.kind) {
    case "literal":
      return sign.sign === actual;
    case "class":
      return isMember(sign.members, actual) !== sign.isNegated;
    case "any":
      return true;
    case "star":
      return false;
  }
}

function isMember(members: string, actual: string): boolean {
  const signs = [...members];
  return signs.some((sign, index) => {
    const low = signs[index - 1];
    const high = signs[index + 1];
    const isRange = sign === "-" && low !== undefined && high !== undefined;
    return isRange ? low <= actual && actual <= high : sign === actual;
  });
}

/**
 * Matches a whole list against a pattern with stars. Only the last star is ever
 * taken back, so the work is bounded by the product of the lengths, whatever an
 * author writes.
 */
export function matchesWithStars<Part, Item>(
  pattern: readonly Part[],
  items: readonly Item[],
  {
    isStar,
    fits,
  }: {
    readonly isStar: (part: Part) => boolean;
    readonly fits: (part: Part, item: Item) => boolean;
  },
): boolean {
  let at = 0;
  let star = -1;
  let taken = 0;
  let index = 0;
  while (index < items.length) {
    const part = pattern[at];
    const item = items[index] as Item;
    if (part !== undefined && isStar(part)) {
      star = at;
      taken = index;
      at += 1;
    } else if (part !== undefined && fits(part, item)) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      taken += 1;
      index = taken;
      at = star + 1;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every(isStar);
}
