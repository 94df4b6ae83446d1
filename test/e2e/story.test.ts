/**
 * The main job, from the first command to the proof at the end: a policy, a red job, a skip, a job
 * that obeys, a revocation, the look back. Over a remote on disk and over http with a login, where
 * the job may only read.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { basicAuth, serveGit, type HttpGit } from "../support/http-git.ts";
import {
  git,
  lines,
  makePlace,
  makeStage,
  must,
  optout,
  parsed,
  plain,
  push,
  refsOf,
  temporaryOf,
  type More,
  type Place,
  type Result,
  type Stage,
} from "../support/stage.ts";

/** A remote, and how the two machines come to it. */
interface Transport {
  readonly title: string;
  /** Makes the stage. */
  readonly start: () => Promise<Stage>;
  /** Flags for the job's clone. */
  readonly flags: () => readonly string[];
  readonly stop: () => Promise<void>;
  readonly repository: string;
}

let server: HttpGit | undefined;

const transports: readonly Transport[] = [
  {
    title: "on a disk",
    start: () => makeStage(),
    flags: () => [],
    stop: async () => undefined,
    repository: "local/shop",
  },
  {
    title: "over http with a login",
    start: () =>
      makeStage({
        url: async (folder) => {
          server = await serveGit(folder);
          return `${server.origin}/shop.git`;
        },
        prepare: ({ home }, url) => {
          const config = readFileSync(join(home, ".gitconfig"), "utf8");
          writeFileSync(join(home, ".gitconfig"), `${config}[credential]\n\thelper = store\n`);
          const login = url.replace("http://", "http://alice:s3cret@");
          writeFileSync(join(home, ".git-credentials"), `${login}\n`);
        },
      }),
    // as actions/checkout leaves it in the clone's settings; bob may not push
    flags: () => [
      "-c",
      `http.${server?.origin ?? ""}/.extraheader=AUTHORIZATION: ${basicAuth("bob")}`,
      "-c",
      "credential.helper=",
    ],
    stop: async () => server?.close(),
    repository: "127.0.0.1/shop",
  },
];

