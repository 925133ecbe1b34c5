/** The known word that an unknown one was probably meant to be, or undefined where none is near. */
export function nearestWord(
  word: string,
  known: Iterable<string>,
): string | undefined {
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(candidate.length / 3));
    if (distance <= allowed && distance < (best?.distance ?? Infinity)) {
      best = { word: candidate, distance };
    }
  }
  return best?.word;
}

/** Advice for an unknown word, as a field to spread: nothing where no known word is near. */
export function didYouMean(
  word: string,
  known: Iterable<string>,
): { readonly advice?: string } {
  const near = nearestWord(word, known);
  return near === undefined ? {} : { advice: `Did you mean ${near}?` };
}

/** Levenshtein's distance; texts over 256 characters are as far apart as they are long. */
function editDistance(a: string, b: string): number {
  if (a.length > 256 || b.length > 256) return Math.max(a.length, b.length);
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
