import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";

import { checkExit, decide } from "../../src/core/decide.ts";
import { OptoutError } from "../../src/core/errors.ts";
import { exitStatus } from "../../src/core/exit.ts";
import { parsePolicy } from "../../src/core/policy-parse.ts";
import type { Subject } from "../../src/core/scope.ts";
import { standings } from "../../src/core/state.ts";
import { viewOf } from "../../src/core/view.ts";
import { decisionJson, objectionJson, type DecisionJson } from "../../src/output/decision-json.ts";
import { failureJson } from "../../src/output/failure.ts";
import { contextIn, overrideJson, type OverrideContext } from "../../src/output/override-json.ts";
import { outputSchema, schemaNames } from "../../src/output/schemas.ts";
import { created, issuedAt, judged, policyCommit } from "../support/judged.ts";

interface Case {
  readonly title: string;
  readonly log: string;
  readonly first: number;
  readonly upto: number;
  readonly now: number;
  readonly subject: Subject;
  readonly decision: string;
}

const vectors = (name: string): string => `${import.meta.dirname}/../vectors/${name}`;
const cases = JSON.parse(readFileSync(vectors("decisions.json"), "utf8")) as readonly Case[];
const logs = JSON.parse(readFileSync(vectors("logs.json"), "utf8")) as Record<string, string[]>;
const policy = parsePolicy(readFileSync(vectors("policy.yaml")), "policy.yaml");
const source = { repository: "github.com/acme/shop", policyCommit, storeName: "git:optout-log" };

function viewFor({ log, first, upto }: Case): ReturnType<typeof viewOf> {
  const bytes = (logs[log] ?? []).slice(first, upto + 1).map((line) => Buffer.from(line, "base64"));
  return viewOf(policy, first, bytes);
}

function decisionFor(one: Case): DecisionJson {
  const view = viewFor(one);
  const decision = decide({ view, subject: one.subject, now: one.now });
  const exit = exitStatus(checkExit(decision, "skip"));
  return decisionJson({ decision, subject: one.subject, exit, view, source });
}

/** Everything that is wrong with the value under the output's JSON Schema. */
function faults(name: string, value: object): string {
  const ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true });
  ajv.validate(outputSchema(name) ?? false, value);
  return ajv.errorsText();
}

const context: OverrideContext = {
  ...source,
  policyDigest: "d".repeat(43),
  key: "SHA256:2b9kQ",
  reviews: [],
  notes: [],
  runs: [
    { forge: "github", run: "1" },
    { forge: "github", run: "2" },
  ],
  results: { recorded: 2, passed: 1 },
};

