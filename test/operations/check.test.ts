/** Checking with uses: granted only when the use stands in the log and is the first. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Decision } from "../../src/core/decide.ts";
import { OptoutError } from "../../src/core/errors.ts";
import type { Subject } from "../../src/core/scope.ts";
import { check, hasUse, writeUse, type Recorder } from "../../src/operations/check.ts";
import type { UseContext } from "../../src/core/statement.ts";
import { memoryStore, offline, type MemoryStore } from "../support/memory-store.ts";
import {
  hour,
  outcomeOf,
  production,
  subjectOf,
  t0,
  useContext,
  World,
  type Members,
} from "../support/world.ts";
import { writerFor } from "../support/writer.ts";

let world: World;
let store: MemoryStore;
/** What the store says the time is. */
let storeTime: number | null;

beforeEach(() => {
  world = new World();
  store = memoryStore(world.positions);
  storeTime = null;
});

const once: Members = { once: true };
const scan: Members = { target: { type: "stage", name: "scan" } };
const deploy: Members = {
  target: { type: "stage", name: "deploy-prod" },
  scope: { branches: ["main"], environment: "production" },
};

function recorderOf(who = "ci", own: Partial<UseContext> = {}): Recorder {
  const context: UseContext = { ...useContext, ...own };
  return { writer: writerFor(world, store, who), context, title: () => "a use" };
}

function ask(
  own: Partial<Subject> = {},
  recorder: Recorder | OptoutError = recorderOf("ci", {
    run: own.run ?? "812",
    stage: own.stage ?? "lint",
  }),
): Promise<Decision> {
  return check({
    view: world.view(),
    subject: subjectOf(own),
    now: () => t0 + world.clock,
    storeTime: () => storeTime,
    recorder: () =>
      recorder instanceof OptoutError ? Promise.reject(recorder) : Promise.resolve(recorder),
  });
}

/** The objections to what was rejected. */
async function objections(...given: Parameters<typeof ask>): Promise<readonly object[]> {
  const decision = await ask(...given);
  return decision.kind === "decided"
    ? decision.rejected.flatMap((one) => one.objections)
    : [decision];
}

/** Somebody writes just before this job's use is appended. */
function meanwhile(write: () => void): void {
  let done = false;
  store.mishaps.beforeAppend = () => {
    if (done) return;
    done = true;
    write();
  };
}

const appends = (): number => store.calls.filter((call) => call.startsWith("append")).length;

describe("an override for one use is not granted", () => {
  it("when there is no key to record the use with", async () => {
    world.created("alice", once);
    const error = new OptoutError("no-key", "there is no key to sign with");

    expect(outcomeOf(await ask({}, error))).toBe("enforced");
    expect(await objections({}, error)).toEqual([
      { code: "use-not-recorded", why: "there is no key to sign with" },
    ]);
  });

  it("when this is not a job of a forge", async () => {
    world.created("alice", once);

    expect(await objections({ run: null })).toEqual([
      {
        code: "use-not-recorded",
        why: "this is not a job of a forge, so there is no run to record",
      },
    ]);
    expect(appends()).toBe(0);
  });

  it("when the store cannot be written to", async () => {
    world.created("alice", once);
    store.mishaps.fails = (method) => (method === "append" ? offline() : null);

    expect(await objections()).toEqual([
      { code: "use-not-recorded", why: "memory cannot be reached" },
    ]);
  });

  it("when others are quicker for ever", async () => {
    world.created("alice", once);
    store.mishaps.beforeAppend = () => void world.raw("quicker");

    expect(await objections()).toMatchObject([{ code: "use-not-recorded" }]);
  });

  it("when another run was first; then nothing is appended", async () => {
    const override = world.created("alice", once);
    world.used("ci", override, { run: "811" });

    expect(await objections()).toMatchObject([{ code: "used-up", run: "811" }]);
    expect(appends()).toBe(0);
  });

  it("when another run was quicker by a moment; then nothing is appended", async () => {
    const override = world.created("alice", once);
    meanwhile(() => world.used("ci", override, { run: "811" }));

    expect(await objections()).toMatchObject([{ code: "used-up", run: "811" }]);
    expect(world.positions).toHaveLength(4);
  });

  it("when it was revoked a moment before", async () => {
    const override = world.created("alice", once);
    meanwhile(() => world.revoked("alice", override));

    expect(await objections()).toMatchObject([{ code: "revoked" }]);
    expect(world.positions).toHaveLength(4);
  });

  it("when the clock of the store contradicts", async () => {
    world.created("alice", {}, { at: 0 });
    storeTime = t0 + world.clock + 121;
    expect(await ask()).toMatchObject({ outcome: "enforced", clock: { inDoubt: true } });

    storeTime = t0 + world.clock + 119;
    expect(await ask()).toMatchObject({ outcome: "skip", clock: { inDoubt: false } });
  });

  it("when its time ends while the use is recorded", async () => {
    world.created("alice", { ...once, duration: 60 }, { at: 0 });
    let reads = 0;
    const now = (): number => t0 + ((reads += 1) > 1 ? 60 : 10);

    const decision = await check({
      view: world.view(),
      subject: subjectOf(),
      now,
      storeTime: () => null,
      recorder: () => Promise.resolve(recorderOf()),
    });

    expect(decision).toMatchObject({
      outcome: "enforced",
      rejected: [{ objections: [{ code: "expired" }] }],
    });
  });

  it("when the key that records is a person's, whose word is no use", async () => {
    world.created("alice", once);

    expect(outcomeOf(await ask({}, recorderOf("alice")))).toBe("enforced");
  });

  it("when the use is recorded for another run than this", async () => {
    world.created("alice", once);

    expect(outcomeOf(await ask({}, recorderOf("ci", { run: "900" })))).toBe("enforced");
  });
});

