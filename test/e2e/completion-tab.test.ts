/**
 * Tab, pressed in the shells themselves on a terminal: what is typed grows to the word that is meant.
 */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { hasScript, isInstalled } from "../support/programs.ts";
import { BIN, makeStage, must, push, type Stage } from "../support/stage.ts";

/** How each is started without anybody's settings, and made to complete optout. */
const shells = {
  bash: { start: "bash --norc -i", prepare: 'eval "$(optout completion bash)"' },
  zsh: {
    start: "zsh -f -i",
    prepare: 'autoload -Uz compinit && compinit -u -D && eval "$(optout completion zsh)"',
  },
  fish: { start: "fish --no-config -i", prepare: "optout completion fish | source" },
} as const;

let stage: Stage;
let path: string;

beforeAll(async () => {
  stage = await makeStage();
  await must(stage.laptop, ["init", "--yes", "--stage", "unit-tests"]);
  await push(stage.laptop, "Add the optout policy");
  await must(stage.laptop, ["skip", "unit-tests", "-m", "the runner is being moved"]);
  const directory = join(stage.folder, "bin");
  mkdirSync(directory);
  writeFileSync(join(directory, "optout"), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(join(directory, "optout"), 0o755);
  path = `${directory}:${process.env["PATH"] ?? ""}`;
});

afterAll(() => stage.remove());

/** A shell on a terminal of its own, and what it has shown so far. */
function terminal(start: string): {
  readonly type: (text: string) => void;
  readonly shown: () => string;
} {
  const { directory, home } = stage.laptop;
  const child = spawn("script", ["-qfec", start, "/dev/null"], {
    cwd: directory,
    env: { PATH: path, HOME: home, TERM: "xterm", SHELL: "/bin/sh", LANG: "C.UTF-8" },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => (shown += chunk.toString("utf8")));
  return {
    type: (text) => void child.stdin.write(text),
    shown: () => plainText(shown),
  };
}

/** Without what moves the cursor and colours, so that what was typed and what grew stand together. */
const plainText = (text: string): string => text.replaceAll(sequences, "").replaceAll(controls, "");

const sequences =
  // eslint-disable-next-line no-control-regex -- the terminal's own sequences
  /\u001B(?:\[[0-9;?<>=]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[()]\w|[=>])/g;
// eslint-disable-next-line no-control-regex -- as above
const controls = /[\u0000-\u0008\u000E-\u001A]/g;

/** Milliseconds that a shell may take to answer. */
const timeout = 25_000;

describe.each(["bash", "zsh", "fish"] as const)("Tab in %s", (shell) => {
  it.skipIf(!hasScript || !isInstalled(shell))(
    "completes the command, then the stage, and the id of an override",
    async () => {
      const { start, prepare } = shells[shell];
      const { type, shown } = terminal(start);
      type(`${prepare}; echo rea''dy\r`);
      await expect.poll(shown, { timeout }).toMatch(/ready\r?\n/);
      type("optout hol\t");
      await expect.poll(shown, { timeout }).toMatch(/optout hold /);
      type("unit\t");
      await expect.poll(shown, { timeout }).toMatch(/optout hold +unit-tests/);
      type("\u0015optout revoke ov\t");
      await expect.poll(shown, { timeout }).toMatch(/optout revoke ovr_[0-9a-z]{16}/);
    },
  );
});
