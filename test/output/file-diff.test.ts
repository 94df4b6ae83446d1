import { describe, expect, it } from "vitest";

import { diffLines } from "../../src/output/file-diff.ts";
import { plainPaint } from "../../src/output/paint.ts";

const shown = (before: string | null, after: string, summary: string | null = null) =>
  diffLines({ path: "a.yaml", before, after, summary }, plainPaint);

describe("the diff of a file", () => {
  it("is all of a new one", () => {
    expect(shown(null, "a\nb\n")).toEqual([
      "--- /dev/null",
      "+++ a.yaml",
      "@@ -0,0 +1,2 @@",
      "+a",
      "+b",
    ]);
  });

  it("is the lines that change, with three around them", () => {
    const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

    expect(shown(before, before.replace("5\n", "five\n"))).toEqual([
      "--- a.yaml",
      "+++ a.yaml",
      "@@ -2,7 +2,7 @@",
      " 2",
      " 3",
      " 4",
      "-5",
      "+five",
      " 6",
      " 7",
      " 8",
    ]);
  });

  it("is a line that is put in among equal ones", () => {
    expect(shown("a\na\n", "a\na\na\n").slice(2)).toEqual(["@@ -1,2 +1,3 @@", " a", " a", "+a"]);
  });

  it("says of a file that nobody reads how long it is", () => {
    expect(shown(null, "a\nb\n", "for editors").slice(2)).toEqual(["@@ -0,0 +1,2 @@ for editors"]);
  });

  it("shows what a terminal would obey", () => {
    expect(shown(null, "\u001b[2J\n").at(-1)).toBe("+\\u{1b}[2J");
  });
});