describe("a hold that appears while a use is recorded", () => {
  beforeEach(() => {
    world = new World({
      policy: (text) =>
        text.replace("    approvals: { count: 1, from: [release-manager], pending: 1h }\n", ""),
    });
    store = memoryStore(world.positions);
  });
  const subject = { stage: "deploy-prod", ...production };

  it("counts, though the override that was to be used is not granted", async () => {
    world.created("alice", { ...deploy, action: "force", once: true });
    meanwhile(() => world.created("alice", { ...deploy, action: "hold" }));

    expect(outcomeOf(await ask(subject))).toBe("hold");
  });

  it("counts more than what was seen before", async () => {
    world.created("alice", { ...deploy, action: "force" });
    world.created("alice", { ...deploy, action: "skip", once: true });
    meanwhile(() => world.created("alice", { ...deploy, action: "hold" }));

    expect(outcomeOf(await ask(subject))).toBe("hold");
  });
});

describe("the whole log is refused", () => {
  it("when it contradicts itself by the time that the use is recorded", async () => {
    world.created("alice", once);
    meanwhile(() => world.append("erin", { kind: "override.blessed" }));

    await expect(ask()).rejects.toMatchObject({ code: "unknown-version" });
    expect(world.positions).toHaveLength(4);
  });

  it("when the use was accepted and is not there", async () => {
    world.created("alice", once);
    store.mishaps.spoils = () => null;

    await expect(ask()).rejects.toMatchObject({ code: "log-rewound" });
  });

  it("when it contradicts itself from the beginning; then nothing is appended", async () => {
    world.created("alice", once);
    world.append("erin", { kind: "override.blessed" });

    expect(outcomeOf(await ask())).toBe("unknown-version");
    expect(appends()).toBe(0);
  });
});

describe("an override for one use is granted", () => {
  it("after the use was recorded, with what the job is", async () => {
    const override = world.created("alice", once);

    expect(outcomeOf(await ask())).toBe("skip");
    const use = world.view().at(3)?.verdict();
    expect(use).toMatchObject({
      kind: "genuine",
      statement: {
        kind: "override.used",
        by: "ci",
        override: override.id,
        digest: override.digest,
        decision: "skip",
        context: useContext,
      },
    });
  });

  it("to a retry of the same run, without another record", async () => {
    world.created("alice", once);
    await ask();
    store.calls.length = 0;

    expect(outcomeOf(await ask())).toBe("skip");
    expect(appends()).toBe(0);
  });

  it("to a leg of the same run that was not the first, without another record", async () => {
    const override = world.created("alice", once);
    meanwhile(() => world.used("ci", override, { job: "lint (22)" }));

    expect(outcomeOf(await ask())).toBe("skip");
    expect(world.positions).toHaveLength(4);
  });

  it("in spite of garbage and of others that write meanwhile", async () => {
    world.created("alice", once);
    meanwhile(() => {
      world.raw("garbage");
      world.created("dora", { ...scan });
    });

    expect(outcomeOf(await ask())).toBe("skip");
  });

  it("in spite of a lost answer", async () => {
    world.created("alice", once);
    store.mishaps.losesAnswer = () => true;
    store.mishaps.deniesOwn = () => true;

    expect(outcomeOf(await ask())).toBe("skip");
    expect(world.positions).toHaveLength(4);
  });

  it("to exactly one of two jobs at the same time, and to the same one when both try again", async () => {
    world.created("alice", once);
    const runs = ["811", "812"].map((run) => ask({ run }));

    const outcomes = (await Promise.all(runs)).map(outcomeOf);
    expect(outcomes.toSorted()).toEqual(["enforced", "skip"]);

    const again = [];
    for (const run of ["811", "812"]) again.push(outcomeOf(await ask({ run })));
    expect(again).toEqual(outcomes);
  });
});

