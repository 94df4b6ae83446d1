/**
 * Attacks on the log and on trust, performed on the built program with a real remote: by somebody who
 * may push to the log's branch, edit the work tree or set variables of a job. Whatever is tried, no
 * override comes of it, the stage runs, and `verify` names what was done.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  git,
  lines,
  makeTeam,
  must,
  optout,
  parsed,
  plain,
  push,
  refsOf,
  writeFiles,
  type More,
  type Place,
  type Result,
  type Stage,
  type Team,
} from "../support/stage.ts";
import {
  commit,
  hashOf,
  makeScene as sceneOf,
  position,
  pushMessage,
  readLog,
  relined,
  replaceLog,
  signed,
  statementOf,
  type Scene,
} from "../support/thief.ts";

/** #0 log created, #1 policy recorded, #2 skip of lint, #3 its revocation, #4 skip of unit-tests. */
let team: Team;
const stages: Stage[] = [];

beforeAll(async () => {
  team = await makeTeam();
  const { laptop } = team.stage;
  await must(laptop, ["skip", "lint", "-m", "lint image answers 500"]);
  await must(laptop, ["revoke", "lint", "-m", "image is repaired"]);
  await must(laptop, ["skip", "unit-tests", "-m", "registry is down"]);
});

afterAll(() => {
  for (const stage of [team.stage, ...stages]) stage.remove();
});

async function makeScene(): Promise<Scene> {
  const scene = await sceneOf(team);
  stages.push(scene.stage);
  return scene;
}

// --- what must come of it

const failing = ["--", "sh", "-c", "echo the stage runs; exit 7"] as const;

/** The stage runs, and its exit status is its own. */
async function expectRuns(place: Place, stage: string, more: More = {}): Promise<Result> {
  const result = await optout(place, ["run", stage, ...failing], more);
  expect(result).toMatchObject({ status: 7, stdout: "the stage runs\n" });
  return result;
}

/** Nothing can be decided: every command is loud about it, and the stages run. */
async function expectDistrust(place: Place, code: string, more: More = {}): Promise<void> {
  const commands = [
    ["check", "unit-tests"],
    ["status"],
    ["history"],
    ["skip", "lint", "-m", "once more, please"],
    ["revoke", "unit-tests"],
  ];
  const ends = await Promise.all(
    commands.map(async (args) => {
      const { status, stdout, stderr } = await optout(place, [...args, "--json"], more);
      return { args, status, stdout, error: (parsed(stderr)["error"] as { code: string }).code };
    }),
  );
  expect(ends).toEqual(commands.map((args) => ({ args, status: 5, stdout: "", error: code })));
  const { stderr } = await expectRuns(place, "unit-tests", more);
  expect(stderr).toMatch(/^! optout could not decide about unit-tests, so it runs normally: /);
  const deploy = await optout(place, ["run", "deploy-prod", ...failing], more);
  expect(deploy).toMatchObject({ status: 3, stdout: "" });
}

/** Code and position of every finding. */
async function findings(place: Place, ...args: readonly string[]): Promise<readonly string[]> {
  const { status, stdout } = await optout(place, ["verify", "--json", ...args]);
  const report = parsed(stdout) as { intact: boolean; findings: { code: string; seq: number }[] };
  expect({ status, intact: report.intact }).toEqual({ status: 5, intact: false });
  return report.findings.map(({ code, seq }) => `#${seq} ${code}`);
}

async function expectIntact(place: Place): Promise<void> {
  expect(await optout(place, ["verify", "-q"])).toMatchObject({ status: 0, stderr: "" });
}

describe.concurrent("the log before any attack", () => {
  it("lets unit-tests be skipped and lint run, and is intact", async () => {
    const { cold } = await makeScene();

    expect((await optout(cold, ["check", "unit-tests"])).status).toBe(0);
    expect((await optout(cold, ["run", "unit-tests", ...failing])).status).toBe(0);
    await expectRuns(cold, "lint");
    await expectIntact(cold);
  });
});

