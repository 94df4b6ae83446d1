/** The conformance vectors: logs, decisions and refused statements made by other code. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkExit, decide } from "../../src/core/decide.ts";
import { exitStatus } from "../../src/core/exit.ts";
import { parsePolicy } from "../../src/core/policy-parse.ts";
import { encodePosition, noPrevious } from "../../src/core/position.ts";
import { readPosition } from "../../src/core/reading.ts";
import type { Subject } from "../../src/core/scope.ts";
import { viewOf } from "../../src/core/view.ts";

interface Case {
  readonly title: string;
  readonly log: string;
  readonly first: number;
  readonly upto: number;
  readonly now: number;
  readonly subject: Subject;
  readonly decision: string;
  readonly check_exit: number;
}

const directory = new URL("../vectors/", import.meta.url);
const bytesOf = (name: string): Buffer => readFileSync(new URL(name, directory));
const policy = parsePolicy(bytesOf("policy.yaml"), "policy.yaml");
const logs: Record<string, string[]> = JSON.parse(bytesOf("logs.json").toString());
const cases: Case[] = JSON.parse(bytesOf("decisions.json").toString());
const refused: { title: string; statement: string }[] = JSON.parse(
  bytesOf("refused.json").toString(),
);

describe("decides as the vectors say", () => {
  it.each(cases.map((one) => [`${one.log}: ${one.title}`, one] as const))("%s", (_title, one) => {
    const positions = (logs[one.log] ?? []).slice(one.first, one.upto + 1);
    const view = viewOf(
      policy,
      one.first,
      positions.map((position) => Buffer.from(position, "base64")),
    );

    const decision = decide({ view, subject: one.subject, now: one.now });

    const outcome = decision.kind === "integrity" ? "integrity" : decision.outcome;
    expect({ outcome, exit: exitStatus(checkExit(decision, "skip")) }).toEqual({
      outcome: one.decision,
      exit: one.check_exit,
    });
  });
});

describe("refuses the statements that the vectors refuse", () => {
  it.each(refused.map((one) => [one.title, one.statement] as const))("%s", (_title, statement) => {
    const bytes = encodePosition({ seq: 0, prev: noPrevious, statement });

    const reading = readPosition(bytes, 0, noPrevious, policy);

    expect(reading.verdict().kind).toBe("refused");
  });
});
