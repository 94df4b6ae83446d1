/**
 * What shells are offered for an override: its number, by the copy of the log that is here, for the
 * commands that it is for. Nobody is asked, and nothing that is wrong there is told.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { crewHead, makeCrew, type Crew, type CrewKeys } from "../support/crew.ts";
import {
  git,
  lines,
  makePlace,
  must,
  optout,
  parsed,
  type Place,
  type Result,
} from "../support/stage.ts";

let crew: Crew;

const policy = (keys: CrewKeys): string =>
  crewHead(keys) +
  lines(
    "stages:",
    "  deploy-prod: { kind: deploy }",
    "  lint: { kind: quality }",
    "rules:",
    "  - id: deploys",
    "    match: { kind: deploy }",
    "    actions: [force]",
    "    who: [oncall]",
    "    longest: 1h",
    "    approvals: { count: 1, from: [release-manager], pending: 1h }",
    "    emergency: { who: [oncall], longest: 30m, review_within: 1h }",
    "  - { id: all, match: { kind: quality }, actions: [skip], who: [oncall], longest: 1h }",
  );

/** Of the overrides that alice made, by what became of them. */
const seqs = { ended: 0, inForce: 0, waiting: 0, emergency: 0 };

beforeAll(async () => {
  crew = await makeCrew(policy);
  const make = async (...words: readonly string[]): Promise<number> => {
    const { status, stdout, stderr } = await optout(crew.alice, [...words, "--json"]);
    if (status !== 0 && status !== 8) throw new Error(stderr);
    const found = parsed(stdout)["seq"];
    if (typeof found !== "number") throw new Error(stdout);
    return found;
  };
  seqs.ended = await make("skip", "lint", "-m", "the image is broken");
  await must(crew.alice, ["revoke", String(seqs.ended)]);
  seqs.inForce = await make("skip", "lint", "-m", "the image is broken again");
  seqs.waiting = await make("force", "deploy-prod", "-m", "hotfix for INC-1");
  seqs.emergency = await make("force", "deploy-prod", "-m", "hotfix for INC-2", "--emergency");
  await must(crew.alice, ["status"]);
});

afterAll(() => crew.stage.remove());

const ask = (place: Place, shell: string, ...words: readonly string[]): Promise<Result> =>
  optout(place, ["completion", shell, "--", ...words]);

async function offered(place: Place, ...words: readonly string[]): Promise<readonly string[]> {
  const { status, stdout, stderr } = await ask(place, "bash", ...words);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\n").filter((line) => line !== "");
}

const stages = ["deploy-prod", "lint"];
const numbers = (...all: readonly number[]): readonly string[] => all.map(String);

describe("the overrides that are offered", () => {
  it("are those that can still be ended, newest first, then the stages, for revoke and deny", async () => {
    const { emergency, waiting, inForce } = seqs;
    const wanted = [...numbers(emergency, waiting, inForce), ...stages];

    expect(await offered(crew.alice, "revoke", "")).toEqual(wanted);
    expect(await offered(crew.alice, "deny", "")).toEqual(wanted);
  });

  it("are those that wait for approve, and those in force for extend", async () => {
    expect(await offered(crew.alice, "approve", "")).toEqual([...numbers(seqs.waiting), ...stages]);
    expect(await offered(crew.alice, "extend", "")).toEqual([
      ...numbers(seqs.emergency, seqs.inForce),
      ...stages,
    ]);
  });

  it("are emergencies without their review for review, and all for show and note", async () => {
    const { emergency, waiting, inForce, ended } = seqs;

    expect(await offered(crew.alice, "review", "")).toEqual([...numbers(emergency), ...stages]);
    for (const command of ["show", "note"]) {
      expect(await offered(crew.alice, command, "")).toEqual([
        ...numbers(emergency, waiting, inForce, ended),
        ...stages,
      ]);
    }
  });

  it("are each offered once in a line", async () => {
    const { emergency, waiting, inForce } = seqs;

    expect(await offered(crew.alice, "revoke", String(waiting), "")).toEqual([
      ...numbers(emergency, inForce),
      ...stages,
    ]);
  });

  it("go by their ids once the beginning of one is typed", async () => {
    const shown = parsed(await must(crew.alice, ["show", String(seqs.waiting), "--json"]));
    const id = String(shown["id"]);

    expect(await offered(crew.alice, "approve", id.slice(0, 8))).toEqual([id]);
    expect(await offered(crew.alice, "approve", "ov")).toEqual([id]);
  });

  it("come with what they are, in the shells that show it", async () => {
    const { stdout } = await ask(crew.alice, "fish", "approve", "");

    expect(stdout.split("\n")[0]).toBe(`${seqs.waiting}\tforce deploy-prod (alice, pending)`);
    expect((await ask(crew.alice, "zsh", "approve", "")).stdout.split("\n")[0]).toBe(
      `${seqs.waiting}:force deploy-prod (alice, pending)`,
    );
  });
});

describe("the copy of the log", () => {
  it("is enough: the answer is the same where the remote is gone", async () => {
    const before = await offered(crew.alice, "revoke", "");
    const env = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "remote.origin.url" };
    const gone = { ...crew.alice, env: { ...env, GIT_CONFIG_VALUE_0: "/gone" } };

    expect(await offered(gone, "revoke", "")).toEqual(before);
  });

  it("is not there in a fresh clone: stages are offered, and nothing is fetched or made", async () => {
    const place = makePlace(crew.stage, "fresh");
    await git(place, ["clone", "-q", crew.stage.remote, "."]);

    expect(await offered(place, "revoke", "")).toEqual(stages);
    expect(existsSync(join(place.directory, ".git", "optout"))).toBe(false);
  });

  it("may be broken: then stages are offered, and it is left as it is", async () => {
    await must(crew.bob, ["status"]);
    const objects = join(crew.bob.directory, ".git", "optout", "repo", "objects");
    rmSync(objects, { recursive: true });

    expect(await offered(crew.bob, "revoke", "")).toEqual(stages);
    expect(existsSync(objects)).toBe(false);
  });
});
