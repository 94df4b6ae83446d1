/**
 * Which open pull requests wait for a status that nobody has set: the branch that receives them
 * demands it, by a ruleset or by the older protection, and their head has no success of it.
 */
import * as v from "valibot";
import { get, pages } from "./answers.ts";
import type { RunsWanted, Unreported } from "./api.ts";
import { openPulls, pullPlace, type GithubScene, type Pull } from "./github-runs.ts";

const perPage = 100;

export async function listUnreported(
  scene: GithubScene,
  context: string,
  isWanted: RunsWanted["isWanted"],
): Promise<readonly Unreported[]> {
  const pulls = (await openPulls(scene)).filter((pull) => isWanted(pullPlace(pull)));
  const branches = [...new Set(pulls.map(({ base }) => base.ref))];
  const demanding = await Promise.all(
    branches.map(async (branch) => ((await isDemanded(scene, branch, context)) ? [branch] : [])),
  );
  const found: Unreported[] = [];
  for (const pull of pulls.filter(({ base }) => demanding.flat().includes(base.ref))) {
    if (await isReported(scene, pull, context)) continue;
    found.push({ pr: pull.number, url: pull.html_url, place: pullPlace(pull) });
  }
  return found;
}

/** One that only a certain App may report is nothing that a person could set. */
async function isDemanded(
  { host, ask, base }: GithubScene,
  branch: string,
  context: string,
): Promise<boolean> {
  const name = encodeURIComponent(branch);
  const rules = await pages(
    (page) => {
      const path = `${base()}/rules/branches/${name}?per_page=${perPage}&page=${page}`;
      return get(host, ask, path, v.array(ruleShape));
    },
    { perPage, most: 3 },
  );
  const checks = rules.flatMap(({ parameters }) => parameters?.required_status_checks ?? []);
  const isRule = checks.some((one) => one.context === context && isAnyones(one));
  if (isRule) return true;
  const { protection } = await get(host, ask, `${base()}/branches/${name}`, branchShape);
  return protection?.required_status_checks?.contexts.includes(context) === true;
}

function isAnyones({ integration_id: app }: v.InferOutput<typeof checkShape>): boolean {
  return (app ?? null) === null;
}

async function isReported(
  { host, ask, base }: GithubScene,
  { head }: Pull,
  context: string,
): Promise<boolean> {
  const statuses = await pages(
    async (page) => {
      const path = `${base()}/commits/${head.sha}/status?per_page=${perPage}&page=${page}`;
      return (await get(host, ask, path, statusesShape)).statuses;
    },
    { perPage, most: 5 },
  );
  return statuses.some((one) => one.context === context && one.state === "success");
}

const checkShape = v.object({ context: v.string(), integration_id: v.nullish(v.number()) });
const ruleShape = v.object({
  parameters: v.optional(
    v.object({
      required_status_checks: v.optional(v.array(checkShape)),
    }),
  ),
});
const branchShape = v.object({
  protection: v.optional(
    v.object({
      required_status_checks: v.optional(v.object({ contexts: v.array(v.string()) })),
    }),
  ),
});
const statusesShape = v.object({
  statuses: v.array(v.object({ context: v.string(), state: v.string() })),
});
