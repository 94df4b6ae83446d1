/**
 * Recorded is not effective: the writing commands end with which CI files ask about the stage where
 * the change is received, as the remote holds them; the built program over a real remote.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  git,
  makeClone,
  makeTeam,
  must,
  optout,
  parsed,
  push,
  writeFiles,
  type Place,
  type Result,
  type Team,
} from "../support/stage.ts";

import { schemaFaults } from "../support/schema-faults.ts";

let team: Team;
let laptop: Place;
const why = ["-m", "registry is down"] as const;
const ci = ".github/workflows/ci.yml";
const asking = (stage: string, job = stage): string =>
  `on: push\njobs:\n  ${job}:\n    steps:\n      - run: optout run ${stage} -- make\n`;

beforeAll(async () => {
  team = await makeTeam();
  ({ laptop } = team.stage);
  await branch("release/1.4", { [ci]: asking("unit-tests") });
  await branch("broken", { [ci]: "on: push\njobs: [\n" });
  await branch("foreign", {
    ".gitlab-ci.yml": "include:\n  - project: acme/ci\n    file: all.yml\n",
  });
  await git(laptop, ["switch", "-q", "main"]);
  writeFiles(laptop, { [ci]: asking("lint") });
  await push(laptop, "Ask about lint");
});

afterAll(() => team.stage.remove());

/** A branch of main with files, on the remote and nowhere else. */
async function branch(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  await git(laptop, ["switch", "-q", "-c", name, "main"]);
  writeFiles(laptop, files);
  await push(laptop, name);
  await git(laptop, ["switch", "-q", "main"]);
  await git(laptop, ["branch", "-q", "-D", name]);
  await git(laptop, ["update-ref", "-d", `refs/remotes/origin/${name}`]);
}

const skip = (...more: readonly string[]): Promise<Result> =>
  optout(laptop, ["skip", ...more, ...why]);

const headOfLog = (): Promise<string> =>
  git(laptop, ["rev-parse", "optout-log"], { cwd: team.stage.remote });

