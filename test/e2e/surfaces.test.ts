/**
 * The built program over a real remote: in random worlds `check`, `run`, `gate`, `status`, `history`
 * and `verify` tell what the operations tell, and so the same.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { OptoutError } from "../../src/core/errors.ts";
import { standings } from "../../src/core/state.ts";
import { audit } from "../../src/log/audit.ts";
import { check } from "../../src/operations/check.ts";
import { memoryStore } from "../support/memory-store.ts";
import { answersIn, play, randomActs, stages, type Act } from "../support/random-world.ts";
import {
  git,
  makeStage,
  optout,
  push,
  run,
  writeFiles,
  type Place,
  type Stage,
} from "../support/stage.ts";
import { outcomeOf, subjectOf, t0, World } from "../support/world.ts";

/** So many worlds; `OPTOUT_RUNS=5` tries five times as many. */
const count = 3 * Number(process.env["OPTOUT_RUNS"] ?? 1);

/** Seconds for which nothing begins or ends, however slow the machine is. */
const quiet = 1200;

const now = (): number => Math.floor(Date.now() / 1000);

/** A world with time for all this until now, in which nothing was said yet. */
function begin(acts: readonly Act[]): World {
  const lasts = acts.reduce((sum, { after }) => sum + after, 0);
  return new World({ start: now() - t0 - lasts - 300, bare: true });
}

function say(world: World, acts: readonly Act[]): void {
  world.clock += 200;
  world.recorded("alice");
  play(
    world,
    acts.map((act) => ({ act })),
  );
}

/** Whether something is in force, and the same in a while as now. */
function isSteady(acts: readonly Act[]): boolean {
  const world = begin(acts);
  say(world, acts);
  const view = world.view();
  const [first = "", ...later] = [0, quiet / 2, quiet].map((wait) =>
    JSON.stringify(answersIn(view, now() + wait)),
  );
  return later.every((one) => one === first) && /"(?:skip|force|hold|allow-failure)"/.test(first);
}

const samples = fc.sample(randomActs, { numRuns: 40 * count, seed: 20261121 });
const steady = samples.filter(isSteady).slice(0, count);

/** Everything said, on the log's branch of the remote. */
async function pushLog({ laptop, remote }: Stage, { positions }: World): Promise<void> {
  const commits = positions.map((bytes, seq) => {
    const message = `#${seq}\n\n${Buffer.from(bytes).toString("latin1")}\n`;
    const head = "commit refs/heads/optout-log\ncommitter a <a@b> 1700000000 +0000";
    return `${head}\ndata ${message.length}\n${message}\n`;
  });
  const input = commits.join("");
  const { status, stderr } = await run(laptop, "git", ["fast-import", "--quiet"], {
    cwd: remote,
    input,
  });
  if (status !== 0) throw new Error(stderr);
}

it("there are enough random worlds in which something is in force", () => {
  expect(steady).toHaveLength(count);
});

interface Told {
  readonly outcome: string;
  readonly inForce: readonly string[];
}

/** What the operation that check, run and the gate share makes of a stage. */
async function toldOf(world: World, stage: string): Promise<Told> {
  const environment = world.policy.stages.get(stage)?.environment ?? null;
  const decision = await check({
    view: world.view(),
    subject: subjectOf({ stage, environment, forge: null, run: null, sha: null }),
    now,
    storeTime: () => null,
    recorder: () => Promise.reject(new OptoutError("no-key", "no key")),
  });
  const inForce = decision.kind === "decided" ? decision.inForce : [];
  return { outcome: outcomeOf(decision), inForce: inForce.map(({ statement }) => statement.id) };
}

const idsOf = (overrides: readonly { readonly id: string; readonly state: string }[]): string[] =>
  overrides.filter(({ state }) => state === "in-force").map(({ id }) => id);

interface Overrides {
  readonly overrides: readonly { readonly id: string; readonly state: string }[];
}

const json = async <T>(place: Place, ...args: readonly string[]): Promise<T> =>
  JSON.parse((await optout(place, [...args, "--json"])).stdout) as T;

describe.each(steady.map((acts, index) => [index, acts] as const))(
  "in world %i",
  (_index, acts) => {
    const world = begin(acts);
    let stage: Stage;

    beforeAll(async () => {
      stage = await makeStage();
      writeFiles(stage.laptop, { ".optout/policy.yaml": world.policy.text });
      await push(stage.laptop, "Add the optout policy");
      world.policyCommit = await git(stage.laptop, ["rev-parse", "HEAD"]);
      say(world, acts);
      await pushLog(stage, world);
    });

    afterAll(() => stage.remove());

    it.each(stages)("check, run and gate decide about %s as the operation does", async (name) => {
      const told = await toldOf(world, name);
      const [checked, gate, ran] = await Promise.all([
        json<{ decision: string; override: { id: string } | null; outranked: { id: string }[] }>(
          stage.laptop,
          "check",
          name,
        ),
        json<{ outcomes: Record<string, string> }>(stage.laptop, "gate", name),
        optout(stage.laptop, ["run", name, "--", "sh", "-c", "echo ran; exit 7"]),
      ]);

      const { override, outranked, decision } = checked;
      const inForce = [override, ...outranked].flatMap((one) => one?.id ?? []);
      expect({ outcome: decision, inForce }).toEqual(told);
      expect(gate.outcomes).toEqual({ [name]: told.outcome });
      const effects: Readonly<Record<string, readonly [string, number]>> = {
        enforced: ["ran\n", 7],
        force: ["ran\n", 7],
        "allow-failure": ["ran\n", 0],
        skip: ["", 0],
        hold: ["", 3],
      };
      expect([ran.stdout, ran.status]).toEqual(effects[told.outcome]);
    });

    it("status and history list as in force what the operation does", async () => {
      const [status, history] = await Promise.all([
        json<Overrides>(stage.laptop, "status"),
        json<Overrides>(stage.laptop, "history", "--limit", "100"),
      ]);
      const standing = standings(world.view(), now(), "main").map(({ judged, state }) => ({
        id: judged.statement.id,
        state,
      }));

      expect(idsOf(status.overrides).toSorted()).toEqual(idsOf(standing).toSorted());
      expect(history.overrides.map(({ id, state }) => ({ id, state })).toReversed()).toEqual(
        standing,
      );
    });

    it("verify finds what the audit finds", async () => {
      const verified = await json<{ findings: { code: string; seq: number }[] }>(
        stage.laptop,
        "verify",
      );
      const report = await audit({
        positions: memoryStore(world.positions).scan(0),
        from: 0,
        policy: world.policy,
        history: { defaultBranch: "main", holds: () => Promise.resolve("yes") },
        anchors: [],
        now: now(),
      });

      const codes = (found: readonly { code: string; seq: number }[]): string[] =>
        found.map(({ code, seq }) => `${code} #${seq}`);
      expect(codes(verified.findings)).toEqual(codes(report.findings));
    });
  },
);
