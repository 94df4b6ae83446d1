/** The conformance vectors: logs, decisions and refused statements made by other code. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkExit, decide, type Decision } from "../../src/core/decide.ts";
import { exitStatus } from "../../src/core/exit.ts";
import type { ObjectionCode } from "../../src/core/objection.ts";
import { parsePolicy } from "../../src/core/policy-parse.ts";
import type { Policy } from "../../src/core/policy.ts";
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
  readonly store_time?: number;
  readonly subject: Subject;
  readonly decision: string;
  readonly check_exit: number;
  /** The codes against each override that does not apply, by its position. */
  readonly objections?: Readonly<Record<string, readonly string[]>>;
}

interface Vectors {
  readonly policy: Policy;
  readonly logs: Readonly<Record<string, readonly string[]>>;
  readonly cases: readonly Case[];
}

const bytesOf = (name: string): Buffer =>
  readFileSync(new URL(`../vectors/${name}`, import.meta.url));

function vectorsIn(directory: string): Vectors {
  return {
    policy: parsePolicy(bytesOf(`${directory}policy.yaml`), `${directory}policy.yaml`),
    logs: JSON.parse(bytesOf(`${directory}logs.json`).toString()) as Vectors["logs"],
    cases: JSON.parse(bytesOf(`${directory}decisions.json`).toString()) as Vectors["cases"],
  };
}

const [shipped, more, rules] = [vectorsIn(""), vectorsIn("more/"), vectorsIn("rules/")];
const limits = vectorsIn("limits/");

function decideCase({ policy, logs }: Vectors, one: Case): Decision {
  const positions = (logs[one.log] ?? []).slice(one.first, one.upto + 1);
  const bytes = positions.map((position) => Buffer.from(position, "base64"));
  const view = viewOf(policy, one.first, bytes);
  return decide({ view, subject: one.subject, now: one.now, storeTime: one.store_time ?? null });
}

/** The codes by position, each list in the order of the alphabet. */
function objectionsOf(decision: Decision): Record<string, string[]> {
  if (decision.kind === "integrity") return {};
  return Object.fromEntries(
    decision.rejected.map(({ seq, objections }) => [
      seq,
      objections.map(({ code }) => code).toSorted(),
    ]),
  );
}

const titled = (cases: readonly Case[]): (readonly [string, Case])[] =>
  cases.map((one) => [`${one.log}: ${one.title}`, one] as const);

describe.each([
  ["decides as the vectors say", shipped],
  ["decides as the further vectors say", more],
  ["decides as the vectors of the rules say", rules],
  ["decides as the vectors of limits say", limits],
] as const)("%s", (_title, vectors) => {
  it.each(titled(vectors.cases))("%s", (_case, one) => {
    const decision = decideCase(vectors, one);

    const outcome = decision.kind === "integrity" ? "integrity" : decision.outcome;
    expect({ outcome, exit: exitStatus(checkExit(decision, "skip")) }).toEqual({
      outcome: one.decision,
      exit: one.check_exit,
    });
    if (one.objections === undefined) return;
    const expected = Object.entries(one.objections).map(([seq, codes]) => [seq, codes.toSorted()]);
    expect(objectionsOf(decision)).toEqual(Object.fromEntries(expected));
  });
});

describe("refuses the statements that the vectors refuse", () => {
  const refused = JSON.parse(bytesOf("refused.json").toString()) as readonly {
    readonly title: string;
    readonly statement: string;
  }[];

  it.each(refused.map((one) => [one.title, one.statement] as const))("%s", (_title, statement) => {
    const bytes = encodePosition({ seq: 0, prev: noPrevious, statement });

    const reading = readPosition(bytes, { seq: 0, previous: noPrevious }, shipped.policy);

    expect(reading.verdict().kind).toBe("refused");
  });
});

describe("the vectors", () => {
  it("reach every reason for which a reader rejects an override", () => {
    const reached = [shipped, more, rules, limits].flatMap((vectors) =>
      vectors.cases.flatMap((one) => Object.values(objectionsOf(decideCase(vectors, one))).flat()),
    );
    const reasons: Readonly<Record<ObjectionCode, boolean>> = {
      "not-seen": true,
      "key-revoked": true,
      "out-of-scope": true,
      "no-rule": true,
      never: true,
      action: true,
      who: true,
      "too-long": true,
      "reason-too-short": true,
      "reason-code": true,
      "ticket-missing": true,
      "ticket-mismatch": true,
      "no-emergency": true,
      approvals: true,
      "approvals-too-late": true,
      "not-announced": true,
      revoked: true,
      denied: true,
      doubt: true,
      "used-up": true,
      "not-started": true,
      expired: true,
      clock: true,
      // said in looking back alone
      "author-gone": false,
      // a writer's refusal, and a failure to write
      limit: false,
      "too-many-open": false,
      "not-extendable": false,
      "too-many-extensions": false,
      "extended-too-long": false,
      account: false,
      "use-not-recorded": false,
      irreversible: true,
      frozen: true,
    };

    const expected = Object.entries(reasons).flatMap(([code, isReaders]) =>
      isReaders ? [code] : [],
    );
    expect([...new Set(reached)].toSorted()).toEqual(expected.toSorted());
  });
});
