/**
 * Many at once, and killed at any moment: the built program against one remote over http. Every
 * position that was acknowledged is there once, the chain holds, and whoever comes next can work.
 *
 * `OPTOUT_SOAK=1` does as much as `.ci/run` asks for; without it less, of the same.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { basicAuth, serveGit, type HttpGit } from "../support/http-git.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import {
  BIN,
  git,
  makeClone,
  makeTeam,
  must,
  optout,
  parsed,
  run,
  teamPolicy,
  type Place,
  type Team,
} from "../support/stage.ts";

const isSoak = process.env["OPTOUT_SOAK"] === "1";
const minutes = 60_000;

/** Every job that relies on an override of these stages says so in the log first. */
const reason = "    reason: { min: 10 }\n";
const recorded = `${reason}    record_use: required\n`;

let team: Team;
let host: HttpGit;

beforeAll(async () => {
  team = await makeTeam({ policy: (keys) => teamPolicy(keys).replace(reason, recorded) });
  host = await serveGit(team.stage.folder);
  await overHttp(team.stage.laptop, host.port);
  await overHttp(team.job, host.port);
  // with the first one goes the text of the policy
  await must(team.stage.laptop, ["skip", "unit-tests", "-m", "registry is down"]);
});

afterAll(async () => {
  await host.close();
  team.stage.remove();
});

/** As a job's checkout does it: the credentials stand in the clone's settings. */
async function overHttp(place: Place, port: number): Promise<void> {
  await git(place, ["remote", "set-url", "origin", `http://127.0.0.1:${port}/shop.git`]);
  await git(place, ["config", "http.extraHeader", `Authorization: ${basicAuth("alice")}`]);
}

/** More machines of somebody's, each with a clone of its own and the same key. */
function machines(count: number, name: string, of: Place, port: number): Promise<Place[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const clone = await makeClone(team.stage, `${name}${index}`);
      const keys = { XDG_DATA_HOME: join(of.home, "data"), ...of.env };
      const place = { ...clone, env: keys };
      await overHttp(place, port);
      return place;
    }),
  );
}

interface Listed {
  readonly ids: readonly string[];
  readonly intact: boolean;
  readonly positions: number;
}

/** What a machine that has seen nothing finds. */
async function listed(name: string): Promise<Listed> {
  const fresh = await makeClone(team.stage, name);
  const [history, verified] = await Promise.all([
    must(fresh, ["history", "--jsonl", "-L", "10000"]),
    optout(fresh, ["verify", "--json"]),
  ]);
  const ids = history
    .split("\n")
    .filter(Boolean)
    .map((line) => String(parsed(line)["id"]));
  const { intact, positions } = parsed(verified.stdout) as { intact: boolean; positions: number };
  return { ids, intact, positions };
}

const timesIn = (all: readonly string[], id: string): number =>
  all.filter((one) => one === id).length;

describe("many writers on one remote", () => {
  const [processes, each] = isSoak ? [20, 5] : [6, 3];

  it(
    "each have every position that they were told of, once, in one chain",
    { timeout: 5 * minutes },
    async () => {
      const before = await listed("before-writers");
      const places = await machines(processes, "writer", team.stage.laptop, host.port);
      const told = await Promise.all(
        places.map(async (place) => {
          const ids: string[] = [];
          for (let n = 0; n < each; n += 1) {
            const words = ["-m", "lint image answers 500", "-q", "--timeout", "2m"];
            ids.push((await must(place, ["skip", "lint", ...words])).trim());
          }
          return ids;
        }),
      );
      const after = await listed("after-writers");

      const ids = told.flat();
      expect(new Set(ids).size).toBe(processes * each);
      expect(ids.filter((id) => timesIn(after.ids, id) !== 1)).toEqual([]);
      expect(after).toMatchObject({
        intact: true,
        positions: before.positions + processes * each,
      });
    },
  );

  const writers = isSoak ? 50 : 8;

  /** As people do it: again, until it is said to be recorded. */
  async function skipAtLast(place: Place): Promise<{ id: string | null; tries: number }> {
    const args = ["skip", "unit-tests", "-m", "registry is down", "-q", "--timeout", "1m"];
    for (let tries = 1; tries <= 10; tries += 1) {
      const { status, stdout } = await optout(place, args);
      if (status === 0) return { id: stdout.trim(), tries };
    }
    return { id: null, tries: 10 };
  }

  it(
    "lose nothing that was acknowledged while the network fails around them",
    { timeout: 8 * minutes },
    async () => {
      const proxy = await startFaultProxy(host.port);
      const faults = [
        { kind: "reset" },
        { kind: "none" },
        { kind: "cut", bytes: 300 },
        { kind: "none" },
        { kind: "lost answer", match: "git-receive-pack HTTP" },
        { kind: "latency", milliseconds: 20 },
      ] as const;
      let turn = 0;
      const timer = setInterval(() => {
        turn += 1;
        proxy.set(faults[turn % faults.length] ?? { kind: "none" });
      }, 150);
      const before = await listed("before-faults");
      try {
        const places = await machines(writers, "faulty", team.stage.laptop, proxy.port);
        const ends = await Promise.all(places.map(skipAtLast));
        clearInterval(timer);
        const after = await listed("after-faults");

        const told = ends.flatMap(({ id }) => id ?? []);
        const tries = ends.reduce((sum, end) => sum + end.tries, 0);
        expect(proxy.struck).toBeGreaterThan(0);
        expect(told.length).toBeGreaterThan(0);
        expect(told.filter((id) => timesIn(after.ids, id) !== 1)).toEqual([]);
        // whoever was told nothing may stand in the log too, but nobody twice
        expect(new Set(after.ids).size).toBe(after.ids.length);
        expect(after.intact).toBe(true);
        expect(after.positions - before.positions).toBeLessThanOrEqual(tries);
      } finally {
        clearInterval(timer);
        await proxy.close();
      }
    },
  );
});

