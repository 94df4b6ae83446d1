import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");

it("docs/nights.md is what the program says today", async () => {
  const script = join(root, "scripts", "nights.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [script, "--print"]);

  expect(stdout).toBe(readFileSync(join(root, "docs", "nights.md"), "utf8"));
});
