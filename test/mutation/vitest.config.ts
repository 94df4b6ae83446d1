import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The tests that look at the mutants: `scripts/mutation.mjs` names them, for each file its own. */
const include = (process.env["OPTOUT_MUTATION_TESTS"] ?? "test/core/**/*.test.ts").split(",");

const config: ViteUserConfig = defineConfig({
  test: { include, testTimeout: 60_000 },
});

export default config;
