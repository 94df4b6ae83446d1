/*
 * Makes what a release offers beside the npm package, in `release/`, of the chunks in `dist/` as they
 * are: the program as one file, for machines with Node and without npm; the GitHub action; the sums.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./run.mjs";

const DIST = join(ROOT, "dist");
const RELEASE = join(ROOT, "release");
const PROGRAM = "optout.cjs";
const ACTION = join(RELEASE, "action");
const CHUNKS = readdirSync(DIST).filter((file) => file.endsWith(".cjs"));

/**
 * What the jobs of a workflow load. In the action the rest waits in a second file: Node reads over a
 * whole file before it runs it, and for two megabytes that takes longer than the gate.
 */
const JOB = `
  cli rolldown-runtime base job color git run
  gate gate-words decide-stages step-summary tell-as-ci verdict verdict2
  s3 s3-list s3-place s3-segments`
  .split(/\s+/)
  .filter(Boolean)
  .map((name) => `${name}.cjs`);
const REST = "optout-rest.cjs";

rmSync(RELEASE, { recursive: true, force: true });
mkdirSync(RELEASE);
cpSync(join(ROOT, "templates", "github", "action"), ACTION, { recursive: true });
for (const folder of [RELEASE, ACTION]) {
  cpSync(join(ROOT, "THIRD_PARTY_LICENSES.txt"), join(folder, "THIRD_PARTY_LICENSES.txt"));
}
writeFileSync(join(RELEASE, PROGRAM), program(CHUNKS, "undefined"));
writeFileSync(join(ACTION, PROGRAM), program(JOB, `require("./${REST}")[name]`));
const rest = CHUNKS.filter((file) => !JOB.includes(file));
writeFileSync(join(ACTION, REST), `module.exports = ${table(rest)};\n`);
writeFileSync(join(RELEASE, "SHA256SUMS"), sums());

/**
 * A program of chunks, each as strict as it says itself. Until `main` has answered the exit status is a
 * failure, so that a job that gets no clear answer runs its stage.
 * @param other an expression for the chunk `name` that is not among them
 */
function program(files, other) {
  return `#!/usr/bin/env node
const chunks = ${table(files)};
const loaded = new Map();
function load(name) {
  if (!name.startsWith("./")) return require(name);
  if (!loaded.has(name)) {
    const module = { exports: {} };
    loaded.set(name, module);
    (chunks[name] ?? ${other})(module.exports, load, module);
  }
  return loaded.get(name).exports;
}
process.exitCode = 1;
void load("./cli.cjs").main(process.argv.slice(2)).then((status) => {
  if (Number.isInteger(status) && status >= 0 && status <= 255) process.exitCode = status;
});
`;
}

/** The chunks as functions, by the names under which they ask for one another. */
function table(files) {
  const parts = files.map((file) => {
    const code = readFileSync(join(DIST, file), "utf8");
    return `"./${file}"(exports, require, module) {${code}\n}`;
  });
  return `{\n${parts.join(",\n")}\n}`;
}

/** As `sha256sum --check` reads them. */
function sums() {
  const files = readdirSync(RELEASE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const line = (file) => {
    const sum = createHash("sha256").update(readFileSync(file)).digest("hex");
    return `${sum}  ${file.slice(RELEASE.length + 1).replaceAll("\\", "/")}\n`;
  };
  return files.map(line).join("");
}
