import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createBareRepository } from "../../src/system/bare-repository.ts";
import { pipeGit, runGit, type GitCall } from "../../src/system/git.ts";
import { gitEnvironment, guardedArguments } from "../../src/system/git-guard.ts";
import { git, knowsConfigCount, makePlace, makeRemote, type Place } from "../support/git-remote.ts";
import { beating, untilBeating, untilStill } from "../support/heartbeat.ts";
import { refusal } from "../support/problem.ts";

let place: Place;
let remote: string;

beforeEach(() => {
  place = makePlace();
  remote = makeRemote(place);
});

afterEach(() => {
  place.remove();
});

const call = (more: Partial<GitCall> = {}): GitCall => ({
  cwd: remote,
  gitDir: null,
  settings: null,
  interactive: false,
  ...more,
});

/** A git that sleeps: an alias that runs a shell. */
const sleeping = (script: string): readonly string[] => ["-c", `alias.nap=!${script}`, "nap"];

describe("a git that runs", () => {
  it("gives its bytes, its status and its words", async () => {
    const input = new Uint8Array([0, 255, 10]);
    const written = await runGit(["hash-object", "-w", "--stdin"], call({ input }));
    const id = written.stdout.toString("latin1").trim();
    expect(written.status).toBe(0);
    expect((await runGit(["cat-file", "blob", id], call())).stdout).toEqual(Buffer.from(input));

    const failed = await runGit(["cat-file", "blob", "0".repeat(40)], call());
    expect(failed.status).toBe(128);
    expect(failed.stderr).toMatch(/^fatal: /);
  });

  it("is ended at the deadline, with everything that it started", async () => {
    const beat = join(place.root, "beat");
    const child = sleeping(`sh -c '${beating(beat)}' & wait`);
    const deadline = new AbortController();
    const ended = refusal(runGit(child, call({ deadline: deadline.signal })));
    await untilBeating(beat);

    deadline.abort(new DOMException("", "TimeoutError"));
    const error = await ended;

    expect(error).toMatchObject({ code: "timeout", exit: 124, retryable: true });
    expect(error.message).toBe("the time given ran out while git nap ran");
    await untilStill(beat);
  });

  // what is not ended, or waited for, ends the test at its limit

  it("is ended at the deadline though it does not listen", async () => {
    const deaf = sleeping("trap '' TERM; sleep 600");

    const error = await refusal(runGit(deaf, call({ deadline: AbortSignal.timeout(100) })));

    expect(error.code).toBe("timeout");
  });

  it("is not started after the deadline", async () => {
    const error = await refusal(runGit(["version"], call({ deadline: AbortSignal.abort() })));

    expect(error.code).toBe("timeout");
  });

  it("is not waited for when a helper lives on and holds its standard error", async () => {
    const result = await runGit(sleeping("sleep 600 >/dev/null & echo $!"), call());

    expect(process.kill(Number(result.stdout.toString("utf8")))).toBe(true);
  });

  it("is ended when it writes more than is wanted", async () => {
    const input = new Uint8Array(100_000);
    await runGit(["hash-object", "-w", "--stdin"], call({ input }));
    const id = (await runGit(["hash-object", "--stdin"], call({ input }))).stdout.toString().trim();

    const error = await refusal(runGit(["cat-file", "blob", id], call({ maxBytes: 10_000 })));

    expect(error).toMatchObject({ code: "limit" });
  });

  it("has an input that nobody reads without harm", async () => {
    const input = new Uint8Array(1_000_000);

    expect((await runGit(["version"], call({ input }))).status).toBe(0);
  });
});

describe("a git that cannot run", () => {
  it("is not installed", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = "/nonexistent";
    try {
      const error = await refusal(runGit(["version"], call()));
      expect(error).toMatchObject({ code: "no-git", exit: 2, hint: "install git 2.30 or newer" });
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("has no directory to run in", async () => {
    const error = await refusal(runGit(["version"], call({ cwd: join(place.root, "gone") })));

    expect(error.code).toBe("not-a-repository");
  });
});

describe("two gits in a row", () => {
  const read = async (first: readonly string[], second: readonly string[]): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of pipeGit(first, second, call())) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  };

  it("hand on what the first writes", async () => {
    const list = ["rev-list", "main"];
    expect(await read(list, ["cat-file", "--batch-check=%(objecttype)"])).toBe("commit\n");
  });

  it.each([
    [
      ["rev-list", "nothing"],
      ["cat-file", "--batch"],
    ],
    [
      ["rev-list", "main"],
      ["cat-file", "--nothing"],
    ],
  ])("fail when one of them fails: %j | %j", async (first, second) => {
    await expect(read(first, second)).rejects.toMatchObject({ name: "GitTrouble" });
  });
});