describe.each(transports.map((one) => [one.title, one] as const))(
  "the story, with the remote %s",
  (_title, { start, flags, stop, repository }) => {
    let stage: Stage;
    let job: Place;
    const told = new Map<string, Result>();

    /** Remembers how a step ended, to be looked at below. */
    async function step(title: string, ended: Promise<Result>): Promise<void> {
      told.set(title, await ended);
    }
    const end = (title: string): Result => {
      const result = told.get(title);
      if (result === undefined) throw new Error(`the story has no step ${title}`);
      const shown = (text: string): string => plain(text, stage);
      return { status: result.status, stdout: shown(result.stdout), stderr: shown(result.stderr) };
    };

    /** The command of the stage leaves a mark when it is started, and fails. */
    const lint = (mark: string, more: More = {}): Promise<Result> => {
      const command = ["sh", "-c", `touch ${mark}; echo '3 errors'; exit 1`];
      return optout(job, ["run", "lint", "--", ...command], more);
    };
    const ran = (mark: string): boolean => existsSync(join(job.directory, mark));

    beforeAll(async () => {
      stage = await start();
      const { laptop } = stage;
      await step(
        "init",
        optout(laptop, ["init", "--yes", "--stage", "lint", "--stage", "deploy-prod"]),
      );
      await push(laptop, "Add the optout policy");
      job = makePlace(stage, "job");
      const url = await git(laptop, ["config", "remote.origin.url"]);
      await git(job, ["clone", "-q", ...flags(), url, "."]);

      await step("red job", lint("ran-before"));
      await step("no override", optout(job, ["check", "lint"]));
      const why = ["-m", "lint image answers 500", "--ticket", "INC-4312", "--for", "2h"];
      await step("skip", optout(laptop, ["skip", "lint", ...why]));

      await step("job that obeys", lint("ran-under-skip"));
      await step("check", optout(job, ["check", "lint"]));
      await step("check as JSON", optout(job, ["check", "lint", "--json"]));
      await step("other stage", optout(job, ["check", "deploy-prod"]));
      await step("other branch", optout(job, ["check", "lint", "--branch", "release/1"]));
      const pull = join(stage.folder, "pull.json");
      const fork = join(stage.folder, "fork.json");
      writeFileSync(pull, pullRequest(1, 1));
      writeFileSync(fork, pullRequest(2, 1));
      const github = { GITHUB_ACTIONS: "true", CI: "true", GITHUB_EVENT_NAME: "pull_request" };
      const into = {
        GITHUB_BASE_REF: "main",
        GITHUB_HEAD_REF: "fix",
        GITHUB_REF: "refs/pull/981/merge",
      };
      await step(
        "pull request",
        lint("ran-in-pull", { env: { ...github, ...into, GITHUB_EVENT_PATH: pull } }),
      );
      await step(
        "fork",
        lint("ran-in-fork", { env: { ...github, ...into, GITHUB_EVENT_PATH: fork } }),
      );
      await step("status", optout(laptop, ["status"]));

      await step("revoke", optout(laptop, ["revoke", "lint", "-m", "image is repaired"]));
      await step("check after", optout(job, ["check", "lint"]));
      await step("job after", lint("ran-after"));
      await step("revoke again", optout(laptop, ["revoke", "2"]));
      await step("history", optout(laptop, ["history"]));
      await step("show", optout(job, ["show", "2"]));
      await git(laptop, ["fetch", "-q"]);
      await step("verify", optout(laptop, ["verify"]));
      await step("verify in the job", optout(job, ["verify"]));
    });

    afterAll(async () => {
      stage.remove();
      await stop();
    });

    it("begins with one command that makes a key, a policy and a log, and says what is next", () => {
      expect(end("init")).toEqual({
        status: 0,
        stdout: lines(
          "Next:",
          "1. Commit the policy, and have it merged into the default branch:",
          '     git add .optout && git commit -m "Add the optout policy" && git push',
          "2. Let the job of the stage ask:",
          "     optout run lint -- npm run lint",
          "3. Protect the branch optout-log: linear history, no force push, no deletion.",
          "Overrides work once the policy is on the default branch.",
        ),
        stderr: expect.stringContaining(
          lines(
            "✓ key      made without a passphrase: key file <stage>/laptop-home/data/optout/keys/default.pem <key>, you are alice-ng",
            "✓ log      created: git:optout-log, id <hash>",
            "✓ policy   written, with you in it: .optout/policy.yaml",
            "✓ schema   written: .optout/policy.schema.json",
            "",
          ),
        ) as string,
      });
      expect(end("init").stderr).toMatch(/^--- \/dev\/null\n\+\+\+ \.optout\/policy\.yaml\n/);
    });

    it("runs the stage while there is no override, and passes its failure on", () => {
      expect(end("red job")).toEqual({ status: 1, stdout: "3 errors\n", stderr: "" });
      expect(ran("ran-before")).toBe(true);
      expect(end("no override")).toEqual({
        status: 10,
        stdout: "✓ lint runs normally on main: no override\n",
        stderr: "",
      });
    });

    it("records a skip that says what is true now, and how to take it back", () => {
      expect(end("skip")).toEqual({
        status: 0,
        stdout: lines(
          "",
          "! lint is skipped on main and pull requests into it for 2h, until <clock>",
          "  <id>   undo: optout revoke 2",
          "! nothing on main asks optout about lint: this will have no effect",
        ),
        stderr: lines(
          "✓ policy    rule quality lets you skip lint for up to 12h, no approval needed",
          "✓ signed    as alice-ng with key file <stage>/laptop-home/data/optout/keys/default.pem <key>",
          "✓ recorded  #2 in git:optout-log",
        ),
      });
    });

    it("lets the next job leave the stage out, loudly, with exit 0", () => {
      expect(end("job that obeys")).toEqual({
        status: 0,
        stdout: "",
        stderr:
          '! lint skipped by override #2 until <minute>: alice-ng, "lint image answers 500" (INC-4312)   policy quality @ <commit>\n',
      });
      expect(ran("ran-under-skip")).toBe(false);
    });

    it("answers check with 0, in words and as JSON", () => {
      expect(end("check")).toEqual({
        status: 0,
        stdout:
          '! lint skipped by override #2 until <minute>: alice-ng, "lint image answers 500" (INC-4312)   policy quality @ <commit>\n',
        stderr: "",
      });
      const { status, stdout, stderr } = end("check as JSON");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(parsed(stdout)).toMatchObject({
        kind: "optout/decision",
        v: 1,
        decision: "skip",
        exit: 0,
        override: { seq: 2, state: "in-force", by: "alice-ng", repository, uses: 0 },
        outranked: [],
        rejected: [],
        subject: { stage: "lint", branch: "main", head: "main", fork: false },
        log: { store: "git:optout-log", head: { seq: 2 } },
      });
    });

    it("covers neither another stage nor another branch", () => {
      expect(end("other stage")).toEqual({
        status: 10,
        stdout: "✓ deploy-prod runs normally on main: no override\n",
        stderr: "",
      });
      expect(end("other branch")).toEqual({
        status: 11,
        stdout: lines(
          "✓ lint runs normally on release/1: no override applies",
          "  ✗ #2 skip by alice-ng: made for main and pull requests into it",
        ),
        stderr: "",
      });
    });

    it("covers the pull requests into the branch, and none from a fork", () => {
      expect(end("pull request")).toMatchObject({ status: 0, stdout: "" });
      expect(ran("ran-in-pull")).toBe(false);
      expect(end("fork")).toMatchObject({ status: 1, stdout: "3 errors\n" });
      expect(end("fork").stderr).toContain(
        "made for main and pull requests into it, not for forks (--forks)",
      );
      expect(ran("ran-in-fork")).toBe(true);
    });

    it("shows everyone what is in force", () => {
      expect(end("status")).toEqual({
        status: 0,
        stdout: lines(
          "! #2  lint is skipped on main and pull requests into it for 2h, until <clock>",
          '    alice-ng: "lint image answers 500" (INC-4312)',
        ),
        stderr: "",
      });
    });

    it("ends with a revocation, at the next job", () => {
      expect(end("revoke")).toEqual({
        status: 0,
        stdout: "✓ #2 is revoked: it no longer skips lint\n",
        stderr: "",
      });
      expect(end("check after")).toEqual({
        status: 11,
        stdout: lines(
          "✓ lint runs normally on main: no override applies",
          "  ✗ #2 skip by alice-ng: revoked by alice-ng (#3)",
        ),
        stderr: "",
      });
      expect(end("job after")).toEqual({ status: 1, stdout: "3 errors\n", stderr: "" });
      expect(ran("ran-after")).toBe(true);
    });

    it("says that a second revocation changes nothing", () => {
      expect(end("revoke again")).toEqual({
        status: 0,
        stdout: "✓ #2 was over already: it is revoked; nothing was recorded\n",
        stderr: "",
      });
    });

    it("tells the history, in the program and in git's own log", async () => {
      expect(end("history")).toEqual({
        status: 0,
        stdout:
          "2\t<time>\trevoked\tskip\tlint\tmain\t<time>\talice-ng\tlint image answers 500\tINC-4312\t<id>\n",
        stderr: "",
      });
      const log = await git(stage.laptop, ["log", "--format=%s", "origin/optout-log"]);
      expect(plain(log, stage).split("\n")).toEqual([
        "#3 revoke #2 (alice-ng)",
        "#2 skip lint on main until <minute> (alice-ng)",
        "#1 policy recorded (alice-ng)",
        "#0 log created (alice-ng)",
      ]);
      const { status, stdout, stderr } = end("show");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout.split("\n")[0]).toBe("#2  skip lint  revoked");
      expect(stdout).toContain('#3  <clock>  revoke #2 (alice-ng): "image is repaired"\n');
    });

    it("proves that nothing is missing, to whoever may read", () => {
      const intact = {
        status: 0,
        stdout: lines(
          "✓ git:optout-log is intact: 4 positions",
          "  1 log.created, 1 policy.recorded, 1 override.created, 1 override.revoked",
          "  head 3:<hash>",
        ),
        stderr: "",
      };
      expect(end("verify")).toEqual(intact);
      expect(end("verify in the job")).toEqual(intact);
    });

    it("leaves two branches on the remote, and nothing in the temporary directories", async () => {
      const refs = (await refsOf(stage)).split("\n").map((line) => line.split("\t")[1]);
      expect(refs).toEqual(["refs/heads/main", "refs/heads/optout-log"]);
      expect([stage.laptop, job].map((place) => readdirSync(temporaryOf(place)))).toEqual([[], []]);
      expect(await git(job, ["status", "--porcelain"])).toBe(
        "?? ran-after\n?? ran-before\n?? ran-in-fork",
      );
    });

    it("never prints what one logs in with", () => {
      const all = [...told.values()].map(({ stdout, stderr }) => stdout + stderr).join("");

      for (const secret of ["s3cret", basicAuth("alice"), basicAuth("bob").slice(6)]) {
        expect(all).not.toContain(secret);
      }
    });
  },
);