describe("what is true once an override is recorded", () => {
  it("names the file and the job that ask about the stage", async () => {
    const { status, stdout } = await skip("lint");

    expect(status).toBe(0);
    expect(stdout).toContain(`\n  asked for by ${ci} (job lint)\n`);
  });

  it("says loudly that nothing asks, and exits 0", async () => {
    const { status, stdout } = await skip("unit-tests");

    expect(status).toBe(0);
    expect(stdout).toContain(
      "\n! nothing on main asks optout about unit-tests: this will have no effect\n",
    );
  });

  it.each(["allow-failure", "force", "hold"])("does so for %s too", async (action) => {
    const { stdout } = await optout(laptop, [action, "lint", ...why]);

    expect(stdout).toContain(`\n  asked for by ${ci} (job lint)\n`);
  });

  it("looks at the receiving branch, line by line where there are several", async () => {
    const one = await skip("lint", "--branch", "release/1.4");
    const two = await skip("unit-tests", "--branch", "release/1.4", "--branch", "main");

    expect(one.stdout).toContain(
      "\n! nothing on release/1.4 asks optout about lint: this will have no effect\n",
    );
    expect(two.stdout).toContain(
      `\n  asked for on release/1.4 by ${ci} (job unit-tests)\n` +
        "! nothing on main asks optout about unit-tests: this will have no effect\n",
    );
  });

  it("names who asks in vain, where the CI files do not run it for that branch", async () => {
    const onMain = asking("lint").replace("on: push", "on: { push: { branches: [main] } }");
    await branch("release/2.0", { [ci]: onMain });
    const { status, stdout } = await skip("lint", "--branch", "release/2.0");

    expect(status).toBe(0);
    expect(stdout).toContain(
      `\n! ${ci} (job lint) asks about lint, and does not run for release/2.0: this will have no effect\n`,
    );
    const wired = await skip("lint", "--branch", "release/2.0", "--require-wired");
    expect(wired.status).toBe(3);
    expect(wired.stderr).toContain(
      `${ci} (job lint) asks about lint, and does not run for release/2.0; nothing was recorded`,
    );
    const json = parsed(
      await must(laptop, ["skip", "lint", "--branch", "release/2.0", ...why, "--json"]),
    );
    expect(json["effects"]).toMatchObject([{ asks: [], notRun: [{ file: ci, job: "lint" }] }]);
    expect(schemaFaults("override", json)).toEqual([]);
  });

  it("says of a branch that the remote does not have that nothing there asks", async () => {
    const { status, stdout } = await skip("lint", "--branch", "release/9");

    expect(status).toBe(0);
    expect(stdout).toContain("! nothing on release/9 asks optout about lint");
  });

  it("looks at a head and at the branch that receives it", async () => {
    const own = await skip("unit-tests", "--head", "release/1.4");
    const received = await skip("lint", "--head", "only-here");

    expect(own.stdout).toContain(`asked for by ${ci} (job unit-tests)`);
    expect(received.stdout).toContain(`asked for by ${ci} (job lint)`);
  });

  it("counts branches beyond six", async () => {
    const branches = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((number) => ["--branch", `gone-${number}`]);
    const { stdout } = await skip("lint", ...branches);

    expect(stdout.match(/^! nothing on /gm)).toHaveLength(6);
    expect(stdout).toContain("\n  and 2 more places\n");
  });

  it("does not speak for branches that it did not look at", async () => {
    const { stdout } = await skip("unit-tests", "--all-branches");

    expect(stdout).toContain(
      "nothing on main asks optout about unit-tests: this will have no effect there; other branches were not looked at\n",
    );
  });

  it("cannot tell where a CI file cannot be read, or takes in what is not read", async () => {
    const broken = await skip("lint", "--branch", "broken");
    const foreign = await skip("lint", "--branch", "foreign");

    expect(broken.status).toBe(0);
    expect(broken.stdout).toContain(
      `\n  it could not be told which CI files ask about lint (${ci}:`,
    );
    expect(foreign.stdout).toContain(
      "\n  it could not be told which CI files ask about lint (.gitlab-ci.yml:2 takes in ",
    );
  });

  it("records all the same where the remote cannot hand a branch out", async () => {
    const { remote } = team.stage;
    const lost = `tree ${"1".repeat(40)}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nlost\n`;
    const hash = ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"];
    const commit = await git(laptop, hash, { cwd: remote, input: lost });
    await git(laptop, ["update-ref", "refs/heads/lost", commit], { cwd: remote });

    const before = await headOfLog();
    const { status, stdout } = await skip("lint", "--branch", "lost");
    const after = await headOfLog();
    const wired = await skip("lint", "--branch", "lost", "--require-wired");
    await git(laptop, ["update-ref", "-d", "refs/heads/lost"], { cwd: remote });

    expect(status).toBe(0);
    expect(after).not.toBe(before);
    expect(stdout).toContain("\n  it could not be told which CI files ask about lint (");
    expect(wired.status).toBe(3);
    expect(await headOfLog()).toBe(after);
  });

  it("never reads the work tree or the user's clone", async () => {
    writeFiles(laptop, { [ci]: asking("unit-tests") });
    await git(laptop, ["commit", "-q", "-a", "-m", "Not pushed"]);
    const unpushed = await skip("unit-tests");
    const refs = await git(laptop, ["for-each-ref"]);
    await git(laptop, ["reset", "-q", "--hard", "origin/main"]);

    expect(unpushed.stdout).toContain("! nothing on main asks optout about unit-tests");
    expect(refs).not.toContain("release/1.4");
  });

  it("reads a file that is too large to be fetched beforehand", async () => {
    const padding = `# ${"x".repeat(70)}\n`.repeat(1200);
    await branch("large", { [ci]: `${padding}${asking("unit-tests")}` });

    const flags = ["--single-branch", "--branch", "main"];
    const { directory } = await makeClone(team.stage, "second", { flags });
    const args = ["skip", "unit-tests", "--branch", "large", ...why];
    const { stdout } = await optout({ ...laptop, directory }, args);
    expect(stdout).toContain(`asked for by ${ci} (job unit-tests)`);
  });

  it("is told although the kept repositories are gone or spoilt", async () => {
    rmSync(join(laptop.directory, ".git", "optout"), { recursive: true, force: true });
    writeFiles(laptop, { ".git/optout/branches": "no directory" });

    const { stdout } = await skip("unit-tests", "--branch", "release/1.4");
    rmSync(join(laptop.directory, ".git", "optout", "branches"));
    expect(stdout).toContain(`asked for by ${ci} (job unit-tests)`);
  });
});