describe("the environment of a git", () => {
  const user = {
    PATH: "/bin",
    GIT_DIR: "/elsewhere",
    GIT_INDEX_FILE: "/elsewhere/index",
    GIT_OBJECT_DIRECTORY: "/elsewhere/objects",
    GIT_CONFIG_PARAMETERS: "'core.bare=false'",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "core.worktree",
    GIT_CONFIG_VALUE_0: "/elsewhere",
    GIT_SSH_COMMAND: "ssh -i key",
    GIT_TERMINAL_PROMPT: "1",
    UNSET: undefined,
  };
  const silent = { interactive: false, settings: null };

  it("does not lead it away from our repository", () => {
    expect(gitEnvironment(user, { ...silent, gitDir: "/own" })).toEqual({
      PATH: "/bin",
      GIT_DIR: "/own",
      GIT_SSH_COMMAND: "ssh -i key",
      GIT_TERMINAL_PROMPT: "0",
      GCM_INTERACTIVE: "never",
      SSH_ASKPASS_REQUIRE: "never",
      LC_ALL: "C",
      GIT_NO_REPLACE_OBJECTS: "1",
      GIT_OPTIONAL_LOCKS: "0",
    });
  });

  it("leaves it where the user put it in the user's clone", () => {
    const env = gitEnvironment(user, { ...silent, gitDir: null });
    expect(env).toMatchObject({ GIT_DIR: "/elsewhere", GIT_CONFIG_COUNT: "1" });
  });

  it("lets it ask only where that is wanted", () => {
    const env = gitEnvironment({}, { gitDir: null, settings: null, interactive: true });
    expect(env["GIT_TERMINAL_PROMPT"]).toBeUndefined();
  });

  it("carries settings for any git", async () => {
    const entries = [
      { key: "http.extraheader", value: 'X: it\'s "quoted" $HOME !x\\ \n' },
      { key: "url.https://x/?a=b.insteadof", value: "y:" },
      { key: "http.https://host/.proxy", value: "" },
    ];
    const listed = async (carrier: "count" | "parameters"): Promise<string> => {
      const settings = { entries, carrier };
      const args = ["config", "--list", "-z", "--show-scope"];
      const { stdout } = await runGit(args, call({ gitDir: remote, settings }));
      return stdout.toString("utf8");
    };
    const [header, rewrite, proxy] = entries.map(({ key, value }) => `command\0${key}\n${value}\0`);

    const all = knowsConfigCount() ? `${header}${rewrite}${proxy}` : "";
    expect(await listed("count")).toContain(all);
    // Before git 2.31 there is no way to say a key with `=`.
    expect(await listed("parameters")).toContain(`${header}${proxy}`);
  });

  it("has no setting in the arguments but the guards, which hold no secret", () => {
    expect(guardedArguments(["fetch"], null).join(" ")).toMatch(/^(-c [a-zA-Z.]+=[\w/]+ )+fetch$/);
    expect(guardedArguments(["fetch"], "/own")).toEqual(["fetch"]);
  });

  it.each(["sha1", "sha256"] as const)("finds our settings in our repository: %s", (format) => {
    const own = join(place.root, "own");
    createBareRepository(own, format);
    writeFileSync(join(own, "config"), "[core]\n\thooksPath = /evil\n\tbare = true\n");
    createBareRepository(own, format);
    const setting = (key: string): string => git(own, ["config", key]);

    expect(setting("core.hooksPath")).toBe("/dev/null");
    expect(setting("core.fsmonitor")).toBe("false");
    expect(setting("gc.auto")).toBe("0");
    expect(setting("push.followTags")).toBe("false");
    expect(git(own, ["rev-parse", "--is-bare-repository", "--show-object-format"])).toBe(
      `true\n${format}`,
    );
  });

  it("keeps hooks from running", async () => {
    const ran = join(place.root, "ran");
    writeFileSync(join(remote, "hooks", "reference-transaction"), `#!/bin/sh\ntouch ${ran}\n`, {
      mode: 0o755,
    });

    await runGit(["update-ref", "refs/heads/new", "main"], call());

    expect(existsSync(ran)).toBe(false);
  });
});
