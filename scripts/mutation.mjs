/*
 * The mutation score of `src/core`: Stryker changes one thing at a time, and a test must notice.
 *
 *   npm run mutation                         every file, one after another
 *   npm run mutation -- decide.ts judge.ts   these
 *
 * Each file meets the tests of its own name and those named here, which is a lower bound: a test
 * further away may notice more. What survives is written to reports/mutation/FILE.txt, the figures
 * to docs/mutation.md.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Stryker } from "@stryker-mutator/core";

import { score, totalOf, writeTable } from "./mutation-table.mjs";
import { ROOT } from "./run.mjs";

const REPORTS = join(ROOT, "reports", "mutation");

const deciding = ["core/decide", "core/judge", "core/vectors"];
const policy = ["core/policy-parse", "core/policy-schema", "house/schema"];

/** Makes what other tests make before they begin, where Stryker does not see them fail. */
const WORLD = "test/core/world.test.ts";

/** Tests of a file beside its own. */
const MORE = {
  approvals: ["core/judge", "core/authorize", "core/then"],
  channel: ["core/channel-shape", "core/notice"],
  claim: [...deciding, "core/reading", "core/candidates"],
  clock: [...deciding, "core/candidates"],
  contradiction: [...deciding, "core/view", "log/read"],
  crypto: ["core/vectors"],
  curves: ["core/crypto", "core/keys"],
  decide: deciding,
  errors: ["house/docs", "output/failure"],
  exit: ["house/docs", "core/vectors"],
  extension: ["core/authorize", "log/limit-vectors", "log/audit"],
  judge: [...deciding, "core/state", "core/authorize", "core/then"],
  json: ["core/reading"],
  "json-shape": ["core/statement", "core/reading", "commands/schema"],
  jws: ["core/reading"],
  "limits-shape": policy,
  "log-shape": policy,
  "new-stage": ["operations/policy-template"],
  "open-overrides": ["core/authorize", "log/limit-vectors", "log/audit"],
  permitting: ["core/judge", "core/authorize", "core/then"],
  policy: [...policy, "core/rule", "core/judge"],
  "policy-case": ["house/docs-policy"],
  "policy-difference": ["operations/policy-diff", "properties/policy-diff"],
  "policy-parse": policy,
  "policy-schema": policy,
  "policy-shape": [...policy, "core/freeze"],
  "policy-warnings": policy,
  "policy-words": [...policy, "core/freeze"],
  position: ["core/reading"],
  reading: ["core/vectors", "core/view"],
  reviews: ["core/vectors"],
  rule: ["core/judge", "core/vectors"],
  "rule-shape": [...policy, "core/approvals"],
  scope: ["core/authorize", "core/judge"],
  shape: policy,
  "shape-collections": policy,
  state: ["core/judge"],
  statement: ["core/reading"],
  "statement-shape": ["core/statement", "core/reading"],
  // oxlint-disable-next-line unicorn/no-thenable -- the name of a file
  then: ["core/judge"],
  "time-used": ["core/authorize", "log/time-window", "log/audit-limits"],
  view: ["core/judge", "core/reading", "log/read"],
  "yaml-scalar": ["core/yaml-tree", "core/policy-parse"],
  "yaml-text": ["core/yaml-tree", "core/policy-parse"],
  "yaml-tree": ["core/policy-parse"],
};

/** Nothing in them can be changed that runs. */
const TYPES_ONLY = ["access", "objection"];

const counted = { detected: ["Killed", "Timeout"], missed: ["Survived", "NoCoverage"] };

const fileOf = (test) => `test/${test}.test.ts`;
const isThere = (file) => existsSync(join(ROOT, file));

function testsOf(name) {
  const more = (MORE[name] ?? []).map(fileOf);
  const missing = more.filter((file) => !isThere(file));
  if (missing.length > 0) throw new Error(`${name}: there is no ${missing.join(", ")}`);
  const own = [fileOf(`core/${name}`)].filter(isThere);
  const tests = [...new Set([...own, ...more])];
  if (tests.length > 0) return [...new Set([WORLD, ...tests])];
  throw new Error(`core/${name}.ts has no test of its own, and scripts/mutation.mjs names none`);
}

async function mutate({ file, name, tests }) {
  process.env.OPTOUT_MUTATION_TESTS = tests.join(",");
  const stryker = new Stryker({
    mutate: [`src/core/${file}`],
    testRunner: "vitest",
    vitest: { configFile: "test/mutation/vitest.config.ts", related: false },
    plugins: ["@stryker-mutator/vitest-runner"],
    coverageAnalysis: "perTest",
    concurrency: 1,
    incremental: true,
    incrementalFile: join(REPORTS, `${name}.json`),
    reporters: [],
    logLevel: "error",
    allowConsoleColors: false,
    // a loaded machine is slow, and a slow test is no test that noticed
    timeoutMS: 30_000,
    ignorePatterns: ["dist", "coverage"],
    tempDirName: join(".stryker-tmp", name),
  });
  const mutants = await stryker.runMutationTest();
  const count = (statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const figures = { file, detected: count(counted.detected), missed: count(counted.missed) };
  writeFileSync(join(REPORTS, `${name}.txt`), survivors(mutants));
  return figures;
}

function survivors(mutants) {
  return mutants
    .filter(({ status }) => counted.missed.includes(status))
    .map(({ status, location, mutatorName, replacement }) => {
      const { line, column } = location.start;
      return `${line}:${column} ${status} ${mutatorName} -> ${replacement}\n`;
    })
    .join("");
}

const row = (figures) =>
  `${figures.file.padEnd(24)} ${String(figures.detected + figures.missed).padStart(5)} mutants, ` +
  `${String(figures.missed).padStart(4)} missed, ${score(figures).padStart(5)} %`;

mkdirSync(REPORTS, { recursive: true });
const known = readdirSync(join(ROOT, "src", "core"));
const stray = [...Object.keys(MORE), ...TYPES_ONLY].filter((name) => !known.includes(`${name}.ts`));
if (stray.length > 0) throw new Error(`scripts/mutation.mjs names ${stray.join(", ")} of src/core`);
const named = process.argv.slice(2);
const unknown = named.filter((file) => !known.includes(file));
if (unknown.length > 0) throw new Error(`src/core has no ${unknown.join(", ")}`);

// all before the first, which takes minutes
const work = (named.length > 0 ? named : known)
  .map((file) => ({ file, name: file.replace(/\.ts$/, "") }))
  .filter(({ name }) => !TYPES_ONLY.includes(name))
  .map((one) => ({ ...one, tests: testsOf(one.name) }));
if (work.length === 0) throw new Error(`types only, nothing to change: ${named.join(", ")}`);

const all = [];
for (const one of work) {
  const figures = await mutate(one);
  all.push(figures);
  console.log(row(figures));
  // at once: who stops a long run keeps what it found
  writeTable(figures, known);
}
const total = { ...totalOf(all), file: "all" };
if (all.length > 1) console.log(row(total));
process.exitCode = Number(score(total)) >= 85 ? 0 : 1;
