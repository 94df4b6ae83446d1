/**
 * What can be wrong with the repository, the policy, the key or the remote: each its own message,
 * code, exit status and next command, and nothing is written. `optout run` runs the command in all of
 * them, except where it must not run unseen.
 */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { commands } from "../../src/commands/table.ts";
import {
  copyOf,
  git,
  lines,
  makeKey,
  makeStage,
  must,
  optout,
  parsed,
  plain,
  push,
  refsOf,
  run,
  snapshotOf,
  temporaryOf,
  writeFiles,
  type Place,
  type Result,
  type Stage,
} from "../support/stage.ts";

/** A sound stage with the stages lint and deploy-prod, of which each trouble spoils a copy. */
let sound: Stage;
/** Its policy. */
let policy: string;
const copies: Stage[] = [];

beforeAll(async () => {
  sound = await makeStage();
  await must(sound.laptop, ["init", "--yes", "--stage", "lint", "--stage", "deploy-prod"]);
  await push(sound.laptop, "Add the optout policy");
  policy = readFileSync(join(sound.laptop.directory, ".optout/policy.yaml"), "utf8");
});

afterAll(() => {
  for (const stage of [sound, ...copies]) stage.remove();
});

async function spoiled(spoil: (stage: Stage) => unknown): Promise<Stage> {
  const stage = await copyOf(sound);
  copies.push(stage);
  await spoil(stage);
  return stage;
}

/** Commands that a hint names and that there are not. */
function missingCommands(hint: string): readonly (string | undefined)[] {
  const known = new Set(commands.map(({ name }) => name.split(" ", 1)[0]));
  const named = [...hint.matchAll(/\boptout (\w[\w-]*)/g)].map(([, name]) => name);
  return named.filter((name) => !known.has(name));
}

const skip = ["skip", "lint", "-m", "lint image answers 500"] as const;
const failing = ["--", "sh", "-c", "echo the stage runs; exit 7"] as const;

interface Trouble {
  readonly title: string;
  readonly spoil: (stage: Stage) => unknown;
  readonly code: string;
  readonly exit: number;
  readonly message: string;
  readonly hint: string;
  readonly retryable?: true;
  /** Where the commands are started; the clone when absent. */
  readonly cwd?: (stage: Stage) => string;
  /** Other commands that end the same way; all that read when absent. */
  readonly also?: readonly (readonly string[])[];
  /** What `run deploy-prod` does; null where the trouble is none of its. */
  readonly deploy: Becomes | null;
}

const readers: readonly (readonly string[])[] = [
  ["hold", "deploy-prod", "-m", "migration is running"],
  [...skip, "--dry-run"],
  ["revoke", "lint"],
  ["undo"],
  ["status"],
  ["check", "lint"],
  ["history"],
  ["show", "2"],
  ["verify"],
  ["whoami"],
];

const signers: Trouble["also"] = [
  ["hold", "deploy-prod", "-m", "migration is running"],
  [...skip, "--dry-run"],
  ["revoke", "lint"],
  ["undo"],
  ["whoami"],
];

