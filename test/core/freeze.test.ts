/** Freezes: when they hold, what beats them, and how they are read. */
import { describe, expect, it } from "vitest";

import { decide } from "../../src/core/decide.ts";
import { parseWeekly } from "../../src/core/freeze.ts";
import { policyProblems } from "../../src/core/policy-parse.ts";
import { hour, production, subjectOf, t0, World, type Members } from "../support/world.ts";

const deploy: Members = {
  target: { type: "stage", name: "deploy-prod" },
  scope: { branches: ["main"], environment: "production" },
};

const withFreeze =
  (freeze: string) =>
  (text: string): string =>
    `${text}freezes: [${freeze}]\n`;

/** The first hour of t0, for deploys and the stages of quality. */
const newYear =
  '{ id: new-year, from: "2030-01-01T00:00", until: "2030-01-01T01:00", match: { kind: [deploy, quality] } }';

const world = (freeze: string = newYear): World => new World({ policy: withFreeze(freeze) });

/** The outcome for the deploy, or another stage, at a point in time. */
function at(one: World, time: number, stage = "deploy-prod"): string {
  const environment = stage === "deploy-prod" ? production : {};
  const decision = decide({
    view: one.view(),
    subject: subjectOf({ stage, ...environment }),
    now: time,
  });
  return decision.kind === "decided" ? decision.outcome : decision.kind;
}

describe("a freeze", () => {
  it("stops a stage from its start until its end, which is exclusive", () => {
    const one = world();

    expect([t0 - 1, t0, t0 + hour - 1, t0 + hour].map((time) => at(one, time))).toEqual([
      "enforced",
      "frozen",
      "frozen",
      "enforced",
    ]);
  });

  it("is for the stages that it matches, without those that it excepts", () => {
    const one = world(`${newYear.slice(0, -1)}, except: { stages: lint } }`);

    expect([at(one, t0, "unit-tests"), at(one, t0, "lint"), at(one, t0, "scan")]).toEqual([
      "frozen",
      "enforced",
      "enforced",
    ]);
  });

  it("is above a skip and an allow-failure, which then do not apply", () => {
    const one = world();
    const skip = one.created("alice", { duration: 2 * hour }, { at: 0 });
    const decision = decide({ view: one.view(), subject: subjectOf(), now: t0 + 5 });

    expect(decision).toMatchObject({
      outcome: "frozen",
      freeze: { id: "new-year" },
      inForce: [],
      rejected: [{ seq: skip.seq, objections: [{ code: "frozen", freeze: "new-year" }] }],
    });
    expect(at(one, t0 + hour, "lint")).toBe("skip");
  });

  it("is beaten by a force within the rules, and a hold stands above both", () => {
    const one = world();
    const force = one.created("alice", { ...deploy, action: "force" }, { at: 0 });
    expect(at(one, t0 + 5)).toBe("frozen");
    one.approved("bob", force, { at: 1 });
    expect(at(one, t0 + 5)).toBe("force");
    one.created("alice", { ...deploy, action: "hold" }, { at: 2 });
    expect(at(one, t0 + 5)).toBe("hold");
  });

  it("is not beaten by a force that the rule refuses", () => {
    const one = world();
    one.created("erin", { action: "force" }, { at: 0 });

    expect(at(one, t0 + 5, "lint")).toBe("frozen");
  });

  it("is not lifted by doubt about the clock", () => {
    const one = world();
    const question = { view: one.view(), subject: subjectOf(), now: t0 - 1 };

    expect(decide({ ...question, storeTime: t0 + 600 })).toMatchObject({ outcome: "frozen" });
  });

  it("is not lifted by clocks of which one is before it and one behind it", () => {
    const question = { view: world().view(), subject: subjectOf(), now: t0 - hour };

    expect(decide({ ...question, storeTime: t0 + 2 * hour })).toMatchObject({ outcome: "frozen" });
    expect(decide({ ...question, storeTime: t0 - 1 })).toMatchObject({ outcome: "enforced" });
  });
});

