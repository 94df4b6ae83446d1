import { describe, expect, it } from "vitest";

import type { Decision } from "../../src/core/decide.ts";
import type { Judged } from "../../src/core/judge.ts";
import { actionWords, decisionLines, reasonWords, runLine } from "../../src/output/words.ts";
import { hostileTexts } from "../support/hostile.ts";
import { created, issuedAt, judged, policyCommit, subject } from "../support/judged.ts";

const clock = { now: issuedAt, inDoubt: false, earliest: issuedAt, latest: issuedAt };

function decided(inForce: readonly Judged[], rejected: readonly Judged[] = []): Decision {
  const outcome = inForce[0]?.statement.action ?? "enforced";
  return { kind: "decided", freeze: null, outcome, inForce, rejected, passedOver: 0, clock };
}

const lines = (decision: Decision): readonly string[] =>
  decisionLines(decision, subject(), policyCommit);

describe("what becomes of a stage", () => {
  it("is told in words, and enforced reads: runs normally", () => {
    expect(
      (["skip", "allow-failure", "force", "hold", "enforced"] as const).map(actionWords),
    ).toEqual(["is skipped", "may fail", "is forced to run", "is held", "runs normally"]);
  });
});

describe("the line of a job that an override changes", () => {
  it("names the override, its end, its author, its reason, its tickets and the policy", () => {
    expect(runLine(judged(), policyCommit)).toBe(
      '! lint skipped by override #412 until 17:00Z: alice, "eslint crash on TS 7" (INC-4312)   policy quality @ 9f3c1a2',
    );
  });

  it("names the day when the override does not end on the day it began", () => {
    expect(runLine(judged({ end: issuedAt + 86_400 }), policyCommit)).toContain(
      "#412 until 2026-11-22T15:00Z: alice",
    );
  });

  it("leaves out tickets that there are not, and names an emergency", () => {
    const statement = created({ tickets: [], emergency: true, action: "allow-failure" });

    expect(runLine(judged({ statement }), policyCommit)).toBe(
      '! lint may fail by override #412 until 17:00Z: alice, emergency, "eslint crash on TS 7"   policy quality @ 9f3c1a2',
    );
  });

  it.each([
    ["skip", "! lint skipped by override #412 "],
    ["force", "! lint forced to run by override #412 "],
    ["hold", "! lint held by override #412 "],
  ] as const)("says what is done: %s", (action, start) => {
    const line = runLine(judged({ statement: created({ action }) }), policyCommit);

    expect(line.startsWith(start)).toBe(true);
  });
});

describe("a reason in a line", () => {
  it("cannot end its quotation and go on as if it were ours", () => {
    expect(reasonWords('x" (INC-1)   policy trusted @ 0000000')).toBe(
      `"x' (INC-1)   policy trusted @ 0000000"`,
    );
  });

  it("is not endless", () => {
    expect([...reasonWords("🔥".repeat(2000))]).toHaveLength(202);
  });

  it("shows no secret", () => {
    expect(reasonWords("try https://bob:hunter2@host/x")).toBe('"try https://***@host/x"');
  });

  it("stays on one line whatever it holds", () => {
    const broken = hostileTexts.filter(({ text }) => {
      const statement = created({ reason: { code: "other", text } });
      return !/^! lint [^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u.test(
        runLine(judged({ statement }), policyCommit),
      );
    });

    expect(broken).toEqual([]);
  });
});

describe("what check prints", () => {
  it("says that the stage runs when there is no override", () => {
    expect(lines(decided([]))).toEqual(["✓ lint runs normally on main: no override"]);
  });

  it("is the line of the job when an override is in force", () => {
    expect(lines(decided([judged()]))).toEqual([runLine(judged(), policyCommit)]);
  });

  it("names what is in force too and outranked", () => {
    const weaker = judged({ seq: 410, statement: created({ action: "force", tickets: [] }) });

    expect(lines(decided([judged(), weaker]))[1]).toBe(
      '  outranked: force #410 until 17:00Z: alice, "eslint crash on TS 7"',
    );
  });

  it("gives every reason of each override that does not apply, the newest first", () => {
    const expired = judged({ seq: 3, objections: [{ code: "expired", end: issuedAt }] });
    const elsewhere = judged({
      seq: 9,
      statement: created({ scope: { branches: ["release/1.4"] } }),
      objections: [
        { code: "out-of-scope" },
        { code: "approvals", needed: 1, have: 0, from: ["lead"] },
        { code: "too-long", longest: 3600, asked: 7200 },
      ],
    });

    expect(lines(decided([], [expired, elsewhere]))).toEqual([
      "✓ lint runs normally on main: no override applies",
      "  ✗ #9 skip by alice: made for release/1.4 and pull requests into it; needs 1 approval from lead (0 so far); longest allowed is 1h, it asked for 2h",
      "  ✗ #3 skip by alice: expired at 2026-11-21T15:00Z",
    ]);
  });

  it("lists the five newest that do not apply and counts the others", () => {
    const many = Array.from({ length: 8 }, (_, seq) =>
      judged({ seq, objections: [{ code: "clock" }] }),
    );

    expect(lines(decided([], many)).slice(1)).toEqual([
      ...[7, 6, 5, 4, 3].map(
        (seq) => `  ✗ #${seq} skip by alice: the clock of this machine is in doubt`,
      ),
      "  … and 3 older: optout history lint",
    ]);
  });

  it("says so when the log cannot be trusted", () => {
    const decision: Decision = {
      kind: "integrity",
      code: "contradiction",
      seq: 7,
      detail: "alice saw another position 3 than the log holds",
    };

    expect(lines(decision)).toEqual([
      "✗ the log cannot be trusted: alice saw another position 3 than the log holds (#7)",
    ]);
  });
});
