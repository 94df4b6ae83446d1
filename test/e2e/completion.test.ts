/**
 * Completion in the shells themselves: each runs the script of the built program, which runs the
 * built program. Nobody who presses Tab gets an error, or anything run that a policy says.
 */
import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { isInstalled } from "../support/programs.ts";
import {
  BIN,
  lines,
  makePlace,
  makeStage,
  optout,
  run,
  writeFiles,
  type Place,
  type Stage,
} from "../support/stage.ts";
import { testKey } from "../support/keys.ts";

let stage: Stage;
let laptop: Place;

beforeAll(async () => {
  stage = await makeStage();
  const path = join(stage.folder, "bin");
  writeFiles(
    { ...stage.laptop, directory: path },
    {
      optout: `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`,
    },
  );
  chmodSync(join(path, "optout"), 0o755);
  laptop = { ...stage.laptop, env: { PATH: `${path}:${process.env["PATH"] ?? ""}` } };
  writeFiles(laptop, { ".optout/policy.yaml": policy("lint", "unit-tests") });
});

afterAll(() => stage.remove());

const policy = (...stages: readonly string[]): string =>
  lines(
    "version: 1",
    "log: { store: git, branch: optout-log }",
    `principals: { alice: { roles: [oncall], keys: ["${testKey("alice").ssh}"] } }`,
    "stages:",
    ...stages.map((name) => `  ${JSON.stringify(name)}: { kind: quality }`),
    "rules:",
    "  - { id: all, match: { kind: quality }, actions: [skip], who: [oncall], longest: 1h }",
  );

/** How each shell is brought to complete the line, and prints the words that it offers. */
const shells = {
  bash: (words: readonly string[]) => [
    "--norc",
    "-c",
    'eval "$(optout completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _optout; for c in "${COMPREPLY[@]}"; do printf "%s\\n" "$c"; done',
    "bash",
    ...words,
  ],
  zsh: (words: readonly string[]) => [
    "-f",
    "-c",
    'compdef() { :; }; _files() { :; }; _describe() { print -rl -- "${(@)${(P@)2}%%:*}"; }; eval "$(optout completion zsh)"; words=("$@"); CURRENT=$#; _optout',
    "zsh",
    ...words,
  ],
  fish: (words: readonly string[]) => [
    "--no-config",
    "-c",
    'optout completion fish | source; complete -C "$argv[1]" | string replace -r "\\t.*" ""',
    words.join(" "),
  ],
} as const;

describe.each(["bash", "zsh", "fish"] as const)("%s", (shell) => {
  const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
    const { stdout, stderr } = await run(laptop, shell, shells[shell](["optout", ...words]));
    expect(stderr).toBe("");
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .toSorted();
  };

  describe.skipIf(!isInstalled(shell))("where it is installed", () => {
    it("completes commands, and those of two words", async () => {
      expect(await complete("st")).toEqual(["stages", "status"]);
      expect(await complete("policy", "")).toEqual([
        "can-i",
        "check",
        "diff",
        "explain",
        "schema",
        "test",
        "who",
      ]);
    });

    it("completes the stages of the work tree's policy, each once on a line", async () => {
      expect(await complete("skip", "")).toEqual(["lint", "unit-tests"]);
      expect(await complete("skip", "--for", "2h", "lint", "")).toEqual(["unit-tests"]);
      expect(await complete("policy", "can-i", "skip", "l")).toEqual(["lint"]);
      expect(await complete("revoke", "u")).toEqual(["unit-tests"]);
    });

    it("completes flags of the command, and values of a flag that has only a few", async () => {
      expect(await complete("skip", "lint", "--em")).toEqual(["--emergency"]);
      expect(await complete("skip", "lint", "--code", "fl")).toEqual(["flaky"]);
    });

    it("passes what is typed on as words, and runs none of it", async () => {
      await complete("skip", "$(touch typed)", "`touch typed`", "l");

      expect(existsSync(join(laptop.directory, "typed"))).toBe(false);
    });

    it("offers nothing, and runs nothing, where stages have hostile names", async () => {
      const names = ["$(touch ran)", "`touch ran`", "a; touch ran", "*", "-n", "\u001b[2J", "a\nb"];
      for (const name of names) {
        writeFiles(laptop, { ".optout/policy.yaml": policy("lint", name) });

        expect(await complete("skip", "")).not.toContain(name);
      }
      writeFiles(laptop, { ".optout/policy.yaml": policy("lint", "unit-tests") });
      expect(readdirSync(laptop.directory).toSorted()).toEqual([".git", ".optout", "README.md"]);
    });
  });
});

describe("optout completion", () => {
  const asked = (place: Place, ...words: readonly string[]) =>
    optout(place, ["completion", "bash", "--", ...words]);

  it("is silent, exit 0, where there is no repository, no policy or a broken one", async () => {
    const nowhere = makePlace(stage, "nowhere");
    const silent = { status: 0, stdout: "", stderr: "" };

    expect(await asked(nowhere, "skip", "")).toEqual(silent);
    writeFileSync(join(laptop.directory, ".optout", "policy.yaml"), "version: [");
    expect(await asked(laptop, "skip", "")).toEqual(silent);
    writeFiles(laptop, { ".optout/policy.yaml": policy("lint", "unit-tests") });
  });

  it("needs no remote: it answers though that is gone", async () => {
    const env = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "remote.origin.url" };
    const gone = { ...laptop, env: { ...laptop.env, ...env, GIT_CONFIG_VALUE_0: "/gone" } };

    expect((await asked(gone, "skip", "")).stdout).toBe("lint\nunit-tests\n");
  });

  it("leaves what follows -- to the shell", async () => {
    expect((await asked(laptop, "run", "lint", "--", "")).stdout).toBe("");
  });

  it("refuses a shell that it does not know", async () => {
    expect(await optout(laptop, ["completion", "fsh"])).toEqual({
      status: 2,
      stdout: "",
      stderr: lines('✗ "fsh" is not one of bash, zsh, fish', "  optout completion zsh"),
    });
  });
});