describe("a weekly freeze", () => {
  const utc = (text: string): number => Date.parse(text) / 1000;
  const berlin = (weekly: string): World =>
    world(`{ id: weekend, weekly: ${weekly}, zone: Europe/Berlin, match: { kind: deploy } }`);

  it("reaches over the week's end, by the clocks of its zone", () => {
    const one = berlin("fri 16:00 to mon 08:00");

    // summer: 16:00 is 14:00 UTC; winter: 15:00 UTC
    const moments = [
      ["2030-06-07T13:59:59Z", "enforced"],
      ["2030-06-07T14:00:00Z", "frozen"],
      ["2030-06-10T05:59:59Z", "frozen"],
      ["2030-06-10T06:00:00Z", "enforced"],
      ["2030-12-06T14:30:00Z", "enforced"],
      ["2030-12-06T15:00:00Z", "frozen"],
      ["2030-12-09T06:59:59Z", "frozen"],
      ["2030-12-09T07:00:00Z", "enforced"],
    ] as const;
    expect(moments.map(([time]) => at(one, utc(time)))).toEqual(moments.map(([, what]) => what));
  });

  it("begins with the end of a gap in which it would begin", () => {
    const one = berlin("sun 02:30 to sun 04:00");

    // 2030-03-31: at 02:00 clocks go to 03:00 (01:00 UTC)
    expect(at(one, utc("2030-03-31T00:59:59Z"))).toBe("enforced");
    expect(at(one, utc("2030-03-31T01:00:00Z"))).toBe("frozen");
    expect(at(one, utc("2030-03-31T02:00:00Z"))).toBe("enforced");
  });

  it("holds where a clock in doubt may be in it", () => {
    const view = berlin("wed 12:00 to wed 13:00").view();
    const outcome = (now: string, storeTime: string): unknown =>
      decide({
        view,
        subject: subjectOf({ stage: "deploy-prod", ...production }),
        now: utc(now),
        storeTime: utc(storeTime),
      });

    const frozen = { outcome: "frozen" };
    expect(outcome("2030-06-05T09:00:00Z", "2030-06-05T12:00:00Z")).toMatchObject(frozen);
    expect(outcome("2030-06-05T12:00:00Z", "2030-06-12T09:00:00Z")).not.toMatchObject(frozen);
    expect(outcome("2030-06-05T12:00:00Z", "2030-06-12T10:00:00Z")).toMatchObject(frozen);
    expect(outcome("2030-06-05T12:00:00Z", "2030-07-05T12:00:00Z")).toMatchObject(frozen);
  });

  it("may be several", () => {
    const one = berlin("[mon 12:00 to mon 13:00, wed 12:00 to wed 13:00]");

    expect(at(one, utc("2030-06-05T10:30:00Z"))).toBe("frozen");
    expect(at(one, utc("2030-06-04T10:30:00Z"))).toBe("enforced");
  });
});