describe.concurrent("one bit flipped in a position", () => {
  const flips = [
    ["header", 0, "STATEMENT_FORM"],
    ["payload", 1, "SIGNATURE"],
    ["signature", 2, "SIGNATURE"],
  ] as const;

  /** Another character in the middle of a part: one that decodes to other bytes. */
  function flip(statement: string, part: number): string {
    const parts = statement.split(".");
    const text = parts[part] ?? "";
    const at = text.length >> 1;
    const other = text[at] === "A" ? "B" : "A";
    parts[part] = text.slice(0, at) + other + text.slice(at + 1);
    return parts.join(".");
  }

  it.each(flips)("of the %s makes it void, and verify names it", async (_name, part, code) => {
    const scene = await makeScene();
    const log = await readLog(scene);
    const forged = position(4, log[3], flip(statementOf(log[4]), part));
    await replaceLog(scene, [...log.slice(0, 4), forged]);

    expect(await optout(scene.cold, ["check", "unit-tests"])).toEqual({
      status: 10,
      stdout: "✓ unit-tests runs normally on main: no override\n",
      stderr: "",
    });
    await expectRuns(scene.cold, "unit-tests");
    expect(await findings(scene.cold)).toEqual([`#4 ${code}`]);
  });

  it("is a rewritten log to a machine that has seen the true one", async () => {
    const scene = await makeScene();
    const log = await readLog(scene);
    const forged = position(4, log[3], flip(statementOf(log[4]), 2));
    await replaceLog(scene, [...log.slice(0, 4), forged]);

    await expectDistrust(scene.warm, "log-rewound");
    expect(await findings(scene.warm)).toContain("#4 HEAD_MISMATCH");
  });
});

describe.concurrent("a revocation that is taken out, the later statements lined up anew", () => {
  /** Without #3; what was #4 saw #3. */
  async function attacked(): Promise<Scene> {
    const scene = await makeScene();
    const log = await readLog(scene);
    await replaceLog(scene, relined(log.slice(0, 3), [statementOf(log[4])]));
    return scene;
  }

  it("is exit 5 on a machine that has seen more", async () => {
    const { warm } = await attacked();

    await expectDistrust(warm, "log-rewound");
    await expectRuns(warm, "lint");
    expect(await findings(warm)).toContain("#4 HEAD_MISSING");
  });

  it("is a contradiction on a cold machine, for a statement saw what is gone", async () => {
    const { cold } = await attacked();

    await expectDistrust(cold, "contradiction");
    await expectRuns(cold, "lint");
    expect(await findings(cold)).toEqual(["#3 SAW_CONTRADICTED"]);
  });

  it("is found on a cold machine by a head that was noted down before", async () => {
    const scene = await makeScene();
    const log = await readLog(scene);
    const { head } = parsed(await must(scene.warm, ["verify", "--json"])) as {
      head: { seq: number; hash: string };
    };
    await replaceLog(scene, log.slice(0, 3));

    const anchor = `${head.seq}:${head.hash}`;
    expect(await findings(scene.cold, "--head", anchor)).toEqual(["#4 HEAD_MISSING"]);
  });
});

describe.concurrent("a log that is deleted and begun anew", () => {
  async function attacked(): Promise<Scene> {
    const scene = await makeScene();
    await git(scene.thief, ["push", "-q", "origin", ":refs/heads/optout-log"]);
    // a policy of the thief's own, in a work tree, is all that init needs
    await git(scene.thief, ["rm", "-rq", ".optout"]);
    await must(scene.thief, ["init", "--yes", "--stage", "unit-tests"]);
    return scene;
  }

  it("is not the log that the policy names: exit 5, and nobody writes to it", async () => {
    const scene = await attacked();
    const before = await refsOf(scene.stage);

    await expectDistrust(scene.cold, "wrong-log");
    await expectDistrust(scene.warm, "log-rewound");
    expect(await findings(scene.cold)).toContain("#0 LOG_ID");
    expect(await refsOf(scene.stage)).toBe(before);
  });

  it("is missing in between: exit 5, and nobody begins another", async () => {
    const scene = await makeScene();
    await git(scene.thief, ["push", "-q", "origin", ":refs/heads/optout-log"]);

    await expectDistrust(scene.cold, "log-missing");
    const { status, stderr } = await optout(scene.warm, ["init", "--yes", "--json"]);
    expect(status).toBe(5);
    expect(parsed(stderr)).toMatchObject({ error: { code: "log-missing" } });
  });
});