const troubles: readonly Trouble[] = [
  {
    title: "the directory is not in a git repository",
    spoil: (stage) => mkdirSync(join(stage.folder, "elsewhere")),
    cwd: (stage) => join(stage.folder, "elsewhere"),
    code: "not-a-repository",
    exit: 2,
    message:
      "<stage>/elsewhere is not inside a git repository (not a git repository (or any of the parent directories): .git)",
    hint: "run it inside a clone, or name one with -C DIR",
    deploy: "runs normally",
  },
  {
    title: "there is no policy",
    spoil: async ({ laptop }) => {
      await git(laptop, ["rm", "-rq", ".optout"]);
      await push(laptop, "Drop the policy");
    },
    code: "policy-missing",
    exit: 2,
    message: "there is no .optout/policy.yaml in origin/main",
    hint: "optout init",
    deploy: "is stopped",
  },
  {
    title: "the policy is in the work tree and not pushed yet",
    spoil: async ({ laptop }) => {
      await git(laptop, ["rm", "-rq", ".optout"]);
      await push(laptop, "Drop the policy");
      writeFiles(laptop, { ".optout/policy.yaml": policy });
    },
    code: "policy-missing",
    exit: 2,
    message: ".optout/policy.yaml is not on origin/main yet",
    hint: "git add .optout && git commit && git push   (and merge it)",
    deploy: "is stopped",
  },
  {
    title: "the policy has errors",
    spoil: async ({ laptop }) => {
      const wrong = policy.replace("longest: 12h", "longst: 12h").replace("who: [", "who: 7 # [");
      writeFiles(laptop, { ".optout/policy.yaml": wrong });
      await push(laptop, "Edit the policy");
    },
    code: "policy-invalid",
    exit: 2,
    message: [
      ".optout/policy.yaml at origin/main:31:5 rules[0].longest is missing",
      ".optout/policy.yaml at origin/main:34:10 rules[0].who must be a list, not a number: write [7]",
      '.optout/policy.yaml at origin/main:35:5 unknown member "longst" in rules[0]; did you mean "longest"?',
    ].join("\n"),
    hint: "optout policy check",
    deploy: "is stopped",
  },
  {
    title: "the policy names no log",
    spoil: async ({ laptop }) => {
      writeFiles(laptop, { ".optout/policy.yaml": policy.replace(/, id: "?[\w-]{43}"?/, "") });
      await push(laptop, "Take log.id out");
    },
    code: "policy-invalid",
    exit: 2,
    message: "the policy names no log: log.id is missing",
    hint: "optout init",
    also: readers.filter(([name]) => name !== "whoami"),
    deploy: "is stopped",
  },
  {
    title: "there is no key",
    spoil: ({ laptop }) => rmSync(join(laptop.home, "data"), { recursive: true }),
    code: "no-key",
    exit: 4,
    message: "there is no key to sign with",
    hint: "optout keys create   (then add its line to the policy)",
    also: signers,
    deploy: null,
  },
  {
    title: "the key is not in the policy",
    spoil: async ({ laptop }) => {
      rmSync(join(laptop.home, "data"), { recursive: true });
      await makeKey(laptop);
    },
    code: "key-unknown",
    exit: 4,
    message:
      "key file <stage>/laptop-home/data/optout/keys/default.pem (<key>) belongs to nobody in .optout/policy.yaml at origin/main",
    hint: "add this line to your keys in .optout/policy.yaml and merge it:\n<ssh>",
    also: signers,
    deploy: null,
  },
  {
    title: "the clone has no remote",
    spoil: ({ laptop }) => git(laptop, ["remote", "remove", "origin"]),
    code: "no-remote",
    exit: 2,
    message: "the clone has no remote to keep the log in",
    hint: "git remote add origin URL",
    deploy: "is stopped",
  },
  {
    title: "none of several remotes is origin",
    spoil: async ({ laptop, remote }) => {
      await git(laptop, ["remote", "rename", "origin", "mirror"]);
      await git(laptop, ["remote", "add", "upstream", remote]);
    },
    code: "no-remote",
    exit: 2,
    message: "none of the remotes mirror, upstream is called origin",
    hint: "git remote rename mirror origin",
    deploy: "is stopped",
  },
  {
    title: "the remote is gone",
    spoil: ({ remote }) => renameSync(remote, `${remote}.away`),
    code: "unreachable",
    exit: 6,
    message:
      "the remote origin cannot be reached: '<stage>/shop.git' does not appear to be a git repository; Could not read from remote repository",
    hint: "git ls-remote origin HEAD",
    retryable: true,
    deploy: "is stopped",
  },
  {
    title: "nobody answers at the remote's address",
    spoil: ({ laptop }) =>
      git(laptop, ["remote", "set-url", "origin", "http://alice:s3cret@127.0.0.1:1/shop.git"]),
    code: "unreachable",
    exit: 6,
    message:
      "the remote origin cannot be reached: unable to access 'http://127.0.0.1:1/shop.git/': Failed to connect",
    hint: "git ls-remote origin HEAD",
    retryable: true,
    deploy: "is stopped",
  },
  {
    title: "the log is missing",
    spoil: ({ laptop, remote }) =>
      git(laptop, ["update-ref", "-d", "refs/heads/optout-log"], { cwd: remote }),
    code: "log-missing",
    exit: 5,
    message: "git:optout-log is missing or empty",
    hint: "ask who removed it; only for a new repository take log.id out of the policy, then: optout init",
    also: readers.filter(([name]) => name !== "verify" && name !== "whoami"),
    deploy: "is stopped",
  },
];

