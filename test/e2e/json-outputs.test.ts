/**
 * Every command that offers `--json` prints what its schema in the package says: the built program, in
 * the course of one story. What needs a forge is held against its schema where the forge is.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { commands } from "../../src/commands/table.ts";
import { schemaNames } from "../../src/output/schemas.ts";
import { crewHead, makeCrew, type Crew, type CrewKeys } from "../support/crew.ts";
import { schemaFaults } from "../support/schema-faults.ts";
import { lines, optout, parsed, push, writeFiles, type Place } from "../support/stage.ts";

const offered = commands.filter(({ json }) => json !== undefined);
/** Those of `test/e2e/rerun.test.ts`. */
const onForge = ["login", "rerun"];

let crew: Crew;

const policy = (keys: CrewKeys): string =>
  crewHead(keys) +
  lines(
    "stages:",
    "  deploy-prod: { kind: deploy, environment: production }",
    "  lint: { kind: quality }",
    "rules:",
    "  - id: deploys",
    "    match: { kind: deploy }",
    "    actions: [force, hold]",
    "    who: [oncall]",
    "    longest: 1h",
    "    approvals: { count: 1, from: [release-manager], pending: 1h }",
    "    emergency: { who: [oncall], longest: 30m, review_within: 1h }",
    "  - id: quality",
    "    match: { kind: quality }",
    "    actions: [skip, allow-failure]",
    "    who: [oncall]",
    "    longest: 6h",
    "notify:",
    "  - { to: slack, url_env: OPTOUT_SLACK_WEBHOOK }",
  );

const cases = lines(
  "version: 1",
  "cases:",
  "  - { who: alice, action: skip, stage: lint, expect: allowed }",
);

/** What was printed, by the command that printed it. */
const printed = new Map<string, unknown>();

beforeAll(async () => {
  crew = await makeCrew(policy);
  const { alice, bob } = crew;
  writeFiles(alice, {
    ".github/workflows/ci.yml":
      "on: push\njobs:\n  lint:\n    steps:\n      - run: optout run lint -- make\n",
    ".optout/policy.test.yaml": cases,
  });
  await push(alice, "Ask about lint");
  const why = ["-m", "the image is broken"] as const;
  /** Runs the command, whose name is the first or the first two of the words. */
  const tell = async (place: Place, ...words: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await optout(place, [...words, "--json"]);
    const [first = "", second = ""] = words;
    const name = commands.find((one) => one.name === `${first} ${second}`)?.name ?? first;
    if (stdout === "") throw new Error(`${words.join(" ")} printed nothing: ${stderr}`);
    printed.set(name, JSON.parse(stdout));
    return String(parsed(stdout)["seq"]);
  };
  await tell(alice, "init", "--yes");
  const skipped = await tell(alice, "skip", "lint", ...why, "--for", "1h");
  await tell(alice, "extend", skipped, ...why, "--for", "1h");
  await tell(alice, "note", skipped, "--ticket", "INC-1", "-m", "opened afterwards");
  await tell(alice, "check", "lint", "--branch", "main");
  await tell(alice, "gate", "lint", "deploy-prod", "--branch", "main");
  await tell(
    alice,
    "verdict",
    "lint",
    "--branch",
    "main",
    "--needs",
    '{"lint":{"result":"skipped"}}',
  );
  await tell(alice, "revoke", skipped);
  await tell(alice, "allow-failure", "lint", ...why);
  await tell(alice, "undo");
  const waits = await tell(alice, "force", "deploy-prod", ...why);
  await tell(bob, "requests");
  await tell(bob, "approve", waits, "--yes");
  const urgent = await tell(alice, "force", "deploy-prod", ...why, "--emergency");
  await tell(bob, "review", urgent, "--outcome", "ok", "-m", "the fix was right");
  await tell(bob, "deny", waits, "-m", "the database migrates tonight");
  await tell(alice, "hold", "deploy-prod", ...why);
  await tell(alice, "show", waits);
  for (const line of [
    "status",
    "history",
    "verify",
    "stages",
    "doctor",
    "whoami --ready",
    "keys list",
    "keys create other --no-passphrase",
    "keys show other",
    "policy check",
    "policy explain lint",
    "policy can-i skip lint",
    "policy test",
    "policy diff HEAD~1",
    "policy who lint",
    "notify list",
    "notify test",
    "notify flush",
  ]) {
    await tell(alice, ...line.split(" "));
  }
});

afterAll(() => crew.stage.remove());

describe("--json", () => {
  it.each(offered.map(({ name, json }) => [name, json?.replace("optout/", "") ?? ""]))(
    "of %s has a schema",
    (_, kind) => {
      expect(schemaNames).toContain(kind);
    },
  );

  it.each(
    offered
      .filter(({ name }) => !onForge.includes(name))
      .map(({ name, json }) => [name, json?.replace("optout/", "") ?? ""]),
  )("of %s is what its schema says", (name, kind) => {
    const told = printed.get(name);

    expect(told).toMatchObject({ kind: `optout/${kind}`, v: 1 });
    expect(schemaFaults(kind, told)).toEqual([]);
  });

  it.each([
    ["skip", "lint", "-m", "the image is broken", "--dry-run"],
    ["force", "deploy-prod", "-m", "the image is broken", "--dry-run"],
  ])("of a dry run of %s is what its schema says", async (...words) => {
    const { stdout } = await optout(crew.alice, [...words, "--json"]);

    expect(parsed(stdout)).toMatchObject({ kind: "optout/preview", v: 1 });
    expect(schemaFaults("preview", JSON.parse(stdout))).toEqual([]);
  });

  it("of several overrides is what its schema says", async () => {
    const all = printed.get("history") as {
      readonly overrides: readonly { readonly id: string }[];
    };
    const ids = all.overrides.slice(0, 2).map(({ id }) => id);
    const { stdout } = await optout(crew.alice, ["revoke", ...ids, "--json"]);

    expect(parsed(stdout)).toMatchObject({ kind: "optout/overrides", overrides: [{}, {}] });
    expect(schemaFaults("overrides", JSON.parse(stdout))).toEqual([]);
  });

  it("of a failure is what its schema says", async () => {
    const { stdout, stderr } = await optout(crew.alice, ["skip", "nope", "-m", "why", "--json"]);

    expect(stdout).toBe("");
    expect(schemaFaults("error", JSON.parse(stderr))).toEqual([]);
  });
});