describe("the JSON of an override", () => {
  it("is the object of the manual, member by member and in its order", () => {
    const signed = judged().statement;
    const approvals = [{ by: "bob", at: issuedAt + 60, seq: 413 }];
    const value = overrideJson({ judged: judged({ approvals }), state: "in-force" }, context);

    expect(JSON.stringify(value, null, 1)).toBe(
      JSON.stringify(
        {
          kind: "optout/override",
          v: 1,
          id: "ovr_7k2m9q4x8c3t5v0b",
          seq: 412,
          action: "skip",
          target: { type: "stage", name: "lint" },
          scope: {
            branches: ["main"],
            heads: [],
            tags: [],
            sha: null,
            pr: null,
            environment: null,
            forks: false,
          },
          repository: "github.com/acme/shop",
          state: "in-force",
          reason: { code: "broken-gate", text: "eslint crash on TS 7" },
          tickets: ["INC-4312"],
          by: "alice",
          key: "SHA256:2b9kQ",
          keyInPolicy: true,
          approvals: [{ by: "bob", at: "2026-11-21T15:01:00Z", seq: 413 }],
          emergency: false,
          reviews: [],
          notes: [],
          issuedAt: "2026-11-21T15:00:00Z",
          notBefore: "2026-11-21T15:00:00Z",
          expiresAt: "2026-11-21T17:00:00Z",
          once: false,
          uses: 2,
          runs: [
            { forge: "github", run: "1" },
            { forge: "github", run: "2" },
          ],
          results: { recorded: 2, passed: 1 },
          policy: { rule: "quality", digest: "d".repeat(43), commit: policyCommit },
          signedUnder: { digest: signed.policy, commit: signed.policy_at },
          entry: { hash: "h".repeat(43), store: "git:optout-log" },
        },
        null,
        1,
      ),
    );
  });

  it("keeps the exact text of a reason", () => {
    const text = "two\nlines \u200B=1 ::x";
    const statement = created({ reason: { code: "other", text } });
    const value = overrideJson({ judged: judged({ statement }), state: "void" }, context);

    expect(value.reason.text).toBe(text);
  });

  it("is what its JSON Schema says, for every override of the vectors", () => {
    const found = cases.flatMap((one) => {
      const view = viewFor(one);
      return standings(view, one.now, "main").map((standing) =>
        faults("override", overrideJson(standing, contextIn(view, standing.judged, source))),
      );
    });

    expect(found.length).toBeGreaterThan(50);
    expect(new Set(found)).toEqual(new Set(["No errors"]));
  });

  it("names the key that signed it, and counts the runs that used it", () => {
    const values = cases.flatMap((one) => {
      const view = viewFor(one);
      return standings(view, one.now, "main").map((standing) =>
        contextIn(view, standing.judged, source),
      );
    });

    expect(values.filter(({ key }) => !/^SHA256:[A-Za-z0-9+/]{43}$/.test(key))).toEqual([]);
    expect([0, 1, 2].filter((count) => !values.some(({ runs }) => runs.length === count))).toEqual(
      [],
    );
  });
});

describe("the JSON of a decision", () => {
  it.each(cases)("says what is decided, as its JSON Schema says: $title", (one) => {
    const value = decisionFor(one);

    expect(faults("decision", value)).toBe("No errors");
    expect(value.decision).toBe(one.decision);
    expect(value.override?.action ?? null).toBe(
      ["enforced", "integrity"].includes(one.decision) ? null : one.decision,
    );
    expect(value.log.head?.seq).toBe(one.upto);
  });

  it("gives each objection its code, a sentence and its data", () => {
    expect(objectionJson({ code: "expired", end: issuedAt })).toEqual({
      code: "expired",
      message: "expired at 2026-11-21T15:00Z",
      end: "2026-11-21T15:00:00Z",
    });
    expect(objectionJson({ code: "not-started", start: issuedAt })).toMatchObject({
      start: "2026-11-21T15:00:00Z",
    });
    expect(objectionJson({ code: "too-long", longest: 60, asked: 120 })).toEqual({
      code: "too-long",
      message: "longest allowed is 1m, it asked for 2m",
      longest: 60,
      asked: 120,
    });
  });

  it("shows no secret of a failed record", () => {
    const value = objectionJson({ code: "use-not-recorded", why: "https://a:b@c/" });

    expect(JSON.stringify(value)).not.toContain("a:b@");
  });
});

describe("the schemas of outputs", () => {
  it("say what an error is", () => {
    expect(faults("error", failureJson(new OptoutError("usage", "x")))).toBe("No errors");
    expect(faults("error", { error: { code: "usage" } })).toContain("exit");
  });

  it("let a later version add members, and take none away", () => {
    const value = overrideJson({ judged: judged(), state: "in-force" }, context);
    const { tickets: _, ...without } = value;

    expect(faults("override", { ...value, later: true })).toBe("No errors");
    expect(faults("override", without)).toContain("tickets");
  });

  it.each(schemaNames)("have a title and a draft: %s", (name) => {
    expect(outputSchema(name)).toMatchObject({
      $schema: "http://json-schema.org/draft-07/schema#",
      title: `optout ${name}, version 1`,
      type: "object",
    });
  });
});