const jobEnds = {
  "runs normally": { status: 7, stdout: "the stage runs\n" },
  "is stopped": { status: 3, stdout: "" },
} as const;

type Becomes = keyof typeof jobEnds;

/** What becomes of jobs in the trouble; without a key they have none. */
function jobsOf({ deploy }: Trouble): readonly (readonly [string, Becomes])[] {
  if (deploy === null) return [];
  return [
    ["run lint", "runs normally"],
    ["run deploy-prod", deploy],
    ["run lint --when-unreachable stop", "is stopped"],
  ];
}

describe.each(troubles.map((trouble) => [trouble.title, trouble] as const))(
  "when %s",
  (_title, trouble) => {
    const { code, exit, message, hint, retryable = false, also = readers } = trouble;
    let stage: Stage;
    let place: Place;
    let before: { readonly refs: string; readonly clone: Record<string, string> };
    const ends = new Map<string, Result>();

    /** How a line ended, on which everything below looks. */
    async function end(args: readonly string[]): Promise<void> {
      ends.set(args.join(" "), await optout(place, args));
    }
    const ended = (args: readonly string[]): Result =>
      ends.get(args.join(" ")) ?? { status: -1, stdout: "", stderr: "was not run" };

    beforeAll(async () => {
      stage = await spoiled(trouble.spoil);
      place = { ...stage.laptop, directory: trouble.cwd?.(stage) ?? stage.laptop.directory };
      before = { refs: await refs(), clone: snapshotOf(stage.laptop.directory) };
      const jobs = jobsOf(trouble).map(([line]) => [...line.split(" "), ...failing]);
      const others = also.map((args) => [...args, "--json"]);
      await Promise.all([skip, [...skip, "--json"], ...others, ...jobs].map(end));
    });

    /** None where the remote is gone. */
    const refs = (): Promise<string> => refsOf(stage).catch(() => "");
    const told = (text: string): string =>
      plain(text, stage)
        .replace(/ssh-ed25519 [^\s"\\]+(?: [^\s"\\]+)?/, "<ssh>")
        .replace(/(Failed to connect)[^"\n]*/, "$1");

    it("says so and what to do next, on stderr alone", () => {
      const { status, stdout, stderr } = ended(skip);

      expect({ status, stdout }).toEqual({ status: exit, stdout: "" });
      const shown = [...message.split("\n"), ...hint.split("\n")];
      expect(told(stderr)).toBe(`✗ ${shown.join("\n  ")}\n`);
      expect(stderr).not.toContain("s3cret");
    });

    it("prints one object on stderr with --json", () => {
      const { status, stdout, stderr } = ended([...skip, "--json"]);

      expect({ status, stdout }).toEqual({ status: exit, stdout: "" });
      expect(stderr.split("\n")).toHaveLength(2);
      expect(parsed(told(stderr))).toEqual({ error: { code, exit, message, hint, retryable } });
      expect(stderr).not.toContain("s3cret");
    });

    it("is the same for every command that needs what is missing", () => {
      const others = also.map((args) => {
        const { status, stdout, stderr } = ended([...args, "--json"]);
        const { error } = parsed(stderr) as { error: { code: string } };
        return { args, status, stdout, code: error.code };
      });

      expect(others).toEqual(also.map((args) => ({ args, status: exit, stdout: "", code })));
    });

    it("names a next command that exists", () => {
      expect(missingCommands(hint)).toEqual([]);
    });

    it.each(jobsOf(trouble))("in a job `optout %s`: the stage %s", (line, becomes) => {
      const words = line.split(" ");

      const { status, stdout, stderr } = ended([...words, ...failing]);

      const [, name = ""] = words;
      const why = message.replaceAll("\n", " ⏎ ");
      const said = {
        "runs normally": "",
        "is stopped": `✗ ${name} must not run while the log cannot be read or trusted\n  ${hint}\n`,
      };
      expect({ status, stdout, stderr: told(stderr) }).toEqual({
        ...jobEnds[becomes],
        stderr: `! optout could not decide about ${name}, so it ${becomes}: ${why}\n${said[becomes]}`,
      });
    });

    it("leaves nothing behind: not in the remote, the clone or the temporary directory", async () => {
      expect(await refs()).toBe(before.refs);
      expect(snapshotOf(stage.laptop.directory)).toEqual(before.clone);
      expect(readdirSync(temporaryOf(stage.laptop))).toEqual([]);
    });
  },
);

describe("a machine without a key", () => {
  it("is all that a job needs", async () => {
    const { laptop } = await spoiled((stage) =>
      rmSync(join(stage.laptop.home, "data"), { recursive: true }),
    );

    expect(await optout(laptop, ["check", "lint"])).toEqual({
      status: 10,
      stdout: "✓ lint runs normally on main: no override\n",
      stderr: "",
    });
    expect(await optout(laptop, ["run", "lint", ...failing])).toEqual({
      status: 7,
      stdout: "the stage runs\n",
      stderr: "",
    });
  });
});

describe("a machine without git", () => {
  const env = { PATH: join(import.meta.dirname, "no-such-directory") };
  const command = ["--", "/bin/sh", "-c", "echo the stage runs; exit 7"];
  const why = "git is not installed, or not on the PATH";

  it("is told to install it, and has no override in force", async () => {
    expect(await optout(sound.laptop, ["check", "lint"], { env })).toEqual({
      status: 2,
      stdout: "",
      stderr: lines(`✗ ${why}`, "  install git 2.30 or newer"),
    });
  });

  it("runs stages, and stops a deploy by the policy that is in the work tree", async () => {
    const cwd = join(sound.laptop.directory, ".optout");
    const lint = await optout(sound.laptop, ["run", "lint", ...command], { env });
    const deploy = await optout(sound.laptop, ["run", "deploy-prod", ...command], { env, cwd });

    expect(lint).toEqual({
      status: 7,
      stdout: "the stage runs\n",
      stderr: `! optout could not decide about lint, so it runs normally: ${why}\n`,
    });
    expect(deploy).toEqual({
      status: 3,
      stdout: "",
      stderr: lines(
        `! optout could not decide about deploy-prod, so it is stopped: ${why}`,
        "✗ deploy-prod must not run while the log cannot be read or trusted",
        "  install git 2.30 or newer",
      ),
    });
  });
});

describe("a stage that the policy does not know", () => {
  const known = "it knows lint, deploy-prod";

  it("is refused with the known ones and the nearest", async () => {
    expect(await optout(sound.laptop, ["skip", "lnt", "-m", "lint image answers 500"])).toEqual({
      status: 2,
      stdout: "",
      stderr: lines(`✗ the policy knows no stage "lnt"; ${known}`, "  did you mean lint?"),
    });
  });

  it("is refused as JSON", async () => {
    const args = ["hold", "prod", "-m", "migration is running", "--json"];
    const { status, stdout, stderr } = await optout(sound.laptop, args);

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(parsed(stderr)).toEqual({
      error: {
        code: "unknown-stage",
        exit: 2,
        message: `the policy knows no stage "prod"; ${known}`,
        hint: "optout policy check",
        retryable: false,
      },
    });
  });

  it("is refused before any of several stages is recorded", async () => {
    const before = await refsOf(sound);

    const args = ["skip", "lint", "lnt", "-m", "lint image answers 500"];
    const { status, stdout } = await optout(sound.laptop, args);

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(await refsOf(sound)).toBe(before);
  });

  it("is another exit status than 0 for check, and runs under run", async () => {
    expect((await optout(sound.laptop, ["check", "lnt"])).status).toBe(2);
    expect(await optout(sound.laptop, ["run", "lnt", ...failing])).toEqual({
      status: 7,
      stdout: "the stage runs\n",
      stderr: `! optout could not decide about lnt, so it runs normally: the policy knows no stage "lnt"; ${known}\n`,
    });
  });
});

describe("when the host refuses the push", () => {
  let stage: Stage;
  let refs: string;
  let clone: Record<string, string>;

  beforeAll(async () => {
    stage = await spoiled(({ remote }) => {
      const hook = join(remote, "hooks", "pre-receive");
      const words = "echo 'house rule 7: optout-log is closed' >&2";
      writeFileSync(hook, `#!/bin/sh\n${words}\nexit 1\n`);
      chmodSync(hook, 0o755);
    });
    refs = await refsOf(stage);
    clone = snapshotOf(stage.laptop.directory);
  });

  it("shows the host's own words", async () => {
    const { status, stdout, stderr } = await optout(stage.laptop, skip);

    expect({ status, stdout }).toEqual({ status: 4, stdout: "" });
    expect(stderr.split("\n")[0]).toBe(
      "✗ the host refuses to append to optout-log: house rule 7: optout-log is closed; [remote rejected] (pre-receive hook declined)",
    );
  });

  it("names a next command that exists", async () => {
    const { status, stdout, stderr } = await optout(stage.laptop, [...skip, "--json"]);

    expect({ status, stdout }).toEqual({ status: 4, stdout: "" });
    const { error } = parsed(stderr) as { error: { code: string; hint: string | null } };
    expect(error).toMatchObject({ code: "append-refused", exit: 4, retryable: false });
    expect(missingCommands(error.hint ?? "")).toEqual([]);
  });

  it("records nothing, and the clone stays as it was", async () => {
    expect(await refsOf(stage)).toBe(refs);
    expect(snapshotOf(stage.laptop.directory)).toEqual(clone);
    expect(await optout(stage.laptop, ["check", "lint"])).toEqual({
      status: 10,
      stdout: "✓ lint runs normally on main: no override\n",
      stderr: "",
    });
  });
});

describe("optout run, where nothing is wrong with optout", () => {
  const runs = (...args: readonly string[]): ReturnType<typeof optout> =>
    optout(sound.laptop, ["run", "lint", "--", ...args]);

  it("says nothing of its own, and passes output, input and exit status through", async () => {
    const args = ["run", "lint", "--", "sh", "-c", "cat; echo told >&2; exit 42"];

    expect(await optout(sound.laptop, args, { input: "given" })).toEqual({
      status: 42,
      stdout: "given",
      stderr: "told\n",
    });
  });

  it("passes every argument after -- to the command as it is", async () => {
    const { stdout } = await runs("printf", "%s|", "--json", "-m", "$HOME", "a b", "--", "");

    expect(stdout).toBe("--json|-m|$HOME|a b|--||");
  });

  it("ends with 127 when the command is not found", async () => {
    expect(await runs("no-such-program")).toEqual({
      status: 127,
      stdout: "",
      stderr: "✗ cannot run no-such-program: not found\n",
    });
  });

  it("ends with 126 when the command cannot be run", async () => {
    const { status, stdout, stderr } = await runs("./README.md");

    expect({ status, stdout }).toEqual({ status: 126, stdout: "" });
    expect(stderr).toMatch(/^✗ cannot run \.\/README\.md: .*EACCES/);
  });

  it.each([
    ["TERM", 143],
    ["KILL", 137],
    ["INT", 130],
  ])(
    "ends with 128 and the number of the signal, when SIG%s ends the command",
    async (name, status) => {
      expect(await runs("sh", "-c", `kill -${name} $$`)).toEqual({
        status,
        stdout: "",
        stderr: "",
      });
    },
  );

  it("needs a command after --, and says how", async () => {
    expect(await optout(sound.laptop, ["run", "lint"])).toEqual({
      status: 2,
      stdout: "",
      stderr: lines("✗ optout run needs a command after --", "  optout run lint -- COMMAND"),
    });
    expect(await optout(sound.laptop, ["run", "lint", "npm", "test"])).toEqual({
      status: 2,
      stdout: "",
      stderr: lines(
        '✗ optout run takes one argument, so "npm" is too much',
        "  optout run lint -- npm test",
      ),
    });
  });
});

describe("under a hold", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await spoiled(({ laptop }) =>
      must(laptop, ["hold", "deploy-prod", "-m", "migration is running"]),
    );
  });

  const deploy = ["run", "deploy-prod", ...failing] as const;

  it("does not start the command, exit 3, and says who holds it and why", async () => {
    const { status, stdout, stderr } = await optout(stage.laptop, deploy);

    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(plain(stderr, stage)).toBe(
      '! deploy-prod held by override #2 until <minute>: alice-ng, "migration is running"   policy deploys @ <commit>\n',
    );
  });

  it("stays stopped when the remote can no longer be reached", async () => {
    renameSync(stage.remote, `${stage.remote}.away`);
    const { status, stdout, stderr } = await optout(stage.laptop, deploy);
    rmSync(join(stage.laptop.directory, ".optout"), { recursive: true });
    const withoutFile = await optout(stage.laptop, deploy);
    renameSync(`${stage.remote}.away`, stage.remote);

    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toContain(
      "✗ deploy-prod must not run while the log cannot be read or trusted\n",
    );
    expect(withoutFile).toEqual({ status: 3, stdout: "", stderr });
  });

  it("says that check does not stop at it", async () => {
    const { status, stdout } = await run(stage.laptop, "sh", [
      "-c",
      `"${process.execPath}" "${join(import.meta.dirname, "../../bin/optout.cjs")}" check deploy-prod >/dev/null || echo the deploy runs`,
    ]);

    expect({ status, stdout }).toEqual({ status: 0, stdout: "the deploy runs\n" });
  });
});

describe("a time that is spent", () => {
  it("ends the reading of a host that is silent with 124, and lets the stage run", async () => {
    const { createServer } = await import("node:net");
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const stage = await spoiled(({ laptop }) =>
      git(laptop, ["remote", "set-url", "origin", `http://127.0.0.1:${port}/shop.git`]),
    );
    const [check, ran, deploy] = await Promise.all([
      optout(stage.laptop, ["check", "lint", "--timeout", "1s", "--json"]),
      optout(stage.laptop, ["run", "lint", "--timeout", "1s", ...failing]),
      optout(stage.laptop, ["run", "deploy-prod", "--timeout", "1s", ...failing]),
    ]);
    server.close();

    expect({ status: check.status, stdout: check.stdout }).toEqual({ status: 124, stdout: "" });
    expect(parsed(check.stderr)).toMatchObject({ error: { code: "timeout", retryable: true } });
    expect(ran).toMatchObject({ status: 7, stdout: "the stage runs\n" });
    expect(deploy).toMatchObject({ status: 3, stdout: "" });
  });
});
