/**
 * A bigger team: four people and the jobs, each with an own key, machine and clone of one remote.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import {
  git,
  lines,
  makeKey,
  makePlace,
  makeStage,
  must,
  push,
  writeFiles,
  type Place,
  type Stage,
} from "./stage.ts";

const names = ["bob", "carol", "dora"] as const;

export interface Crew {
  readonly stage: Stage;
  readonly alice: Place;
  readonly bob: Place;
  readonly carol: Place;
  readonly dora: Place;
  /** A runner's machine; the job's key is in the environment. */
  readonly job: Place;
}

/** The lines of keys for the policy. */
export type CrewKeys = Readonly<Record<"alice" | (typeof names)[number] | "ci", string>>;

/** How their policies begin: who is in the crew. Alice is on call, Bob and Carol manage releases. */
export function crewHead({ alice, bob, carol, dora, ci }: CrewKeys, role = "developer"): string {
  return lines(
    "version: 1",
    "log: { store: git, branch: optout-log }",
    "principals:",
    `  alice: { roles: [oncall], keys: ["${alice}"] }`,
    `  bob: { roles: [release-manager], keys: ["${bob}"] }`,
    `  carol: { roles: [release-manager], keys: ["${carol}"] }`,
    `  dora: { roles: [${role}], keys: ["${dora}"] }`,
    `  ci: { kind: ci, keys: ["${ci}"] }`,
  );
}

/** @param policy its text, without `log.id`, which `init` writes */
export async function makeCrew(policy: (keys: CrewKeys) => string): Promise<Crew> {
  const stage = await makeStage();
  const alice = stage.laptop;
  const [bob, carol, dora] = names.map((name) => makePlace(stage, name));
  const job = makePlace(stage, "job");
  if (bob === undefined || carol === undefined || dora === undefined) throw new Error("no places");
  const places = [alice, bob, carol, dora, job];
  const [a = "", b = "", c = "", d = "", ci = ""] = await Promise.all(
    places.map((place) => makeKey(place)),
  );
  const text = policy({ alice: a, bob: b, carol: c, dora: d, ci });
  writeFiles(alice, { ".optout/policy.yaml": text });
  await must(alice, ["init", "--yes"]);
  await push(alice, "Add the optout policy");
  await Promise.all(
    [bob, carol, dora, job].map((place) => git(place, ["clone", "-q", stage.remote, "."])),
  );
  const file = join(job.home, "data", "optout", "keys", "default.pem");
  const env = { OPTOUT_KEY: readFileSync(file, "utf8") };
  rmSync(file);
  return { stage, alice, bob, carol, dora, job: { ...job, env } };
}
