/**
 * What one logs in with is never shown: a token in the remote's URL, one in the header that CI puts
 * into the clone's settings, the job's key and the passphrase of a key file. Through every command,
 * with and without `--debug` and `--json`, while all is well and when nothing is.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { commands } from "../../src/commands/table.ts";
import { basicAuth, serveGit, type HttpGit } from "../support/http-git.ts";
import {
  git,
  makeClone,
  makeTeam,
  must,
  optout,
  run,
  type More,
  type Place,
  type Result,
  type Team,
} from "../support/stage.ts";

let team: Team;
let http: HttpGit;

beforeAll(async () => {
  team = await makeTeam();
  await must(team.stage.laptop, ["skip", "lint", "-m", "lint image answers 500"]);
  http = await serveGit(team.stage.folder);
});

afterAll(async () => {
  await http.close();
  team.stage.remove();
});

const canaries = {
  user: "canary-user-8d1f",
  password: "canary-password-5b77",
  query: "canary-token-90ac",
  header: "Y2FuYXJ5LWhlYWRlci0zZTEy",
  passphrase: "canary-passphrase-77d0",
};

/** A line for each command, and where it may fail in another way. */
const lines: readonly (readonly string[])[] = [
  [],
  ["skip", "unit-tests", "-m", "registry is down", "--branch", "main"],
  ["allow-failure", "unit-tests", "-m", "registry is down", "--branch", "main", "--dry-run"],
  ["force", "unit-tests", "-m", "registry is down", "--branch", "main", "--require-wired"],
  ["hold", "deploy-prod", "-m", "migration is running", "--branch", "main"],
  ["status"],
  ["status", "--all"],
  ["revoke", "unit-tests"],
  ["undo"],
  ["check", "lint", "--branch", "main"],
  ["run", "deploy-prod", "--branch", "main", "--", "true"],
  ["gate", "lint", "--branch", "main"],
  ["history"],
  ["show", "2"],
  ["verify"],
  ["verify", "--format", "sarif"],
  ["init", "--yes"],
  ["whoami"],
  ["whoami", "--ready"],
  ["keys", "list"],
  ["keys", "show"],
  ["stages"],
  ["policy", "check"],
  ["policy", "explain", "lint", "--branch", "main"],
  ["policy", "can-i", "skip", "lint", "--branch", "main"],
  ["policy", "schema"],
  ["doctor"],
  ["completion", "bash"],
  ["schema", "override"],
  ["no-such-command"],
  ["check", "lint", "--no-such-flag"],
];

/** Commands without a line of their own, as somebody types them who tries. */
const others = commands
  .map(({ name }) => name)
  .filter((name) => !lines.some((line) => `${line.join(" ")} `.startsWith(`${name} `)))
  .map((name) => [...name.split(" "), "2"]);

/** Flags stand before the command of `run`. */
function withFlags(line: readonly string[], flags: readonly string[]): readonly string[] {
  const cut = line.includes("--") ? line.indexOf("--") : line.length;
  return [...line.slice(0, cut), ...flags, ...line.slice(cut)];
}

/** Everything that the lines print on a machine. */
async function printedBy(
  place: Place,
  all: readonly (readonly string[])[],
  more: More,
): Promise<string> {
  const ends: Result[] = [];
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let line = left.pop(); line !== undefined; line = left.pop()) {
      ends.push(await optout(place, line, more));
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return ends.map(({ stdout, stderr }) => stdout + stderr).join("\n");
}

/** Every command. */
const everything = [...lines, ...others].map((line) => withFlags(line, ["--debug"]));
/** One of each way to reach the remote, in words and as data. */
const some = [
  ["check", "lint", "--branch", "main"],
  ["run", "lint", "--branch", "main", "--", "true"],
  ["skip", "unit-tests", "-m", "registry is down", "--branch", "main"],
  ["verify"],
  ["doctor"],
].flatMap((line) => [withFlags(line, ["--debug"]), withFlags(line, ["--json", "--debug"])]);

const leaksIn = (printed: string, secrets: readonly string[]): readonly string[] =>
  secrets.filter((secret) => printed.includes(secret));