describe("where the rule demands a record of each use", () => {
  const subject = { stage: "scan" };

  it("no use is granted without one", async () => {
    world.created("alice", scan);
    store.mishaps.fails = (method) => (method === "append" ? offline() : null);

    expect(outcomeOf(await ask(subject))).toBe("enforced");
  });

  it("each run records its own", async () => {
    world.created("alice", scan);

    expect(outcomeOf(await ask({ ...subject, run: "811" }))).toBe("skip");
    expect(outcomeOf(await ask({ ...subject, run: "812" }))).toBe("skip");
    expect(world.positions).toHaveLength(5);
  });

  it("a person's key records none, though nothing stands against the override", async () => {
    world.created("alice", scan);

    expect(outcomeOf(await ask(subject, recorderOf("alice", { stage: "scan" })))).toBe("enforced");
  });
});

describe("where no record is needed", () => {
  it("nothing is recorded", async () => {
    world.created("alice");

    expect(outcomeOf(await ask())).toBe("skip");
    expect(appends()).toBe(0);
  });

  const noKey = new OptoutError("no-key", "there is no key to sign with");

  it("a less protective one does not stand in where the winner's use cannot be recorded", async () => {
    world.created("alice", { once: true, action: "force" });
    world.created("alice");

    expect(await ask({}, noKey)).toMatchObject({
      outcome: "enforced",
      rejected: [
        { objections: [{ code: "use-not-recorded", why: noKey.message }] },
        { objections: [{ code: "use-not-recorded", why: "#2 is before it" }] },
      ],
    });
  });

  it("one that does the same is granted where the winner's use cannot be recorded", async () => {
    world.created("alice", { once: true });
    world.created("alice");

    expect(await ask({}, noKey)).toMatchObject({
      outcome: "skip",
      inForce: [{ seq: 3 }],
      rejected: [{ objections: [{ code: "use-not-recorded" }] }],
    });
  });

  it("a hold stands whatever cannot be recorded", async () => {
    world.created("alice", { ...deploy, action: "skip", once: true });
    world.created("alice", { ...deploy, action: "hold" });

    expect(outcomeOf(await ask({ stage: "deploy-prod", ...production }, noKey))).toBe("hold");
  });

  it("a hold needs none", async () => {
    world.created("alice", { ...deploy, action: "hold", once: true });

    expect(outcomeOf(await ask({ stage: "deploy-prod", ...production }))).toBe("hold");
    expect(appends()).toBe(0);
  });

  it("nothing is recorded where nothing is in force", async () => {
    world.created("alice", once, { at: 0 });
    world.clock = 2 * hour;

    expect(outcomeOf(await ask())).toBe("enforced");
    expect(appends()).toBe(0);
  });
});

describe("a use at best effort", () => {
  it("gives up after three tries", async () => {
    world.created("alice");
    store.mishaps.beforeAppend = () => void world.raw("quicker");
    const recorder = recorderOf();
    const patience = { ...recorder.writer.patience(), maxTries: 3 };
    const writer = { ...recorder.writer, patience: () => patience };
    const decision = await ask();
    const [winner] = decision.kind === "decided" ? decision.inForce : [];
    if (winner === undefined) throw new Error("nothing is in force");

    await expect(
      writeUse({ ...recorder, writer }, world.view(), winner, () => true),
    ).rejects.toMatchObject({ code: "conflict" });
    expect(appends()).toBe(3);
  });

  it("is not made where another leg of the run has made it meanwhile", async () => {
    const override = world.created("alice");
    meanwhile(() => world.used("ci", override));
    const decision = await ask();
    const [winner] = decision.kind === "decided" ? decision.inForce : [];
    if (winner === undefined) throw new Error("nothing is in force");

    const written = await writeUse(
      recorderOf(),
      world.view(),
      winner,
      (seen) => !hasUse(seen, winner, subjectOf()),
    );

    expect(written).toMatchObject({ size: 4 });
    expect(world.positions).toHaveLength(4);
  });
});
