/**
 * What docs/ci-that-writes.md promises of jobs with a key and a credential, and of jobs without, over
 * a host that tells who may push.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { basicAuth, serveGit, type HttpGit } from "../support/http-git.ts";
import {
  makeClone,
  makeTeam,
  must,
  optout,
  parsed,
  ROOT,
  type Place,
  type Team,
} from "../support/stage.ts";

const page = readFileSync(join(ROOT, "docs", "ci-that-writes.md"), "utf8");

let team: Team;
let host: HttpGit;
const run77 = {
  CI: "true",
  GITHUB_ACTIONS: "true",
  GITHUB_EVENT_NAME: "push",
  GITHUB_REF: "refs/heads/main",
};

beforeAll(async () => {
  team = await makeTeam();
  host = await serveGit(team.stage.folder);
});

afterAll(async () => {
  await host.close();
  team.stage.remove();
});

/** A job's machine whose clone reaches the host as that user, with the key of CI or without. */
async function jobOf(user: "alice" | "bob", name: string, withKey: boolean): Promise<Place> {
  const flags = ["-c", `http.extraHeader=Authorization: ${basicAuth(user)}`];
  const place = await makeClone(team.stage, name, { flags, url: `${host.origin}/shop.git` });
  return withKey ? { ...place, env: team.job.env } : place;
}

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly mend: string | null;
}

async function findings(job: Place): Promise<readonly Finding[]> {
  const { stdout } = await optout(job, ["doctor", "--json"]);
  const { findings: found } = parsed(stdout) as { findings: readonly Finding[] };
  return found;
}

const red = async (job: Place): Promise<readonly string[]> =>
  (await findings(job)).filter(({ level }) => level === "red").map(({ check }) => check);

/** One job of a run that asks for `lint`. */
const lint = (job: Place, runId: string): ReturnType<typeof optout> =>
  optout(job, ["run", "lint", "--", "sh", "-c", "echo linting"], {
    env: { ...run77, GITHUB_RUN_ID: runId },
  });

describe("a job with a key and a credential", () => {
  it("is told so by the doctor, and spends an override for one use", async () => {
    const job = await jobOf("alice", "writer", true);
    expect(await red(job)).toEqual([]);
    expect((await findings(job)).find(({ check }) => check === "key")).toMatchObject({
      message: expect.stringContaining("ci") as string,
    });

    await must(team.stage.laptop, ["skip", "lint", "-m", "once for the hotfix", "--once"]);
    expect((await lint(job, "77")).stdout).toBe("");
    expect((await lint(job, "78")).stdout).toBe("linting\n");
  });
});

describe("a job that may only read", () => {
  it("is told so by the doctor, with what mends it", async () => {
    const job = await jobOf("bob", "reader", true);

    expect(await red(job)).toEqual(["append"]);
    expect((await findings(job)).find(({ check }) => check === "append")?.mend).not.toBeNull();
  });

  it.each([
    ["no credential", "bob", true],
    ["no key", "alice", false],
  ] as const)(
    "obeys a skip, and is granted none that must be recorded: %s",
    async (why, user, withKey) => {
      const { laptop } = team.stage;
      const job = await jobOf(user, `without-${why.replace(" ", "-")}`, withKey);
      const [plain = ""] = (
        await must(laptop, ["skip", "lint", "-m", "the image is broken", "-q"])
      ).split("\n");
      expect((await lint(job, "90")).stdout).toBe("");
      await must(laptop, ["revoke", plain]);

      const [once = ""] = (
        await must(laptop, ["skip", "lint", "-m", "once for the hotfix", "--once", "-q"])
      ).split("\n");
      const refused = await lint(job, "91");
      const check = await optout(job, ["check", "lint"], {
        env: { ...run77, GITHUB_RUN_ID: "91" },
      });
      await must(laptop, ["revoke", once]);

      expect([refused.status, refused.stdout]).toEqual([0, "linting\n"]);
      expect(check.status).toBe(11);
      expect(check.stdout).toMatch(/#\d+ skip by alice: .*(?:recorded|key|refuse)/);
    },
  );
});

describe("the page", () => {
  it("makes a key by the command that it names", async () => {
    const [, script = ""] = /^```sh\n([\s\S]*?)^```$/m.exec(page) ?? [];
    const typed = script.trim().split(" ").slice(1);
    const place = await makeClone(team.stage, "reader-of-the-page");

    expect(await must(place, typed)).toMatch(/^ssh-ed25519 \S+/);
    expect(await must(place, ["keys", "show", "ci-shop"])).toContain("ci-shop.pem");
  });
});
