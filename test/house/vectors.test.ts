/** The vectors that scripts make are what they make. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it } from "vitest";

const VECTORS = join(import.meta.dirname, "..", "vectors");

it.each(["more", "rules", "limits"])(
  "the vectors %s are the same when they are made again",
  (name) => {
    const made = join(VECTORS, name);
    const directory = mkdtempSync(join(tmpdir(), "optout-vectors-"));
    try {
      execFileSync(process.execPath, [join(made, "make.mjs"), directory]);

      const files = readdirSync(directory);
      expect(files).toEqual(expect.arrayContaining(["policy.yaml", "logs.json", "decisions.json"]));
      for (const file of files) {
        expect(readFileSync(join(directory, file)).equals(readFileSync(join(made, file)))).toBe(
          true,
        );
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);