describe("a job that may only read", () => {
  it("cannot write to the log, and hears it from the host", async () => {
    const stage = await transports[1]?.start();
    if (stage === undefined) throw new Error("there is no such transport");
    const { laptop } = stage;
    await must(laptop, ["init", "--yes", "--stage", "lint"]);
    await push(laptop, "Add the optout policy");
    const reader = makePlace(stage, "reader");
    const url = await git(laptop, ["config", "remote.origin.url"]);
    await git(reader, ["clone", "-q", ...(transports[1]?.flags() ?? []), url, "."]);
    const before = await refsOf(stage);

    const key = { XDG_DATA_HOME: join(laptop.home, "data") };
    const { status, stdout, stderr } = await optout(
      reader,
      ["skip", "lint", "-m", "lint image answers 500", "--json"],
      { env: key },
    );

    expect({ status, stdout }).toEqual({ status: 4, stdout: "" });
    expect(parsed(stderr)).toMatchObject({ error: { code: "append-refused", exit: 4 } });
    expect(stderr).toContain("403");
    expect(await refsOf(stage)).toBe(before);
    stage.remove();
    await server?.close();
  });
});

function pullRequest(head: number, base: number): string {
  const repo = (id: number): object => ({ repo: { id } });
  return JSON.stringify({ pull_request: { number: 981, head: repo(head), base: repo(base) } });
}
