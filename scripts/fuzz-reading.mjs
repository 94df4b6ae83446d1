/*
 * Strict reading against a second reader (test/fuzz), as many inputs as wanted:
 *
 *   npm run fuzz -- --count 1000000 --seed 7
 *   npm run fuzz -- --seed 7 --only 4711      one input again, as the report of a difference names it
 *
 * Prints what the inputs came to; exit 1 when the readers differ.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { rolldown } from "rolldown";

import { ROOT } from "./run.mjs";

const BATCH = 10_000;

/** The sources are TypeScript, which older versions of Node do not read. */
async function load(file) {
  const folder = mkdtempSync(join(tmpdir(), "optout-fuzz-"));
  try {
    const bundle = await rolldown({
      input: join(ROOT, file),
      platform: "node",
      external: [/^node:/],
      logLevel: "warn",
    });
    const out = join(folder, "fuzz.mjs");
    await bundle.write({ file: out, format: "esm", codeSplitting: false });
    return await import(pathToFileURL(out).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    only: { type: "string" },
  },
});
const seed = Number(values.seed);
const first = Number(values.only ?? 0);
const count = values.only === undefined ? Number(values.count) : 1;

const { fuzzReading } = await load("test/fuzz/differ.ts");
const outcomes = new Map();
const start = Date.now();
let differences = 0;
for (let from = first; from < first + count && differences === 0; from += BATCH) {
  const found = fuzzReading(seed, from, Math.min(BATCH, first + count - from));
  for (const [kind, times] of Object.entries(found.outcomes)) {
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + times);
  }
  for (const { number, input, ours, theirs } of found.differences) {
    differences += 1;
    console.log(
      `--seed ${seed} --only ${number}\n  ${input}\n  src:    ${ours}\n  second: ${theirs}`,
    );
  }
}
const tried = [...outcomes.values()].reduce((sum, times) => sum + times, 0);
const seconds = Math.round((Date.now() - start) / 1000);
for (const [kind, times] of outcomes) console.log(`${kind.padEnd(18)} ${times}`);
console.log(`${tried} inputs of seed ${seed} in ${seconds} s, ${differences} differences`);
process.exitCode = differences === 0 ? 0 : 1;
