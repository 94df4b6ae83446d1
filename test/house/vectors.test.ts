/** The further vectors are what their script makes. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it } from "vitest";

const MORE = join(import.meta.dirname, "..", "vectors", "more");

it("vectors that are made by a script are the same when they are made again", () => {
  const directory = mkdtempSync(join(tmpdir(), "optout-vectors-"));
  try {
    execFileSync(process.execPath, [join(MORE, "make.mjs"), directory]);

    for (const name of ["policy.yaml", "logs.json", "decisions.json"]) {
      expect(readFileSync(join(directory, name)).equals(readFileSync(join(MORE, name)))).toBe(true);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
