/** Strict reading against a second reader; `npm run fuzz` tries a million inputs. */
import { expect, it } from "vitest";
import { fuzzReading } from "./differ.ts";

it("a second reader makes the same of changed positions, statements and JSON", () => {
  const seed = Date.now() % 2 ** 31;
  const { differences, outcomes } = fuzzReading(seed, 0, 3000);

  expect({ seed, differences }).toEqual({ seed, differences: [] });
  expect(Object.keys(outcomes).toSorted()).toEqual([
    "beginning",
    "genuine",
    "note",
    "unknown",
    "void, not signed",
    "void, signed",
  ]);
});
