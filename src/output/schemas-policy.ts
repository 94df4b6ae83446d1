/**
 * The schemas of what the commands about the policy print; beside `schemas.ts`.
 */
import * as v from "valibot";

import { expectations } from "../core/policy-case.ts";
import { actions, reasonCodes } from "../core/policy.ts";
import type { CanIJson } from "./can-i-words.ts";
import type { ExplainJson } from "./explain-json.ts";
import type { PolicyDiffJson } from "./policy-diff-words.ts";
import type { PolicyTestJson } from "./policy-test-words.ts";
import type { PolicyWhoJson } from "./policy-who-words.ts";
import { count, oneOf, scope, text, texts } from "./schemas-shared.ts";

const ruleRef = v.nullable(v.object({ id: v.string(), line: count }));

const canI: v.GenericSchema<CanIJson> = v.object({
  kind: v.literal("optout/can-i"),
  v: v.literal(1),
  answer: oneOf<CanIJson["answer"]>({ yes: true, pending: true, no: true }),
  exit: count,
  action: v.picklist(actions),
  target: v.object({ type: v.literal("stage"), name: v.string() }),
  scope,
  durationSeconds: count,
  emergency: v.boolean(),
  by: v.pipe(v.string(), v.description("the principal that it was asked for")),
  rule: ruleRef,
  frozen: v.pipe(
    v.nullable(v.object({ freeze: v.string(), line: count })),
    v.description("the freeze that would leave it without effect; null where there is none"),
  ),
  approvals: v.nullable(v.object({ count, from: texts })),
  refused: v.array(
    v.object({
      place: v.string(),
      rule: ruleRef,
      objections: v.array(v.looseObject({ code: v.string(), message: v.string() })),
    }),
  ),
  commands: v.pipe(
    v.array(v.object({ line: v.string(), emergency: v.boolean(), waits: v.boolean() })),
    v.description("what would work, the nearest first"),
  ),
});

const people = v.object({ roles: texts, people: texts });

const rule = v.object({
  id: v.string(),
  line: count,
  actions: v.array(v.picklist(actions)),
  who: people,
  longestSeconds: count,
  defaultSeconds: v.nullable(count),
  reason: v.object({
    min: count,
    codes: v.nullable(v.array(v.picklist(reasonCodes))),
    ticket: text,
  }),
  approvals: v.nullable(
    v.object({
      count,
      pendingSeconds: count,
      from: people,
      or: v.exactOptional(
        v.pipe(v.array(v.object({ count, from: people })), v.description("instead of the first")),
      ),
    }),
  ),
  emergency: v.nullable(
    v.object({ longestSeconds: count, reviewWithinSeconds: v.nullable(count), who: people }),
  ),
  mayRevoke: people,
  recordUse: v.boolean(),
  announce: v.boolean(),
  forgeAccount: v.boolean(),
});

const explain: v.GenericSchema<ExplainJson> = v.object({
  kind: v.literal("optout/policy-explain"),
  v: v.literal(1),
  stage: v.object({
    id: v.string(),
    line: count,
    kind: v.string(),
    environment: text,
    never: v.array(v.picklist(actions)),
    whenUnreachable: oneOf<ExplainJson["stage"]["whenUnreachable"]>({ run: true, stop: true }),
    irreversible: v.boolean(),
    rollback: text,
  }),
  scope,
  limit: v.nullable(v.object({ totalSeconds: count, withinSeconds: count })),
  open: v.object({ perStage: v.nullable(count), perPerson: v.nullable(count) }),
  extensions: v.nullable(v.object({ most: v.nullable(count), totalSeconds: v.nullable(count) })),
  policy: v.object({ source: v.string(), digest: v.string() }),
  places: v.array(
    v.object({
      place: v.string(),
      branch: text,
      head: text,
      tag: text,
      rule: v.pipe(v.nullable(rule), v.description("null where no rule fits")),
    }),
  ),
});

const answer = v.picklist(expectations);

const policyTest: v.GenericSchema<PolicyTestJson> = v.object({
  kind: v.literal("optout/policy-test"),
  v: v.literal(1),
  ok: v.pipe(v.boolean(), v.description("whether every case was answered as expected")),
  policy: v.pipe(v.string(), v.description("the file, as it was named")),
  cases: v.string(),
  results: v.array(
    v.object({
      line: v.pipe(count, v.description("of the file of cases, from 1")),
      title: v.string(),
      ok: v.boolean(),
      expected: answer,
      answer: v.pipe(
        v.nullable(answer),
        v.description("null where the policy knows no such stage or person"),
      ),
      message: v.pipe(text, v.description("what was wrong; null where nothing was")),
    }),
  ),
});

const direction = oneOf<PolicyDiffJson["remarks"][number]["direction"]>({
  loosens: true,
  tightens: true,
});
const source = v.object({ source: v.string(), digest: v.string() });
const side = v.object({
  answer: oneOf<PolicyDiffJson["differences"][number]["was"]["answer"]>({
    permitted: true,
    refused: true,
  }),
  rule: ruleRef,
  longestSeconds: v.nullable(count),
  approvals: v.nullable(v.object({ count, from: texts })),
  message: v.pipe(v.string(), v.description("the terms, or why it is refused")),
});

const policyDiff: v.GenericSchema<PolicyDiffJson> = v.object({
  kind: v.literal("optout/policy-diff"),
  v: v.literal(1),
  loosens: v.pipe(v.boolean(), v.description("whether anything is looser")),
  old: source,
  new: source,
  differences: v.pipe(
    v.array(
      v.object({
        direction,
        stage: v.string(),
        people: texts,
        actions: v.array(v.picklist(actions)),
        emergency: v.boolean(),
        places: v.pipe(
          texts,
          v.description("branches and globs of them, other branches, tags; or everywhere"),
        ),
        was: side,
        now: side,
      }),
    ),
    v.description("what people may ask for"),
  ),
  remarks: v.pipe(
    v.array(
      v.object({
        direction,
        code: v.string(),
        stage: text,
        people: texts,
        line: v.nullable(count),
        message: v.string(),
      }),
    ),
    v.description("what else differs: freezes, limits, keys, who may end"),
  ),
});

const acts = v.array(v.picklist(actions));

const policyWho: v.GenericSchema<PolicyWhoJson> = v.object({
  kind: v.literal("optout/policy-who"),
  v: v.literal(1),
  stage: v.object({ id: v.string(), line: count, never: acts }),
  at: v.pipe(text, v.description("the time that was asked about; null for now")),
  policy: v.object({
    source: v.string(),
    digest: v.string(),
    commit: v.string(),
    seq: v.pipe(v.nullable(count), v.description("the position that holds its text")),
    recordedBy: text,
    recordedAt: text,
  }),
  places: v.array(
    v.object({
      places: v.pipe(
        texts,
        v.description("branches and globs of them, other branches, tags; or everywhere"),
      ),
      rule: ruleRef,
      people: v.pipe(
        v.array(
          v.object({
            id: v.string(),
            name: text,
            line: count,
            actions: acts,
            emergency: acts,
            approves: v.boolean(),
            revokes: v.boolean(),
          }),
        ),
        v.description("those who may do anything"),
      ),
    }),
  ),
  keyRevokers: v.pipe(texts, v.description("who may revoke anybody's key")),
});

/** By the names that `optout schema` takes. */
export const policySchemas: Readonly<Record<string, v.GenericSchema>> = {
  "can-i": canI,
  "policy-explain": explain,
  "policy-test": policyTest,
  "policy-diff": policyDiff,
  "policy-who": policyWho,
};
