/**
 * Limits over several overrides: whatever writers who keep them do, in whatever order, an audit finds
 * nothing; and each limit does refuse some of it.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { mayIssue, type Request } from "../../src/core/authorize.ts";
import type { ObjectionCode } from "../../src/core/objection.ts";
import { audit } from "../../src/log/audit.ts";
import { memoryStore } from "../support/memory-store.ts";
import { hour, keyOf, production, t0, World, type Appended } from "../support/world.ts";

const limits = `limits:
  per_stage: { total: 3h, within: 12h, open: 2 }
  per_person: { open: 3 }
  extensions: { count: 1, total: 90m }
`;

const step = fc.record({
  does: fc.constantFrom(
    "create",
    "create",
    "create",
    "extend",
    "extend",
    "extend",
    "revoke",
    "approve",
    "deny",
  ),
  who: fc.constantFrom("alice", "alice", "dora", "dora", "bob"),
  stage: fc.constantFrom("lint", "lint", "unit-tests", "prod-gate"),
  action: fc.constantFrom("skip", "skip", "force"),
  branch: fc.constantFrom("main", "main", "release/1"),
  duration: fc.constantFrom(600, 1200, hour),
  emergency: fc.constantFrom(false, false, false, true),
  of: fc.nat(4),
  pass: fc.constantFrom(0, 1, 60, 600, 1800),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Made {
  readonly appended: Appended;
  readonly request: Request;
}

/** The request of a step; of an extension it is what it extends once more. */
function requestOf(world: World, one: Step, old: Made | undefined): Request | null {
  const author = world.policy.principals.get(one.who);
  if (author === undefined || (one.does === "extend" && old === undefined)) return null;
  const environment = one.stage === "prod-gate" ? production : {};
  const fresh = {
    action: one.action,
    stage: one.stage,
    scope: { branches: [one.branch], ...environment } as Request["scope"],
    emergency: one.emergency,
  };
  const same = old === undefined ? fresh : { ...fresh, ...termsOf(old.request) };
  return {
    ...(one.does === "extend" ? same : fresh),
    ...(one.does === "extend" && old !== undefined ? { supersedes: old.appended.id } : {}),
    author,
    duration: one.duration,
    reason: { code: "broken-gate", text: "linter image answers 500" },
    tickets: ["INC-1"],
    kid: keyOf(one.who).kid,
    account: "unasked",
  };
}

const termsOf = ({
  action,
  stage,
  scope,
}: Request): Pick<Request, "action" | "stage" | "scope"> => ({
  action,
  stage,
  scope,
});

/** Writes what a writer who keeps the limits would write; the codes by which it was refused. */
function play(world: World, steps: readonly Step[]): readonly ObjectionCode[] {
  const made: Made[] = [];
  const codes: ObjectionCode[] = [];
  for (const one of steps) {
    world.clock += one.pass;
    const old = made[made.length - 1 - one.of];
    if (one.does === "create" || one.does === "extend") {
      const request = requestOf(world, one, old);
      if (request === null) continue;
      const answer = mayIssue(world.view(), request, t0 + world.clock, "main");
      if (answer.kind === "refused") {
        codes.push(
          ...answer.refused.flatMap(({ objections }) => objections.map(({ code }) => code)),
        );
        continue;
      }
      const { action, stage, scope, duration, emergency, supersedes } = request;
      const appended = world.created(one.who, {
        action,
        target: { type: "stage", name: stage },
        scope,
        duration,
        ...(emergency ? { emergency } : {}),
        ...(supersedes === undefined ? {} : { supersedes }),
      });
      made.push({ appended, request });
    } else if (old !== undefined) {
      if (one.does === "revoke") world.revoked(one.who, old.appended);
      if (one.does === "approve") world.approved(one.who, old.appended);
      if (one.does === "deny") world.denied(one.who, old.appended);
    }
  }
  return codes;
}

it("that writers keep are kept in the eyes of an audit", async () => {
  const refused = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const world = new World({ policy: (text) => `${text}${limits}` });
      for (const code of play(world, steps)) refused.set(code, (refused.get(code) ?? 0) + 1);

      const { findings } = await audit({
        positions: memoryStore(world.positions).scan(0),
        from: 0,
        policy: world.policy,
        history: { defaultBranch: "main", holds: () => Promise.resolve("yes") },
        anchors: [],
        now: t0 + world.clock,
      });

      const ofLimits = /^(LIMIT_EXCEEDED|OPEN_EXCEEDED|EXTENSION.*|OVERRIDE_NOT_ALLOWED)$/;
      expect(findings.filter(({ code }) => ofLimits.test(code))).toEqual([]);
    }),
    { numRuns: 200 },
  );
  const often = [...refused].flatMap(([code, count]) => (count > 2 ? [code] : []));
  expect(often).toEqual(expect.arrayContaining([...limitCodes]));
});

const limitCodes: readonly ObjectionCode[] = [
  "limit",
  "too-many-open",
  "not-extendable",
  "too-many-extensions",
  "extended-too-long",
];
