import { randomBytes } from "node:crypto";

/** Where uids, generated names and node ports come from. */
export interface Chance {
  /** A number from 0 up to but not including the bound. */
  below(bound: number): number;
}

/** Chance from the operating system, or the same sequence again from a seed. */
export function createChance(seed?: number): Chance {
  if (seed === undefined) return systemChance();
  let state = seed >>> 0;
  return {
    below(bound) {
      // A small mixing generator: names need to differ, not to be secret.
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
    },
  };
}

/** Drawn from a buffer: asking the system for every letter of a uid is slow. */
function systemChance(): Chance {
  const size = 4096;
  let bytes = randomBytes(size);
  let at = 0;
  return {
    below(bound) {
      if (at + 4 > size) {
        bytes = randomBytes(size);
        at = 0;
      }
      at += 4;
      return bytes.readUInt32LE(at - 4) % bound;
    },
  };
}

const hex = "0123456789abcdef";
const suffixLetters = "bcdfghjklmnpqrstvwxz2456789";

const draw = (chance: Chance, letters: string, length: number) =>
  Array.from({ length }, () => letters[chance.below(letters.length)]).join("");

/** A version 4 uid. */
export function createUid(chance: Chance): string {
  const digits = (length: number) => draw(chance, hex, length);
  return `${digits(8)}-${digits(4)}-4${digits(3)}-a${digits(3)}-${digits(12)}`;
}

/** The five letters after a generateName. */
export function createNameSuffix(chance: Chance): string {
  return draw(chance, suffixLetters, 5);
}
