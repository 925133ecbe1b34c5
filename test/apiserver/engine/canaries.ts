/** Values that must be found nowhere but in the objects that they were applied to. */
export function makeCanaries(count: number): readonly string[] {
  return Array.from(
    { length: count },
    (_, index) => `cnry-${String(index).padStart(2, "0")}-q7Z+x/${index}w%=`,
  );
}

/** In how many ways a canary can stand in a text that was not meant to hold it. */
export function formsOf(canary: string): readonly string[] {
  const bytes = Buffer.from(canary, "utf8");
  return [
    canary,
    JSON.stringify(canary).slice(1, -1),
    JSON.stringify(JSON.stringify(canary).slice(1, -1)).slice(1, -1),
    encodeURIComponent(canary),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    // Without the signs that it shares with what stands before and after it.
    ...[0, 1, 2].map((offset) =>
      Buffer.concat([Buffer.alloc(offset), bytes])
        .toString("base64")
        .slice(
          Math.ceil((offset * 8) / 6),
          Math.floor(((offset + bytes.length) * 8) / 6),
        ),
    ),
    // What every canary begins with: a piece of one is one too many.
    canary.slice(0, 7),
  ];
}

/** The canaries that a text holds in any form. */
export function findCanaries(
  text: string,
  canaries: readonly string[],
): readonly string[] {
  return canaries.filter((canary) =>
    formsOf(canary).some((form) => text.includes(form)),
  );
}
