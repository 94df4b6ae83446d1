/*
 * One CommonJS bundle: everything behind `import()` is a chunk of its own, so that `check` loads only
 * what it needs. Chunks are named after their file or package, without a hash: a test names the
 * chunks that the check path may load.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { defineConfig } from "rolldown";

import { asciiOnly } from "./scripts/ascii.mjs";
import { jsYamlReader } from "./scripts/js-yaml.mjs";
import { noIdleRequire } from "./scripts/no-idle-require.mjs";
import { plainExports } from "./scripts/plain-exports.mjs";
import { thirdPartyLicenses } from "./scripts/licenses.mjs";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));

const PACKAGE = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

function chunkName({ name, facadeModuleId }) {
  const inPackage = PACKAGE.exec((facadeModuleId ?? "").replaceAll("\\", "/"));
  return inPackage === null ? `${name}.cjs` : `npm-${inPackage[1].replaceAll(/[@/]+/g, "-")}.cjs`;
}

export default defineConfig({
  input: { cli: "src/cli.ts" },
  platform: "node",
  external: [/^node:/],
  resolve: { alias: { "@inquirer/external-editor": resolve("scripts/no-editor.mjs") } },
  transform: { define: { OPTOUT_VERSION: JSON.stringify(version) } },
  plugins: [
    jsYamlReader(),
    plainExports(),
    noIdleRequire(),
    asciiOnly(),
    thirdPartyLicenses("THIRD_PARTY_LICENSES.txt"),
  ],
  output: {
    dir: "dist",
    format: "cjs",
    // parts of Node too: `import()` starts the loader of ES modules, which costs a job some of its time
    dynamicImportInCjs: false,
    cleanDir: true,
    entryFileNames: "[name].cjs",
    chunkFileNames: chunkName,
    // less to read and to compile at each start; names of functions stay, for the stack of a fault
    minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
    codeSplitting: {
      // a file costs a job more than what stands in it: one for every job, one for those with git, and
      // one with what both need, so that git can be at work before the file for every job is read
      groups: [
        {
          name: "base",
          test: /src\/(asked-of-remotes|core\/errors|system\/(deadline|files|time-limit|repository-url))\.ts$/,
          priority: 3,
        },
        { name: "job", test: /src\/command-line\.ts$/, priority: 2 },
        {
          name: "git",
          test: /src\/(ahead|stores\/git|system\/trusted|system\/read-together)\.ts$/,
          priority: 1,
        },
      ],
    },
    sourcemap: false,
  },
});