/** Variables of one run of GitHub Actions. */
const asRun = (id: number): Readonly<Record<string, string>> => ({
  CI: "true",
  GITHUB_ACTIONS: "true",
  GITHUB_EVENT_NAME: "push",
  GITHUB_REF: "refs/heads/main",
  GITHUB_SHA: "0".repeat(40),
  GITHUB_RUN_ID: String(id),
  GITHUB_RUN_ATTEMPT: "1",
  GITHUB_JOB: "deploy",
});
describe("an override for one use, and many runs that ask at the same time", () => {
  const runs = isSoak ? 100 : 12;
  const atOnce = isSoak ? 25 : 12;

  const command = ["run", "deploy-prod", "--timeout", "3m", "--", "sh", "-c", "exit 7"] as const;

  it("is granted to exactly one, and to that one again", { timeout: 8 * minutes }, async () => {
    await must(team.stage.laptop, ["skip", "deploy-prod", "-m", "already deployed", "--once"]);
    const places = await machines(atOnce, "job", team.job, host.port);
    const statuses: number[] = Array.from({ length: runs }, () => -1);
    let next = 0;
    await Promise.all(
      places.map(async (place) => {
        for (let id = next++; id < runs; id = next++) {
          statuses[id] = (await optout(place, command, { env: asRun(1000 + id) })).status;
        }
      }),
    );

    const granted = statuses.flatMap((status, id) => (status === 0 ? [id] : []));
    expect(granted).toHaveLength(1);
    expect(statuses.filter((status) => status === 7)).toHaveLength(runs - 1);
    const [winner = -1] = granted;
    const [place = team.job] = places;
    const again = { ...asRun(1000 + winner), GITHUB_RUN_ATTEMPT: "2" };
    expect((await optout(place, command, { env: again })).status).toBe(0);
    const other = await optout(place, command, { env: asRun(5000) });
    expect(other.status).toBe(7);
  });
});

describe("a process that is killed at any moment", () => {
  const kills = isSoak ? 200 : 18;
  const commands = [
    ["skip", "lint", "-m", "lint image answers 500", "-q"],
    ["revoke", "lint", "-q"],
    // records its use, each time as another run
    ["run", "unit-tests", "--", "true"],
  ] as const;

  /** Ends it with SIGKILL after a while; what it had printed. */
  function killed(
    place: Place,
    args: readonly string[],
    afterMilliseconds: number,
  ): Promise<string> {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: place.directory,
      env: { PATH: process.env["PATH"], HOME: place.home, ...place.env },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    setTimeout(() => child.kill("SIGKILL"), afterMilliseconds);
    return new Promise((resolve) => {
      child.once("close", () => resolve(output));
    });
  }

  const locksIn = (directory: string): readonly string[] =>
    readdirSync(directory, { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".lock") && !name.startsWith(join(".git", "optout")),
    );

  it(
    "leaves a whole position or none, and the next one works",
    { timeout: 10 * minutes },
    async () => {
      const [victim] = await machines(1, "victim", team.stage.laptop, host.port);
      if (victim === undefined) throw new Error("no machine");
      const told: string[] = [];
      for (let n = 0; n < kills; n += 1) {
        const args = commands[n % commands.length] ?? commands[0];
        const more = args[0] === "run" ? { ...team.job.env, ...asRun(9000 + n) } : {};
        const place = { ...victim, env: { ...victim.env, ...more } };
        const output = await killed(place, args, 30 + ((n * 61) % 500));
        if (args[0] === "skip" && output.endsWith("\n")) told.push(output.trim());
      }
      // a push may outlive the one who started it
      await new Promise((resolve) => setTimeout(resolve, 1000));

      const { status } = await optout(victim, ["skip", "lint", "-m", "lint image answers 500"]);
      const after = await listed("after-kills");
      expect(status).toBe(0);
      expect(after.intact).toBe(true);
      expect(told.filter((id) => timesIn(after.ids, id) !== 1)).toEqual([]);
      expect(locksIn(victim.directory)).toEqual([]);
      const fsck = await run(victim, "git", ["fsck", "--strict", "--no-dangling"]);
      expect(fsck.status).toBe(0);
    },
  );
});
