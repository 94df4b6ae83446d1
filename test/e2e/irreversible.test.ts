/** Stages whose effect cannot be undone: no emergency, confirmed by name, the way back shown. */
import { spawn } from "node:child_process";
import { once } from "node:events";

import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { hasScript } from "../support/programs.ts";
import {
  BIN,
  cleanEnvironment,
  makeTeam,
  must,
  optout,
  parsed,
  refsOf,
  teamPolicy,
  type Place,
  type Result,
  type Team,
} from "../support/stage.ts";

const rollback = "psql -f down/041.sql ::error::x";
const rule = `  - id: migrations
    match: { kind: migration }
    actions: [skip, force, hold]
    who: [oncall]
    longest: 1h
    approvals: { count: 1, from: [release-manager], pending: 1h }
    emergency: { who: [oncall], longest: 30m, review_within: 24h }
`;

let team: Team;
let laptop: Place;

beforeAll(async () => {
  team = await makeTeam({
    policy: (keys) =>
      `${teamPolicy(keys).replace(
        "rules:",
        `  migrate: { kind: migration, irreversible: true, rollback: "${rollback}" }\nrules:`,
      )}${rule}`,
  });
  ({ laptop } = team.stage);
  await must(laptop, ["skip", "lint", "-m", "registry is down"]);
});

afterAll(() => team.stage.remove());

const why = ["-m", "column is gone already"] as const;
const migrate = (...flags: readonly string[]): Promise<Result> =>
  optout(laptop, ["skip", "migrate", ...why, ...flags]);

describe("without a terminal", () => {
  it("records nothing before the stage is named once more; --yes is no name", async () => {
    const before = await refsOf(team.stage);

    for (const flags of [[], ["--yes"], ["--json"]]) {
      const { status, stderr } = await migrate(...flags);
      expect(status).toBe(2);
      expect(stderr).toContain("what migrate does cannot be undone: confirm it by its name");
      expect(stderr).toContain("add --confirm migrate");
    }
    expect((await migrate("--confirm", "lint")).stderr).toContain(
      "--confirm lint names no stage that this line is about",
    );
    expect(await refsOf(team.stage)).toBe(before);
  });

  it("has no emergency, and offers the command that waits for its approval", async () => {
    const { status, stderr } = await migrate("--emergency", "--for", "30m", "--confirm", "migrate");

    expect(status).toBe(3);
    expect(stderr).toContain("what this stage does cannot be undone, so no emergency (line ");
    expect(stderr).toContain(
      "  would work:  optout skip migrate -m 'column is gone already' --for 30m --confirm migrate ",
    );
    expect(stderr).not.toContain("--emergency");
  });

  it("shows the way back when it is previewed, recorded and approved, as text", async () => {
    const preview = await migrate("--dry-run");
    expect(preview.status).toBe(0);
    expect(preview.stdout).toContain(
      `! what migrate does cannot be undone\n  rollback: ${rollback}\n`,
    );

    const recorded = await migrate("--confirm", "migrate");
    expect(recorded.status).toBe(8);
    expect(recorded.stdout).toContain(`\n  rollback: ${rollback}\n`);

    const { stderr } = await optout(team.bob, ["approve", "migrate", "--yes"]);
    expect(stderr).toContain(`\n  rollback: ${rollback}\n`);
    expect(stderr).toContain("of kind migration; what it does cannot be undone\n");
  });

  it("may be held at once, without a name", async () => {
    expect((await optout(laptop, ["hold", "migrate", ...why])).status).toBe(0);
  });

  it("is extended with its name only", async () => {
    const { seq } = parsed(await must(laptop, ["show", "3", "--json"])) as { seq: number };
    const extend = ["extend", `${seq}`, "--for", "10m", ...why];

    expect((await optout(laptop, extend)).status).toBe(2);
    expect((await optout(laptop, [...extend, "--confirm", "migrate"])).status).toBe(8);
  });

  it("is told by policy explain", async () => {
    const { stdout } = await optout(laptop, ["policy", "explain", "migrate"]);

    expect(stdout).toContain("  undo       cannot be: no emergency, --confirm migrate\n");
    expect(stdout).toContain(`  rollback   ${rollback}\n`);
  });
});

describe.skipIf(!hasScript)("on a terminal", () => {
  async function typing(name: string): Promise<{ status: unknown; shown: string }> {
    const line = "force migrate -m 'column is gone already'";
    const command = `'${process.execPath}' '${BIN}' ${line}`;
    const child = spawn("script", ["-qfec", command, "/dev/null"], {
      cwd: laptop.directory,
      env: { ...cleanEnvironment(laptop), ...laptop.env, TERM: "xterm", SHELL: "/bin/sh" },
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = once(child, "exit").then((all: readonly unknown[]) => all[0]);
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    // eslint-disable-next-line no-control-regex -- what moves the cursor and colours
    const shown = (): string => text.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]|\r/g, "");
    const question = "Type migrate to go on:";
    await vi.waitFor(() => expect(shown()).toContain(question), { timeout: 60_000, interval: 20 });
    child.stdin.write(`${name}\r`);
    return { status: await ended, shown: shown() };
  }

  it("the stage's name is typed, below the way back; another records nothing", async () => {
    const before = await refsOf(team.stage);
    const other = await typing("yes");

    expect(other.status).toBe(130);
    expect(other.shown).toContain(
      `! what migrate does cannot be undone\n  rollback: ${rollback}\n`,
    );
    expect(other.shown).toContain("that is not migrate; nothing was recorded");
    expect(await refsOf(team.stage)).toBe(before);
    expect((await typing("migrate")).status).toBe(8);
    expect(await refsOf(team.stage)).not.toBe(before);
  });
});
