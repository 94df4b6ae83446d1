/**
 * The token of a sign-in in a real Secret Service (GNOME Keyring on a session bus of its own), and the
 * token of GitHub's own tool, by that tool.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyGithub, serveGithub, type FakeGithub } from "../support/forge/fake-github.ts";
import { makeForgeStage, token, type ForgeStage } from "../support/forge/forge-stage.ts";
import { BIN, must, optout, run, type Place, type Result } from "../support/stage.ts";

const lacking = (...programs: readonly string[]): readonly string[] =>
  programs.filter((one) => spawnSync("sh", ["-c", `command -v ${one}`]).status !== 0);
const noKeyring = lacking("dbus-run-session", "gnome-keyring-daemon", "secret-tool");
const noGh = lacking("gh");

let github: FakeGithub;
let stage: ForgeStage;
let laptop: Place;

beforeAll(async () => {
  github = await serveGithub(emptyGithub());
  stage = await makeForgeStage({ forge: "github", url: github.url, files: {} });
  ({ laptop } = stage);
  await must(laptop, ["logout", "--host", github.url, "--forge", "github"]);
});

afterAll(async () => {
  await Promise.all([github.close(), stage.git.close()]);
  stage.remove();
  if (github.violations.length > 0) throw new Error(github.violations.join("\n"));
});

describe.skipIf(noKeyring.length > 0)(
  `a keychain (needs ${noKeyring.join(", ") || "no more"})`,
  () => {
    /** A line of the shell on a bus whose keyring is unlocked; what is kept outlives the bus. */
    function onDesktop(line: string): Promise<Result> {
      const unlock = "printf night | gnome-keyring-daemon --unlock --components=secrets >/dev/null";
      const env = { XDG_RUNTIME_DIR: laptop.home, GITHUB_URL: github.url };
      return run(laptop, "dbus-run-session", ["--", "sh", "-c", `${unlock}; ${line}`], { env });
    }
    const program = `'${process.execPath}' '${BIN}'`;
    const lookup = "secret-tool lookup service optout account 127.0.0.1";

    it("keeps the token, and no file does", async () => {
      const login = `${program} login --host "$GITHUB_URL" --forge github --with-token`;
      const { status, stdout } = await onDesktop(`printf '%s' '${token}' | ${login}`);
      const kept = await onDesktop(lookup);
      const found = await run(laptop, "grep", ["-rla", token, laptop.home]);

      expect([status, kept.status]).toEqual([0, 0]);
      expect(stdout).toContain("keychain");
      expect(kept.stdout).toContain(token);
      expect(found.stdout).toBe("");
    });

    it("hands it to the next command, and to none where it is locked away", async () => {
      const there = await onDesktop(`${program} whoami`);
      const elsewhere = await optout(laptop, ["whoami"]);

      expect(there.stdout).toContain("alice on 127.0.0.1");
      expect(elsewhere.stdout).toContain("not signed in to 127.0.0.1");
    });

    it("forgets it with the sign-in", async () => {
      const out = await onDesktop(`${program} logout --host "$GITHUB_URL" --forge github`);
      const kept = await onDesktop(lookup);

      expect(out.status).toBe(0);
      expect(kept.stdout).toBe("");
    });
  },
);

describe.skipIf(noGh.length > 0)(`GitHub's own tool (needs ${noGh.join("") || "no more"})`, () => {
  it("lends its token where nobody is signed in to optout", async () => {
    const config = join(laptop.home, "gh");
    mkdirSync(config);
    writeFileSync(
      join(config, "hosts.yml"),
      `127.0.0.1:\n    oauth_token: ${token}\n    user: alice\n    git_protocol: https\n`,
    );
    const env = { GH_CONFIG_DIR: config, GITHUB_SERVER_URL: github.url };
    const lent = await optout(laptop, ["whoami", "--debug"], { env });
    const none = await optout(laptop, ["whoami"], { env: { GITHUB_SERVER_URL: github.url } });

    expect(lent.stdout).toContain("alice on 127.0.0.1");
    expect(lent.stdout + lent.stderr).not.toContain(token);
    expect(none.stdout).toContain("not signed in to 127.0.0.1");
  });
});
