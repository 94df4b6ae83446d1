import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

import { defineConfig, type ViteUserConfig } from "vitest/config";

import manifest from "./package.json" with { type: "json" };

// Makes every child start 2.5 times slower on Node 20, and no test speaks to a foreign host.
delete process.env["NODE_EXTRA_CA_CERTS"];

const forbidSkips = process.env["OPTOUT_FORBID_SKIPS"] === "1";

/** Its modules name source maps that the package does not bring. */
const withoutSourceMaps = {
  name: "workflow-parser-without-source-maps",
  load: (id: string): string | null =>
    /@actions\/workflow-parser\/.*\.js$/.test(id)
      ? readFileSync(id, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "")
      : null,
};

const config: ViteUserConfig = defineConfig({
  plugins: [withoutSourceMaps],
  // the one place that the bundler writes into the source
  define: { OPTOUT_VERSION: JSON.stringify(manifest.version) },
  test: {
    // its modules import JSON without an attribute, which plain Node refuses
    server: { deps: { inline: ["@actions/workflow-parser"] } },
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // most tests wait for other programs, so that two processors are more than one worker can use
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // only what hangs; how long a test takes is the machine's affair
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: forbidSkips ? ["default", "./test/support/no-skips.ts"] : ["default"],
    coverage: { include: ["src/**/*.ts"], reportsDirectory: "coverage" },
  },
});

export default config;
