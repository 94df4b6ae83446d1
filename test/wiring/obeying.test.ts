/**
 * Which form of asking obeys which action, and which jobs behind a gate start although it says hold.
 */
import { describe, expect, it } from "vitest";

import { actions } from "../../src/core/policy.ts";
import { asksIn } from "../../src/wiring/asks.ts";
import { obeyedBy, passing } from "../../src/wiring/obeying.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import type { SourceTree } from "../../src/wiring/wiring.ts";
import { treeOf, workflow } from "./given.ts";

describe("a script", () => {
  it.each([
    ["optout run a -- make", actions],
    ["optout gate a", actions],
    ["optout check a || make", ["skip", "force"]],
    ["if optout check a; then exit 0; fi", ["skip", "force"]],
    ["optout check a --action hold && exit 1", ["force", "hold"]],
    ["optout check --action=allow-failure a && exit 1", ["allow-failure", "force"]],
    ["optout check a --action what", ["skip", "force"]],
  ])("%s obeys %j", (script, obeyed) => {
    expect(asksIn(script).map(obeyedBy)).toEqual([obeyed]);
  });
});

const gate = "  gate:\n    steps:\n      - run: optout gate deploy-prod lint\n";
const output = "needs.gate.outputs.deploy-prod";

/** The lines of the conditions that let a held `deploy-prod` start. */
async function passed(tree: SourceTree): Promise<readonly number[]> {
  const wiring = await readWiring(tree);
  return wiring.jobs.flatMap((job) => passing("hold", "deploy-prod", job, wiring)?.line ?? []);
}

const behind = (condition: string, more = ""): SourceTree =>
  workflow(`${gate}  deploy:\n    needs: gate\n    if: \${{ ${condition} }}\n${more}`);

describe("a job behind a gate", () => {
  it.each([
    `${output} != 'skip'`,
    `!cancelled() && ${output} != 'skip'`,
    `github.ref == 'refs/heads/main' && (needs.gate.outputs['deploy-prod'] != 'skip')`,
    `fromJSON(needs.gate.outputs.decisions || '{}').deploy-prod != 'skip'`,
    `${output} != 'skip' || ${output} == 'force'`,
    `${output} != 'skip' && ${output} != 'frozen'`,
  ])("starts although it is held, if %s", async (condition) => {
    expect(await passed(behind(condition))).toEqual([8]);
  });

  it.each([
    `${output} != 'skip' && ${output} != 'hold'`,
    `!cancelled() && (${output} == 'enforced' || ${output} == 'force')`,
    "needs.gate.outputs.lint != 'skip'",
    "needs.gate.outputs.deploy-production != 'skip'",
    "!cancelled()",
    `contains(fromJSON('["force"]'), ${output})`,
  ])("does not, or goes by something else, if %s", async (condition) => {
    expect(await passed(behind(condition))).toEqual([]);
  });

  it("does not where it asks for itself, in a workflow that it calls too", async () => {
    const ask = "    steps:\n      - run: optout run deploy-prod -- make\n";
    const called = `on: workflow_call\njobs:\n  a:\n${ask}`;
    const calls = (uses: string): SourceTree =>
      treeOf({
        ".github/workflows/ci.yml": `on: push\njobs:\n${gate}  deploy:\n    needs: gate\n    if: ${output} != 'skip'\n    uses: ${uses}\n`,
        ".github/workflows/own.yml": called,
        ".github/workflows/mute.yml": "on: workflow_call\njobs:\n  a:\n    steps: []\n",
      });

    expect(await passed(behind(`${output} != 'skip'`, ask))).toEqual([]);
    expect(await passed(calls("./.github/workflows/own.yml"))).toEqual([]);
    expect(await passed(calls("./.github/workflows/mute.yml"))).toEqual([8]);
    expect(await passed(calls("acme/ci/.github/workflows/deploy.yml@v1"))).toEqual([]);
  });

  it("may leave out one of its steps, unless it is left out as a whole", async () => {
    const steps = `    steps:\n      - if: ${output} != 'skip'\n        run: make\n`;

    expect(await passed(behind("!cancelled()", steps))).toEqual([10]);
    expect(await passed(behind(`${output} != 'hold'`, steps))).toEqual([]);
  });
});
