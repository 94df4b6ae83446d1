/**
 * "Did you mean …?": the known word that is nearest to one that was typed.
 */

/** Longer words are cut: nobody means a word that differs after this many characters. */
const maxLength = 64;

/**
 * The candidate with the fewest slips (a letter wrong, missing, added, or two swapped), whatever
 * the case of the letters; the first of several. Null when even that one has more than two slips
 * and more than a third of the word, or shares nothing with it.
 */
export function closest(word: string, candidates: Iterable<string>): string | null {
  const typed = fold(word);
  const limit = Math.min(Math.max(2, Math.floor(typed.length / 3)), typed.length - 1);
  let best: string | null = null;
  let fewest = limit + 1;
  for (const candidate of candidates) {
    const known = fold(candidate);
    if (Math.abs(known.length - typed.length) >= fewest) continue;
    const slips = distance(typed, known);
    if (slips >= fewest) continue;
    best = candidate;
    fewest = slips;
  }
  return best;
}

const fold = (word: string): string => word.slice(0, maxLength).toLowerCase();

/** Optimal string alignment: Levenshtein, and two neighbours swapped count as one slip. */
function distance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(row, j - 1) + 1,
          at(last, j) + 1,
          at(last, j - 1) + (same ? 0 : 1),
          swapped ? at(beforeLast, j - 2) + 1 : Infinity,
        ),
      );
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity;
