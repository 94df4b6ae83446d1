/** What a rule says of an override by itself: every objection, not only the first. */
import { describe, expect, it } from "vitest";
import type { Objection } from "../../src/core/objection.ts";
import { opinion, type Proposal } from "../../src/core/rule.ts";
import type { Subject } from "../../src/core/scope.ts";
import { hour, production, subjectOf, World } from "../support/world.ts";

const { policy } = new World();

function person(id: string): Proposal["author"] {
  const found = policy.principals.get(id);
  if (found === undefined) throw new Error(`${id} is not in the policy`);
  return found;
}

const usual: Proposal = {
  action: "skip",
  author: person("alice"),
  duration: hour,
  reason: { code: "broken-gate", text: "ten chars." },
  tickets: ["INC-1"],
  emergency: false,
};

const said = (own: Partial<Proposal> = {}, subject: Partial<Subject> = {}): readonly Objection[] =>
  opinion(policy, subjectOf(subject), { ...usual, ...own }).objections;

const gate: Partial<Subject> = { stage: "prod-gate", ...production };
const deploy: Partial<Subject> = { stage: "deploy-prod", ...production };

describe("the policy objects to an override", () => {
  it("that no rule is for", () => {
    expect(said({}, { ...gate, branch: "dev" })).toEqual([{ code: "no-rule" }]);
  });

  it("that its stage never allows, by any role and though it is an emergency", () => {
    const never = { code: "never", action: "skip" };

    expect(said({}, { stage: "license" })).toMatchObject([never]);
    expect(said({ author: person("dora"), emergency: true }, { stage: "license" })).toMatchObject([
      never,
      { code: "no-emergency" },
    ]);
    expect(said({ action: "force" }, { stage: "license" })).toEqual([]);
  });

  it("names the line of the stage that never allows it", () => {
    const line = policy.text.split("\n").findIndex((text) => text.startsWith("  license:")) + 1;

    expect(said({}, { stage: "license" })).toMatchObject([{ line }]);
  });

  it("whose action the rule does not list", () => {
    expect(said({ action: "hold" })).toEqual([
      { code: "action", allowed: ["skip", "allow-failure", "force"] },
    ]);
  });

  it("by someone without one of the roles", () => {
    expect(said({ author: person("erin") })).toEqual([{ code: "who", roles: ["oncall"] }]);
  });

  it("that is longer than the rule's longest, by a second", () => {
    expect(said({ duration: 4 * hour + 1 })).toEqual([
      { code: "too-long", longest: 4 * hour, asked: 4 * hour + 1 },
    ]);
    expect(said({ duration: 4 * hour })).toEqual([]);
  });

  it("whose reason is shorter than the rule's minimum, in code points", () => {
    const reason = (text: string): readonly Objection[] =>
      said({ reason: { code: "flaky", text } });

    expect(reason("nine char")).toEqual([{ code: "reason-too-short", min: 10 }]);
    expect(reason("😀".repeat(9))).toEqual([{ code: "reason-too-short", min: 10 }]);
    expect(reason("😀".repeat(10))).toEqual([]);
  });

  it("whose reason has a code that the rule does not take", () => {
    expect(said({ reason: { code: "drill", text: usual.reason.text } })).toEqual([
      { code: "reason-code", allowed: ["broken-gate", "flaky"] },
    ]);
  });

  it("without a ticket where one is needed", () => {
    expect(said({ tickets: [] })).toEqual([
      { code: "ticket-missing", pattern: "^(INC|OPS)-[0-9]+$" },
    ]);
  });

  it("with a ticket that does not match as a whole, for each of them", () => {
    expect(said({ tickets: ["INC-1", "XINC-1", "INC-1x"] })).toMatchObject([
      { code: "ticket-mismatch", ticket: "XINC-1" },
      { code: "ticket-mismatch", ticket: "INC-1x" },
    ]);
  });

  it("for all reasons at once", () => {
    const worst: Partial<Proposal> = {
      action: "skip",
      author: person("erin"),
      duration: 5 * hour,
      reason: { code: "other", text: "short" },
      tickets: [],
    };

    expect(said(worst, { stage: "license" }).map(({ code }) => code)).toEqual([
      "never",
      "who",
      "too-long",
      "reason-too-short",
      "reason-code",
      "ticket-missing",
    ]);
  });
});

describe("an emergency", () => {
  it("is refused where the rule knows none", () => {
    expect(said({ emergency: true })).toEqual([{ code: "no-emergency" }]);
  });

  it("is for those whom the rule's emergency names", () => {
    expect(said({ emergency: true, duration: 60, author: person("bob") }, gate)).toEqual([
      { code: "who", roles: ["oncall"] },
    ]);
  });

  it("has a longest of its own", () => {
    expect(said({ emergency: true, duration: hour / 2 + 1 }, gate)).toMatchObject([
      { code: "too-long", longest: hour / 2 },
    ]);
    expect(said({ emergency: true, duration: hour / 2 }, gate)).toEqual([]);
  });

  it("may be what an ordinary override may not, where the rule's emergency is longer", () => {
    const world = new World({ policy: (text) => text.replace("longest: 30m", "longest: 3h") });
    const asked = { ...usual, duration: 2 * hour };
    const objections = (emergency: boolean): readonly Objection[] =>
      opinion(world.policy, subjectOf(gate), { ...asked, emergency }).objections;

    expect(objections(false)).toHaveLength(1);
    expect(objections(true)).toEqual([]);
  });

  it("still needs a reason, a ticket and an allowed action", () => {
    expect(said({ emergency: true, action: "force", duration: 60 }, gate)).toMatchObject([
      { code: "action" },
    ]);
  });
});

describe("the approvals that an override needs", () => {
  const needed = (own: Partial<Proposal>, subject: Partial<Subject>): number | null =>
    opinion(policy, subjectOf(subject), { ...usual, ...own }).approvals?.count ?? null;

  it("are the rule's", () => {
    expect(needed({}, gate)).toBe(2);
    expect(needed({}, {})).toBeNull();
  });

  it("are none for an emergency", () => {
    expect(needed({ emergency: true }, gate)).toBeNull();
  });

  it("are none for a hold, because it restricts", () => {
    expect(needed({ action: "skip" }, deploy)).toBe(1);
    expect(needed({ action: "hold" }, deploy)).toBeNull();
  });
});
