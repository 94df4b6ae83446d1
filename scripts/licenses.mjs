/*
 * A rolldown plugin that writes THIRD_PARTY_LICENSES.txt: the licence text of every npm package
 * whose code is in the bundle, and of no other. It stops the build when a package has no licence
 * text, or one that is not on the list of those that the project may ship.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const ALLOWED = new Set([
  "MIT",
  "MIT-0",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "0BSD",
  "(MIT OR CC0-1.0)",
]);
/** Published without a licence file, each by the repository and under the licence of another. */
const SAME_AS = new Map([
  ["credential-provider-http", "credential-provider-node"],
  ["credential-provider-login", "credential-provider-node"],
  ["nested-clients", "credential-provider-node"],
]);
const LICENSE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;
const RULE = "-".repeat(80);

/** @param {string} file where the licences are written */
export function thirdPartyLicenses(file) {
  return {
    name: "third-party-licenses",
    writeBundle(_options, bundle) {
      const packages = bundledPackages(bundle);
      writeFileSync(file, render(packages));
      console.log(`third-party licences: ${packages.length} bundled packages`);
    },
  };
}

function bundledPackages(bundle) {
  const folders = new Set();
  for (const chunk of Object.values(bundle)) {
    for (const id of chunk.moduleIds ?? []) {
      const folder = packageFolder(id);
      if (folder !== undefined) folders.add(folder);
    }
  }
  const byTitle = new Map([...folders].map(readPackage).map((found) => [found.title, found]));
  return [...byTitle.values()].sort((a, b) => (a.title < b.title ? -1 : 1));
}

// A module id may carry a prefix (a virtual module of the bundler) or a query.
function packageFolder(id) {
  const path = id.replace(/^\0+/, "").replace(/\?.*$/, "").replaceAll("\\", "/");
  const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
  return match?.[1];
}

function readPackage(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const title = `${manifest.name} ${manifest.version}`;
  if (!ALLOWED.has(manifest.license)) {
    throw new Error(
      `${title}: licence "${manifest.license}" is not on the list of scripts/licenses.mjs`,
    );
  }
  const twin = title.startsWith("@aws-sdk/") ? SAME_AS.get(basename(folder)) : undefined;
  const texts = licenseTexts(twin === undefined ? folder : join(dirname(folder), twin));
  if (texts.length === 0) throw new Error(`${title}: no licence text in ${dirname(folder)}`);
  return { title, license: manifest.license, texts };
}

function licenseTexts(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder)
    .filter((name) => LICENSE_FILE.test(name))
    .sort();
  return names.map((name) =>
    readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim(),
  );
}

/** A text that several packages share stands there once, below all their names. */
function render(packages) {
  const intro = "optout is one bundle. It holds code of these packages, under these licences.\n";
  const byText = new Map();
  for (const one of packages) {
    const text = one.texts.join("\n");
    byText.set(text, [...(byText.get(text) ?? []), one]);
  }
  const parts = [...byText].map(([text, sharing]) => {
    const names = sharing.map(({ title, license }) => `${title} (${license})`);
    return [RULE, ...names, RULE, "", text, ""].join("\n");
  });
  return [intro, ...parts].join("\n");
}
