import { describe, expect, it } from "vitest";

import type { Objection } from "../../src/core/objection.ts";
import { objectionWords } from "../../src/output/objection-words.ts";
import { issuedAt } from "../support/judged.ts";

const sentences: readonly (readonly [Objection, string])[] = [
  [{ code: "not-seen", seq: 41 }, "what its author saw at #41 is not in the log"],
  [{ code: "key-revoked", kid: "K".repeat(43) }, "the key KKKKKKKKKKKK… was revoked"],
  [{ code: "out-of-scope" }, "made for another place"],
  [{ code: "no-rule" }, "no rule of the policy fits"],
  [
    { code: "never", action: "skip", line: 17 },
    "no one may ever skip this stage (line 17 of the policy)",
  ],
  [
    { code: "action", allowed: ["skip", "force", "hold"] },
    "the rule allows skip, force and hold only",
  ],
  [{ code: "who", roles: ["oncall", "developer"] }, "only oncall or developer may do this"],
  [{ code: "too-long", longest: 3600, asked: 86_400 }, "longest allowed is 1h, you asked for 1d"],
  [{ code: "reason-too-short", min: 10 }, "the reason needs at least 10 characters"],
  [{ code: "reason-too-short", min: 1 }, "the reason needs at least 1 character"],
  [{ code: "reason-code", allowed: ["flaky"] }, "the code of the reason must be flaky"],
  [{ code: "ticket-missing", pattern: "^INC-[0-9]+$" }, "needs a ticket that matches ^INC-[0-9]+$"],
  [
    { code: "ticket-mismatch", pattern: "^INC-[0-9]+$", ticket: "X\u001B[1m" },
    String.raw`ticket X\u{1b}[1m does not match ^INC-[0-9]+$`,
  ],
  [{ code: "no-emergency" }, "the rule allows no emergency"],
  [
    { code: "limit", total: 86_400, within: 604_800, used: 79_200 },
    "the stage may be overridden for 1d within 7d, and 22h of it are taken",
  ],
  [
    { code: "approvals", needed: 2, have: 0, from: ["release-manager"] },
    "needs 2 approvals from release-manager (0 so far)",
  ],
  [
    { code: "approvals", needed: 1, have: 0, from: ["a", "b", "c"] },
    "needs 1 approval from a, b or c (0 so far)",
  ],
  [
    { code: "approvals-too-late", needed: 2, have: 1 },
    "the time for approvals is over: 1 of 2 came",
  ],
  [{ code: "not-announced" }, "waits for its announcement to be delivered"],
  [{ code: "revoked", seq: 413, by: "alice" }, "revoked by alice (#413)"],
  [{ code: "denied", seq: 414, by: "bob" }, "denied by bob (#414)"],
  [{ code: "doubt", seq: 415 }, "#415 may end it and cannot be verified"],
  [{ code: "used-up", seq: 416, run: "812" }, "already used by run 812"],
  [
    { code: "use-not-recorded", why: "https://x:s3cret@host/ said no" },
    "its use could not be recorded: https://***@host/ said no",
  ],
  [{ code: "not-started", start: issuedAt }, "starts at 2026-11-21T15:00Z"],
  [{ code: "expired", end: issuedAt + 7200 }, "expired at 2026-11-21T17:00Z"],
  [{ code: "clock" }, "the clock of this machine is in doubt"],
];

describe("an objection in words", () => {
  it.each(sentences)("says what is wrong: $code", (objection, words) => {
    expect(objectionWords(objection)).toBe(words);
  });

  it("speaks of the override where the reader did not ask for it herself", () => {
    expect(objectionWords({ code: "too-long", longest: 60, asked: 120 }, "it")).toBe(
      "longest allowed is 1m, it asked for 2m",
    );
  });
});