describe.concurrent("garbage that is pushed in line", () => {
  type Forge = (log: readonly string[], scene: Scene) => string | Promise<string>;
  const last = (log: readonly string[]): string => log.at(-1) ?? "";
  const created = (log: readonly string[]): string => statementOf(log[4]);

  const garbage: readonly (readonly [string, Forge, readonly string[]])[] = [
    ["a commit without a message", () => "", ["#5 POSITION_FORM"]],
    ["a commit with words only", () => "fix typo\n", ["#5 POSITION_FORM"]],
    [
      "a position with blanks",
      (log) => position(5, last(log), created(log)).replace('"v":1', '"v": 1'),
      ["#5 POSITION_FORM"],
    ],
    [
      "a position of another number",
      (log) => position(6, last(log), created(log)),
      ["#5 POSITION_SEQ"],
    ],
    [
      "a position that names another one before it",
      (log) => position(5, log[0], created(log)),
      ["#5 POSITION_PREV"],
    ],
    [
      "a statement that stands in the log already",
      (log) => position(5, last(log), created(log)),
      ["#5 ID_REPEATED"],
    ],
    [
      "a statement of an unknown version, signed with a stolen CI key",
      async (log, { cold }) => {
        const { env } = team.job;
        const place = { ...cold, env };
        const text = { v: 2, kind: "override.created", id: `ovr_${"0".repeat(16)}` };
        return position(5, last(log), await signed(place, env["OPTOUT_KEY"] ?? "", text));
      },
      ["#5 UNKNOWN_KIND"],
    ],
  ];

  it.each(garbage)("is void and does not stop the log: %s", async (_title, forge, found) => {
    const scene = await makeScene();
    await pushMessage(scene, await forge(await readLog(scene), scene));

    expect((await optout(scene.cold, ["check", "unit-tests"])).status).toBe(0);
    await expectRuns(scene.cold, "lint");
    const skip = await optout(scene.warm, ["skip", "lint", "-m", "lint image answers 500", "-q"]);
    expect(skip).toMatchObject({ status: 0, stderr: "" });
    expect((await optout(scene.cold, ["check", "lint"])).status).toBe(0);
    expect(await findings(scene.cold)).toEqual(found);
  });

  it("does not lift a hold, whatever it says", async () => {
    const scene = await makeScene();
    await must(scene.warm, ["hold", "deploy-prod", "-m", "migration is running"]);
    const log = await readLog(scene);
    const { id } = parsed(await must(scene.warm, ["show", "5", "--json"]));
    const payload = Buffer.from(
      JSON.stringify({ v: 1, kind: "override.revoked", id: `stm_${"0".repeat(16)}`, override: id }),
    );
    const unsigned = statementOf(log[3]).replace(/\..*\./, `.${payload.toString("base64url")}.`);
    await pushMessage(scene, `hm\n\n${position(6, log[5], unsigned)}\n`);
    await pushMessage(scene, "hm\n");

    const { status, stdout, stderr } = await optout(scene.cold, ["run", "deploy-prod", ...failing]);
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toContain("! deploy-prod held by override #5");
  });

  it("refuses the whole log where a person signed what this version cannot read", async () => {
    const scene = await makeScene();
    const log = await readLog(scene);
    const { policy } = parsed(await must(scene.warm, ["whoami", "--json"])) as {
      policy: { digest: string; commit: string };
    };
    const text = readFileSync(join(scene.warm.directory, ".optout/policy.yaml"), "utf8");
    const [, logId] = /id: "?([\w-]{43})/.exec(text) ?? [];
    const payload = {
      v: 2,
      kind: "override.created",
      id: `ovr_${"0".repeat(16)}`,
      log: logId,
      by: "alice",
      iat: Math.floor(Date.now() / 1000),
      policy: policy.digest,
      policy_at: policy.commit,
      saw: { seq: 4, hash: hashOf(log[4] ?? "") },
    };
    const pem = readFileSync(join(scene.warm.home, "data/optout/keys/default.pem"), "utf8");
    const statement = await signed(scene.warm, pem, payload);
    await pushMessage(scene, `#5 from the future\n\n${position(5, log[4], statement)}\n`);

    await expectDistrust(scene.cold, "unknown-version");
    const { stderr } = await optout(scene.cold, ["check", "lint"]);
    expect(stderr).toContain("\n  upgrade optout\n");
  });
});

