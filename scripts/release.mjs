/*
 * Makes what a release offers beside the npm package, in `release/`: the program as one file, for
 * machines with Node and without npm; the GitHub action, which is that file and its door; the sums.
 * `npm run release` builds the bundle first.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { rolldown } from "rolldown";

import { ROOT } from "./run.mjs";

const RELEASE = join(ROOT, "release");
const PROGRAM = join(RELEASE, "optout.cjs");
const ACTION = join(RELEASE, "action");

rmSync(RELEASE, { recursive: true, force: true });
await bundle();
cpSync(join(ROOT, "templates", "github", "action"), ACTION, { recursive: true });
cpSync(PROGRAM, join(ACTION, "optout.cjs"));
cpSync(join(ROOT, "THIRD_PARTY_LICENSES.txt"), join(RELEASE, "THIRD_PARTY_LICENSES.txt"));
cpSync(join(ROOT, "THIRD_PARTY_LICENSES.txt"), join(ACTION, "THIRD_PARTY_LICENSES.txt"));
writeFileSync(join(RELEASE, "SHA256SUMS"), sums());

/** One file that needs nothing beside it; the names of functions stay, for the stack of a fault. */
async function bundle() {
  const build = await rolldown({
    input: join(ROOT, "scripts", "single-file.cjs"),
    platform: "node",
    external: [/^node:/],
  });
  mkdirSync(RELEASE, { recursive: true });
  await build.write({
    file: PROGRAM,
    format: "cjs",
    banner: "#!/usr/bin/env node",
    codeSplitting: false,
    minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
  });
  await build.close();
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
