/**
 * The same for many, some at a time.
 */

/**
 * Calls `act` for 0 to `count` (exclusive), at most `width` at the same time; results in order. The
 * first failure ends the others through their signal, and is thrown.
 */
export async function inParallel<T>(
  count: number,
  width: number,
  act: (index: number, signal: AbortSignal) => Promise<T>,
): Promise<readonly T[]> {
  const end = new AbortController();
  const results: T[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count && !end.signal.aborted) {
      const index = next;
      next += 1;
      results[index] = await act(index, end.signal);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(width, count) }, work));
  } catch (error) {
    end.abort();
    throw error;
  }
  return results;
}