describe.concurrent("a merge commit on the log's branch", () => {
  it("stops the log, exit 5, until it is taken off", async () => {
    const scene = await makeScene();
    const { thief, cold, warm, stage } = scene;
    await git(thief, ["fetch", "-q", "origin", "optout-log"]);
    const tip = await git(thief, ["rev-parse", "FETCH_HEAD"]);
    const merge = await commit(thief, "Merge main\n", [
      tip,
      await git(thief, ["rev-parse", "HEAD"]),
    ]);
    await git(thief, ["push", "-q", "origin", `${merge}:refs/heads/optout-log`]);

    await expectDistrust(cold, "log-merge");
    await expectDistrust(warm, "log-merge");
    expect((await optout(cold, ["verify"])).status).toBe(5);

    await git(thief, ["push", "-q", "--force", "origin", `${tip}:refs/heads/optout-log`]);
    expect((await optout(cold, ["check", "unit-tests"])).status).toBe(0);
    expect((await optout(warm, ["check", "unit-tests"])).status).toBe(0);
    expect(await refsOf(stage)).toContain(tip);
  });
});

describe.concurrent("a policy that is not on the trusted ref", () => {
  const generous = (text: string, ssh: string): string =>
    text
      .replace('keys: ["ssh', `keys: ["${ssh}", "ssh`)
      .replace(", never: [skip, allow-failure]", "")
      .replace("match: { kind: quality }", "match: {}")
      .replace("longest: 12h", "longest: 1d");

  async function edited(place: Place): Promise<void> {
    const ssh = await must(place, ["keys", "create", "--no-passphrase"]);
    const text = readFileSync(join(place.directory, ".optout/policy.yaml"), "utf8");
    const loose = generous(text, ssh.trim());
    expect(loose).not.toBe(text);
    writeFiles(place, { ".optout/policy.yaml": loose });
  }

  it("is ignored in the work tree: its keys sign nothing", async () => {
    const { thief, stage } = await makeScene();
    await edited(thief);
    const before = await refsOf(stage);

    expect((await optout(thief, ["policy", "check"])).status).toBe(0);
    const skip = await optout(thief, ["skip", "lint", "-m", "let me in, please", "--json"]);

    expect({ status: skip.status, stdout: skip.stdout }).toEqual({ status: 4, stdout: "" });
    expect(parsed(skip.stderr)).toMatchObject({ error: { code: "key-unknown" } });
    expect(await refsOf(stage)).toBe(before);
    await expectRuns(thief, "lint");
  });

  it("is ignored on a pull request's branch", async () => {
    const { thief } = await makeScene();
    await git(thief, ["checkout", "-q", "-b", "fix"]);
    await edited(thief);
    await push(thief, "A small fix");

    const skip = await optout(thief, ["skip", "license", "-m", "let me in, please", "--json"]);

    expect(skip.status).toBe(4);
    await expectRuns(thief, "license");
    const pull = {
      GITHUB_ACTIONS: "true",
      GITHUB_EVENT_NAME: "pull_request",
      GITHUB_BASE_REF: "fix",
    };
    await expectRuns(thief, "license", { env: pull });
  });

  it("gives its author no more than the trusted one does", async () => {
    const { warm, stage } = await makeScene();
    const text = readFileSync(join(warm.directory, ".optout/policy.yaml"), "utf8");
    writeFiles(warm, { ".optout/policy.yaml": generous(text, "ssh").replace('"ssh", ', "") });

    const never = await optout(warm, ["skip", "license", "-m", "let me in, please"]);
    const long = await optout(warm, ["skip", "lint", "-m", "let me in, please", "--for", "1d"]);

    expect({ status: never.status, stdout: never.stdout }).toEqual({ status: 3, stdout: "" });
    expect(plain(never.stderr, stage)).toContain(
      "✗ skip license on main: no rule of .optout/policy.yaml at origin/main fits",
    );
    expect({ status: long.status, stdout: long.stdout }).toEqual({ status: 3, stdout: "" });
    expect(plain(long.stderr, stage)).toBe(
      lines(
        "✗ skip lint on main: refused by rule quality (line 13 of .optout/policy.yaml at origin/main)",
        "  ✗ longest allowed is 12h, you asked for 1d",
        "  would work:  optout skip lint -m 'let me in, please' --for 12h",
      ),
    );
  });
});

