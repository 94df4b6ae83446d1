/*
 * What the published package holds: exactly these entries, no source, no dependencies, the licences
 * of what is bundled, and no more bytes than agreed. Prints the size.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./run.mjs";

const ENTRIES = [
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "SECURITY.md",
  "THIRD_PARTY_LICENSES.txt",
  "bin",
  "dist",
  "docs",
  "package.json",
  "schema",
  "templates",
  "test",
];
const UNPACKED_LIMIT_BYTES = 5_000_000;
const DEPENDENCY_MEMBERS = [
  "dependencies",
  "optionalDependencies",
  "peerDependencies",
  "bundleDependencies",
  "bundledDependencies",
];
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "prepare"];

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const [tarball] = pack();
const paths = tarball.files.map(({ path }) => path);
const top = [...new Set(paths.map((path) => path.split("/", 1)[0]))];

const faults = [
  ...ENTRIES.filter((entry) => !top.includes(entry)).map((entry) => `missing: ${entry}`),
  ...top.filter((entry) => !ENTRIES.includes(entry)).map((entry) => `not allowed: ${entry}`),
  ...paths.filter((path) => /(\.[cm]?ts|\.map)$/.test(path)).map((path) => `source: ${path}`),
  ...paths
    .filter((path) => path.startsWith("test/") && !path.startsWith("test/vectors/"))
    .map((path) => `not allowed: ${path}`),
  ...DEPENDENCY_MEMBERS.filter((name) => Object.hasOwn(manifest, name)).map(
    (name) => `package.json has ${name}: everything is bundled`,
  ),
  ...INSTALL_SCRIPTS.filter((name) => Object.hasOwn(manifest.scripts, name)).map(
    (name) => `package.json has a script ${name}: installing optout runs nothing`,
  ),
  ...(tarball.unpackedSize <= UNPACKED_LIMIT_BYTES
    ? []
    : [`too large: ${tarball.unpackedSize} bytes, limit ${UNPACKED_LIMIT_BYTES}`]),
];

console.log(
  `${paths.length} files, ${kilobytes(tarball.size)} packed, ${kilobytes(tarball.unpackedSize)} unpacked` +
    ` (limit ${kilobytes(UNPACKED_LIMIT_BYTES)})`,
);
for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

function pack() {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const shell = process.platform === "win32";
  const stdio = ["ignore", "pipe", "ignore"];
  return JSON.parse(execFileSync("npm", args, { cwd: ROOT, encoding: "utf8", shell, stdio }));
}

function kilobytes(bytes) {
  return `${Math.ceil(bytes / 1000)} kB`;
}