/** A clone whose settings and remote hold all that may leak. */
async function loaded(name: string, url: string): Promise<Place> {
  const clone = await makeClone(team.stage, name);
  const place = { ...clone, env: { XDG_DATA_HOME: join(team.stage.laptop.home, "data") } };
  await git(place, ["remote", "set-url", "origin", url]);
  await git(place, ["config", "http.extraHeader", `Authorization: Basic ${canaries.header}`]);
  await git(place, ["config", "--add", "http.extraHeader", `X-Token: ${canaries.query}`]);
  return place;
}

const key = (): string => team.job.env["OPTOUT_KEY"] ?? "";
/** The secret part of a key file, in a piece that is never by chance elsewhere. */
const keyPiece = (): string => key().split("\n")[1]?.slice(20, 60) ?? "";

describe("a secret", () => {
  const { user, password, query } = canaries;
  const troubles: readonly (readonly [string, () => string])[] = [
    ["nobody answers", () => `http://${user}:${password}@127.0.0.1:1/shop.git?token=${query}`],
    ["the login is refused", () => `http://${user}:${password}@127.0.0.1:${http.port}/shop.git`],
    [
      "there is no such host",
      () => `https://${password}@shop.invalid/shop.git?access_token=${query}`,
    ],
    ["the scheme is unknown", () => `nosuch://${user}:${password}@host/shop.git`],
    ["the URL is not one", () => `http://${user}:${password}@:::/`],
    ["ssh is asked for it", () => `ssh://${user}:${password}@127.0.0.1:1/shop.git`],
  ];

  it.each(troubles)("is not shown when %s", async (title, url) => {
    const place = await loaded(`trouble-${title.replaceAll(" ", "-")}`, url());
    const env = { OPTOUT_KEY: key(), OPTOUT_KEY_PASSPHRASE: canaries.passphrase };

    const printed = await printedBy(place, some, { env });
    expect(printed).toContain("cannot be reached");
    expect(leaksIn(printed, [...Object.values(canaries), keyPiece()])).toEqual([]);
  });

  it("is not shown by any command that finds nobody", async () => {
    const url = `http://${user}:${password}@127.0.0.1:1/shop.git?token=${query}`;
    const place = await loaded("nobody", url);

    const all = [...lines, ...others].map((line) => withFlags(line, ["--json", "--debug"]));
    const printed = await printedBy(place, all, { env: { OPTOUT_KEY: key() } });
    expect(printed).toContain("cannot be reached");
    expect(leaksIn(printed, [...Object.values(canaries), keyPiece()])).toEqual([]);
  });

  it("is not shown while all is well", async () => {
    const url = `http://alice:s3cret@127.0.0.1:${http.port}/shop.git`;
    const place = await makeClone(team.stage, "well");
    await git(place, ["remote", "set-url", "origin", url]);
    const pem = readFileSync(join(team.stage.laptop.home, "data/optout/keys/default.pem"), "utf8");
    const env = { OPTOUT_KEY: pem, OPTOUT_KEY_PASSPHRASE: canaries.passphrase };

    const printed = await printedBy(place, everything, { env });
    expect(printed).toContain("is intact");
    const secrets = ["s3cret", basicAuth("alice").slice(6), canaries.passphrase];
    expect(leaksIn(printed, [...secrets, pem.split("\n")[1]?.slice(20, 60) ?? ""])).toEqual([]);
  });

  it("stands in no file that optout keeps", async () => {
    const url = `http://alice:s3cret@127.0.0.1:${http.port}/shop.git`;
    const place = { ...(await makeClone(team.stage, "kept")), env: team.job.env };
    await git(place, ["remote", "set-url", "origin", url]);
    await must(place, ["status"]);

    const files = (text: string): Promise<Result> =>
      run(place, "grep", ["-rla", text, ".git/optout"]);
    expect((await files("hooksPath")).status).toBe(0);
    expect(await files("s3cret")).toMatchObject({ status: 1, stdout: "" });
  });

  it("in a reason is refused, and not repeated", async () => {
    const token = `ghp_${"a1B2".repeat(9)}`;
    for (const flags of [[], ["--json"], ["--debug"]]) {
      const args = ["skip", "lint", "-m", `login with ${token} fails`, ...flags];
      const { status, stdout, stderr } = await optout(team.stage.laptop, args);
      expect({ status, leaks: leaksIn(stdout + stderr, [token]) }).toEqual({
        status: 2,
        leaks: [],
      });
    }
  });
});