describe.concurrent("a key that the policy drops", () => {
  it("permits nothing any more, at the next check", async () => {
    const { warm, cold, stage } = await makeScene();
    const text = readFileSync(join(warm.directory, ".optout/policy.yaml"), "utf8");
    const other = await must({ ...cold, env: {} }, ["keys", "create", "--no-passphrase"]);
    const rotated = text.replace(/(alice:.*keys: \[")[^"]*/, `$1${other.trim()}`);
    writeFiles(warm, { ".optout/policy.yaml": rotated });
    await push(warm, "Rotate the key of Alice");

    expect(await optout(cold, ["check", "unit-tests"])).toEqual({
      status: 10,
      stdout: "✓ unit-tests runs normally on main: no override\n",
      stderr: "",
    });
    await expectRuns(cold, "unit-tests");
    const skip = await optout(warm, ["skip", "lint", "-m", "lint image answers 500"]);
    expect(skip.status).toBe(4);
    expect(plain(skip.stderr, stage)).toContain("belongs to nobody in .optout/policy.yaml");
  });
});

describe.concurrent("OPTOUT_LOG_ID", () => {
  const idOf = (place: Place): string => {
    const text = readFileSync(join(place.directory, ".optout/policy.yaml"), "utf8");
    return /id: "?([\w-]{43})/.exec(text)?.[1] ?? "";
  };

  it("repeats the policy's log.id, and then changes nothing", async () => {
    const { cold } = await makeScene();

    const env = { OPTOUT_LOG_ID: idOf(cold) };
    expect(await optout(cold, ["check", "unit-tests"], { env })).toMatchObject({
      status: 0,
      stderr: "",
    });
  });

  it("makes every other log one that is not trusted, exit 5", async () => {
    const { cold } = await makeScene();

    const env = { OPTOUT_LOG_ID: "A".repeat(43) };
    await expectDistrust(cold, "wrong-log", { env });
    expect((await optout(cold, ["verify"], { env })).status).toBe(5);
  });

  it("refuses an origin that was turned to a repository with a policy and a log of its own", async () => {
    const { cold, thief, stage } = await makeScene();
    const pinned = { OPTOUT_LOG_ID: idOf(cold) };
    const mine = join(stage.folder, "mine.git");
    await git(thief, ["init", "-q", "--bare", "-b", "main", mine]);
    await git(thief, ["remote", "set-url", "origin", mine]);
    await git(thief, ["rm", "-rq", ".optout"]);
    await git(thief, ["commit", "-q", "-m", "Mine"]);
    await git(thief, ["push", "-q", "origin", "HEAD:main"]);
    await must(thief, ["init", "--yes", "--stage", "unit-tests", "--stage", "lint"]);
    await push(thief, "My own policy");
    await must(thief, ["skip", "lint", "-m", "let me in, please"]);
    await git(cold, ["config", `url.${mine}.insteadOf`, stage.remote]);

    const check = await optout(cold, ["check", "lint", "--json"], { env: pinned });

    expect({ status: check.status, stdout: check.stdout }).toEqual({ status: 5, stdout: "" });
    expect(parsed(check.stderr)).toMatchObject({
      error: {
        code: "wrong-log",
        message: "OPTOUT_LOG_ID is not the log.id of the policy",
        hint: "compare it with log.id in .optout/policy.yaml at origin/main",
      },
    });
    await expectRuns(cold, "lint", { env: pinned });
  });
});