describe("a freeze that cannot be read", () => {
  const problemOf = (freeze: string): readonly string[] =>
    policyProblems(Buffer.from(withFreeze(freeze)(new World().policy.text))).map(
      ({ message }) => message,
    );

  it.each([
    [
      "a time without a date",
      'from: "18:00", until: "2030-01-02T00:00"',
      "freezes[0].from must be a date with a time, like 2026-12-20T18:00",
    ],
    [
      "an end before its start",
      'from: "2030-01-02T00:00", until: "2030-01-01T00:00"',
      "freezes[0].until is not after from",
    ],
    [
      "an end at its start",
      'from: "2030-01-02T00:00", until: "2030-01-02T00:00"',
      "freezes[0].until is not after from",
    ],
    [
      "an end without a date",
      'from: "2030-01-02T00:00", until: "18:00"',
      "freezes[0].until must be a date with a time, like 2026-12-20T18:00",
    ],
    [
      "an end and no start",
      'until: "2030-01-02T00:00"',
      "freezes[0].id needs from and until, or weekly",
    ],
    ["no time at all", "zone: UTC", "freezes[0].id needs from and until, or weekly"],
    [
      "a start beside a weekly time",
      'from: "2030-01-02T00:00", weekly: fri 16:00 to sat 08:00',
      "freezes[0].id needs from and until, or weekly",
    ],
    [
      "an end beside a weekly time",
      'until: "2030-01-02T00:00", weekly: fri 16:00 to sat 08:00',
      "freezes[0].id needs from and until, or weekly",
    ],
    [
      "a start that is a number",
      'from: 7, until: "2030-01-02T00:00"',
      "freezes[0].from must be a time, not a number: put it in quotes",
    ],
    [
      "an end that is true",
      'from: "2030-01-02T00:00", until: true',
      "freezes[0].until must be a time, not true or false: put it in quotes",
    ],
    [
      "a weekly time in words",
      "weekly: the weekend",
      'freezes[0].weekly must be a time like fri 16:00 to mon 08:00, not "the weekend"',
    ],
    [
      "a zone that is a number",
      "weekly: fri 16:00 to sat 08:00, zone: 7",
      "freezes[0].zone must be a time zone, not a number: put it in quotes",
    ],
    [
      "an unknown zone",
      'weekly: fri 16:00 to sat 08:00, zone: "Mars/Base"',
      "freezes[0].zone is no time zone that is known, like Europe/Berlin",
    ],
    [
      "an hour that does not exist",
      "weekly: fri 26:00 to sat 08:00",
      'freezes[0].weekly "fri 26:00 to sat 08:00" names no time that there is',
    ],
  ])("has %s", (_title, members, message) => {
    expect(problemOf(`{ id: x, ${members}, match: {} }`)).toEqual([message]);
  });

  it("names a local time that a change of the clocks skips, with both readings", () => {
    const [message] = problemOf(
      '{ id: x, from: "2030-03-31T02:30", until: "2030-04-01T00:00", zone: Europe/Berlin, match: {} }',
    );

    expect(message).toContain("freezes[0].from is wrong");
    expect(message).toContain("does not exist in Europe/Berlin, where the clocks change");
  });
});

describe("a weekly time", () => {
  const minute = (day: number, hours: number, minutes: number): number =>
    (day * 24 + hours) * 60 + minutes;

  it("is counted in minutes from the beginning of Monday", () => {
    expect(parseWeekly("fri 16:00 to mon 08:05")).toEqual({
      kind: "weekly",
      from: minute(4, 16, 0),
      until: minute(0, 8, 5),
      text: "fri 16:00 to mon 08:05",
    });
    expect(parseWeekly("mon 00:00 to sun 23:59")).toMatchObject({
      from: 0,
      until: minute(6, 23, 59),
    });
  });

  it.each([
    "fri 24:00 to mon 08:00",
    "fri 16:00 to mon 24:00",
    "xyz 16:00 to mon 08:00",
    "fri 16:00 to xyz 08:00",
    "fri 16:00 to fri 16:00",
    "fri 16:00",
    "a fri 16:00 to mon 08:00",
    "fri 16:00 to mon 08:00 or later",
  ])("is none where it names no time, or no end: %s", (text) => {
    expect(parseWeekly(text)).toBeNull();
  });

  it("holds from its first minute until the last before its end, over the week's end too", () => {
    const monday = Date.UTC(2030, 0, 7) / 1000;
    const one = world('{ id: w, weekly: "sun 23:00 to mon 01:00", match: { kind: deploy } }');
    const inside = [monday - hour, monday - 1, monday, monday + hour - 1];
    const outside = [monday - hour - 1, monday + hour];

    expect(inside.map((time) => at(one, time))).toEqual(inside.map(() => "frozen"));
    expect(outside.map((time) => at(one, time))).toEqual(outside.map(() => "enforced"));
  });
});
