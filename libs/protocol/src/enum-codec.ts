/** Maps a string union to a wire enum and back. */
export interface EnumCodec<Word extends string, Value extends number> {
  readonly encode: (word: Word) => Value;
  /** The word of a value; the word for the unknown where a newer peer sent another. */
  readonly decode: (value: number) => Word;
}

/**
 * Makes a codec from a table that the compiler holds to be complete: a word
 * without a value does not compile. `unknown` is the word for what this
 * version does not know, the unspecified value included.
 */
export function createEnumCodec<Word extends string, Value extends number>(
  table: Readonly<Record<Word, Value>>,
  unknown: Word,
): EnumCodec<Word, Value> {
  const words = new Map<number, Word>(
    (Object.keys(table) as Word[]).map((word) => [table[word], word]),
  );
  return {
    encode: (word) => table[word],
    decode: (value) => words.get(value) ?? unknown,
  };
}