describe("a form that does not obey the action", () => {
  const checked = `on: push
jobs:
  lint:
    steps:
      - run: optout check lint || make lint
`;
  const gated = `on: push
jobs:
  gate:
    steps:
      - run: optout gate lint --format github
  lint:
    needs: gate
    if: \${{ !cancelled() && needs.gate.outputs.lint != 'skip' }}
    steps:
      - run: make lint
`;
  beforeAll(async () => {
    await branch("checked", { [ci]: checked });
    await branch("gated", { [ci]: gated });
    await branch("both", { [ci]: `${checked}${asking("lint", "again").split("jobs:\n")[1]}` });
  });

  const override = (...args: readonly string[]): Promise<Result> =>
    optout(laptop, [...args, "lint", ...why]);
  const mend = "    optout run lint -- COMMAND   (obeys every action)\n";

  it.each([
    ["hold", "checked", "job lint) asks about lint with check ||, which does not obey a hold"],
    ["allow-failure", "checked", "with check ||, which does not obey an allow-failure"],
    ["hold", "gated", "job gate) asks about lint for jobs behind it, which do not obey a hold"],
  ])("is told loudly for %s on %s, and --require-wired refuses it", async (action, on, words) => {
    const { status, stdout } = await override(action, "--branch", on);
    const dry = await override(action, "--branch", on, "--dry-run");
    const before = await headOfLog();
    const wired = await override(action, "--branch", on, "--require-wired");

    expect(status).toBe(0);
    for (const said of [stdout, dry.stdout]) {
      expect(said).toMatch(/^! \.github\/workflows\/ci\.yml \(job /m);
      expect(said).toContain(`${words}: this will have no effect\n${mend}`);
      expect(said).not.toContain("asked for");
    }
    expect({ status: wired.status, stdout: wired.stdout }).toEqual({ status: 3, stdout: "" });
    expect(wired.stderr).toContain(`${words} on ${on}; nothing was recorded`);
    expect(wired.stderr).toContain("optout run lint -- COMMAND");
    expect(await headOfLog()).toBe(before);
  });

  it.each([
    ["skip", "checked"],
    ["force", "checked"],
    ["allow-failure", "gated"],
  ])("is not what obeys a %s on %s", async (action, on) => {
    const { status, stdout } = await override(action, "--branch", on, "--require-wired");

    expect(status).toBe(0);
    expect(stdout).toContain("\n  asked for by ");
    expect(stdout).not.toContain("obey");
  });

  it("is told beside one that does, and refused by nobody", async () => {
    const args = ["hold", "--branch", "both", "--require-wired"];
    const { status, stdout } = await override(...args);
    const json = parsed((await override(...args, "--json")).stdout);

    expect(status).toBe(0);
    expect(stdout).toContain(
      `\n  asked for by ${ci} (job again)\n` +
        `! ${ci} (job lint) asks about lint with check ||, which does not obey a hold\n${mend}`,
    );
    expect(json["effects"]).toMatchObject([
      {
        action: "hold",
        asks: [
          { job: "lint", obeys: false },
          { job: "again", obeys: true },
        ],
      },
    ]);
    expect(schemaFaults("override", json)).toEqual([]);
  });
});

describe("--require-wired", () => {
  it("records as ever where a CI file asks", async () => {
    expect(await skip("lint", "--require-wired")).toMatchObject({ status: 0 });
  });

  it.each([
    ["nothing asks", ["unit-tests"], "nothing on main asks optout about unit-tests"],
    ["one of two stages is not asked about", ["lint", "unit-tests"], "about unit-tests"],
    ["it cannot be told", ["lint", "--branch", "broken"], "it could not be told"],
  ])("refuses before anything is recorded where %s", async (_case, args, message) => {
    const before = await headOfLog();
    const { status, stdout, stderr } = await skip(...args, "--require-wired");

    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toContain(message);
    expect(await headOfLog()).toBe(before);
  });
});

describe("the same as JSON", () => {
  it("is a list of places, each with what asks there", async () => {
    const json = await must(laptop, [
      "skip",
      "unit-tests",
      ...why,
      "--json",
      "--branch=release/1.4",
      "--branch=main",
      "--branch=broken",
    ]);

    const nothing = {
      action: "skip",
      others: false,
      asks: [],
      notRun: [],
      doubt: null,
      behind: [],
    };
    const unreadable: unknown = expect.stringContaining(ci);
    expect(parsed(json)["effects"]).toEqual([
      {
        action: "skip",
        on: ["release/1.4"],
        others: false,
        asks: [{ file: ci, line: 5, job: "unit-tests", form: "run", obeys: true, runFiles: [ci] }],
        notRun: [],
        doubt: null,
        behind: [],
      },
      { ...nothing, on: ["main"] },
      { ...nothing, on: ["broken"], doubt: unreadable },
    ]);
  });
});
