/**
 * What the JSON of optout looks like, for `optout schema`. The compiler holds each schema against
 * the type that its maker returns, and tests hold the makers' output against the JSON Schemas.
 *
 * The objects are open: members may be added. Off the check path.
 */
import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";

import { noticeEvents } from "../core/channel.ts";
import { actions, reasonCodes } from "../core/policy.ts";
import { states } from "../core/state.ts";
import type { DecisionJson } from "./decision-json.ts";
import type { GateJson } from "./gate-words.ts";
import type { HistoryJson, StatusJson, VerifyJson } from "./look-back-json.ts";
import { jobResults } from "../core/verdict.ts";
import type { EffectJson, OverrideJson } from "./override-json.ts";
import type { NoticeJson } from "./notice-json.ts";
import type { NotifyJson } from "./notify-words.ts";
import type { ToldJson } from "./told-words.ts";
import type { VerdictJson } from "./verdict-words.ts";
import type { RequestsJson } from "./request-words.ts";
import { policySchemas } from "./schemas-policy.ts";
import { scope, setUpSchemas } from "./schemas-set-up.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const texts = v.array(v.string());
const text = v.nullable(v.string());
const time = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/),
  v.description("RFC 3339, UTC"),
);

const ask = v.object({ file: v.string(), line: count, job: text, form: v.string() });

const effect: v.GenericSchema<EffectJson> = v.object({
  on: v.pipe(texts, v.description("branches and tags of the remote that were looked at")),
  others: v.pipe(v.boolean(), v.description("other branches are covered, and were not looked at")),
  asks: v.array(ask),
  notRun: v.pipe(
    v.array(ask),
    v.description("asks of jobs that the CI files keep from running there"),
  ),
  doubt: v.pipe(text, v.description("why it could not be told; null where it could")),
  behind: v.pipe(
    v.array(v.object({ file: v.string(), job: v.string() })),
    v.description("jobs that need one that asks"),
  ),
});

const channelKind = v.picklist(["slack", "teams", "webhook", "email", "exec", "forge"]);

const told: v.GenericSchema<ToldJson> = v.object({
  channel: v.pipe(v.string(), v.description("its name in the policy")),
  to: channelKind,
  status: v.pipe(
    v.picklist(["delivered", "failed", "waiting"]),
    v.description("waiting: its secret is not here, and CI tells it"),
  ),
  detail: v.pipe(text, v.description("why it failed, or which secrets are missing here")),
});

const overrideMembers = {
  kind: v.literal("optout/override"),
  v: v.literal(1),
  id: v.string(),
  seq: v.pipe(count, v.description("its number: the place in the log")),
  action: v.picklist(actions),
  target: v.object({ type: v.literal("stage"), name: v.string() }),
  scope,
  repository: v.string(),
  state: v.picklist(states),
  reason: v.object({ code: v.picklist(reasonCodes), text: v.string() }),
  tickets: texts,
  by: v.string(),
  key: v.pipe(v.string(), v.description("fingerprint, as ssh-keygen -l prints it")),
  approvals: v.array(v.object({ by: v.string(), at: time, seq: count })),
  emergency: v.boolean(),
  reviews: v.array(
    v.object({
      by: v.string(),
      at: time,
      outcome: v.picklist(["ok", "follow-up", "misuse"]),
      note: v.string(),
      seq: count,
    }),
  ),
  notes: v.array(v.object({ by: v.string(), at: time, tickets: texts, text, seq: count })),
  issuedAt: time,
  notBefore: time,
  expiresAt: v.pipe(time, v.description("exclusive")),
  once: v.boolean(),
  uses: v.pipe(count, v.description("runs that recorded a use, as far back as was read")),
  policy: v.object({ rule: text, digest: v.string(), commit: v.string() }),
  entry: v.object({ hash: v.string(), store: v.string() }),
};

const override: v.GenericSchema<OverrideJson> = v.object({
  ...overrideMembers,
  effects: v.exactOptional(
    v.pipe(v.array(effect), v.description("what asks about the stage; of what was just recorded")),
  ),
  told: v.exactOptional(
    v.pipe(v.array(told), v.description("who was told of what was just recorded")),
  ),
});

/** An open object whose code is not listed: a reader must not break over a new one. */
const objection = v.looseObject({ code: v.string(), message: v.string() });

const decision: v.GenericSchema<DecisionJson> = v.object({
  kind: v.literal("optout/decision"),
  v: v.literal(1),
  stage: v.string(),
  decision: v.picklist([...actions, "frozen", "enforced", "integrity"]),
  freeze: v.pipe(
    v.nullable(v.object({ id: v.string(), line: count })),
    v.description("the freeze of the policy that the stage is under"),
  ),
  exit: count,
  override: v.pipe(v.nullable(override), v.description("the one that decides")),
  outranked: v.array(override),
  rejected: v.array(v.object({ id: v.string(), seq: count, objections: v.array(objection) })),
  subject: v.object({
    stage: v.string(),
    branch: text,
    head: text,
    tag: text,
    sha: text,
    pr: v.nullable(count),
    environment: text,
    fork: v.boolean(),
    forge: text,
    run: text,
  }),
  policy: v.object({ digest: v.string(), commit: v.string() }),
  log: v.object({
    store: v.string(),
    head: v.nullable(v.object({ seq: count, hash: v.string() })),
  }),
});

const trouble = v.nullable(v.object({ code: v.string(), message: v.string() }));

const gate: v.GenericSchema<GateJson> = v.object({
  kind: v.literal("optout/gate"),
  v: v.literal(1),
  outcomes: v.record(v.string(), v.picklist([...actions, "frozen", "enforced"])),
  trouble,
  decisions: v.array(decision),
});

const verdict: v.GenericSchema<VerdictJson> = v.object({
  kind: v.literal("optout/verdict"),
  v: v.literal(1),
  accepted: v.boolean(),
  jobs: v.array(
    v.object({
      job: v.string(),
      stage: v.pipe(text, v.description("null for a job that is no stage")),
      result: v.picklist(jobResults),
      outcome: v.picklist([...actions, "frozen", "enforced"]),
      accepted: v.boolean(),
      overridden: v.pipe(v.boolean(), v.description("accepted because of an override")),
    }),
  ),
  trouble,
  decisions: v.array(decision),
});

const requests: v.GenericSchema<RequestsJson> = v.object({
  kind: v.literal("optout/requests"),
  v: v.literal(1),
  requests: v.pipe(
    v.array(
      v.object({
        override,
        needed: v.pipe(count, v.description("approvals that it needs")),
        have: v.pipe(count, v.description("those that count already")),
        from: v.pipe(texts, v.description("roles that may approve")),
        until: v.pipe(time, v.description("until when it waits; exclusive")),
        mine: v.boolean(),
        forMe: v.pipe(v.boolean(), v.description("your approval would count")),
      }),
    ),
    v.description("what waits for approvals, in the order of the log"),
  ),
  reviews: v.pipe(
    v.array(v.object({ override, due: time, overdue: v.boolean(), mine: v.boolean() })),
    v.description("emergencies that nobody else has reviewed yet"),
  ),
});

const head = v.nullable(v.object({ seq: count, hash: v.string() }));

const status: v.GenericSchema<StatusJson> = v.object({
  kind: v.literal("optout/status"),
  v: v.literal(1),
  overrides: v.pipe(v.array(override), v.description("in force, waiting or still to start")),
  forMe: v.pipe(v.array(count), v.description("numbers of those that wait for your approval")),
  reviews: v.pipe(
    v.array(v.object({ seq: count, id: v.string(), due: time, overdue: v.boolean() })),
    v.description("emergencies that nobody else has reviewed yet"),
  ),
  frozen: v.pipe(
    v.array(v.object({ stage: v.string(), freeze: v.string(), line: count })),
    v.description("stages under a freeze of the policy, on the default branch"),
  ),
  revokedKeys: v.pipe(
    v.array(v.object({ kid: v.string(), owner: v.string() })),
    v.description("revoked, and still in the policy"),
  ),
  // optout notify flush tries them again
  undelivered: v.array(v.object({ channel: v.string(), notices: count })),
  policy: v.object({ digest: v.string(), commit: v.string(), source: v.string() }),
  log: v.object({ store: v.string(), head }),
});

const history: v.GenericSchema<HistoryJson> = v.object({
  kind: v.literal("optout/history"),
  v: v.literal(1),
  overrides: v.pipe(
    v.array(v.partial(v.object(overrideMembers))),
    v.description("newest first; whole, unless --fields chooses members"),
  ),
});

const verify: v.GenericSchema<VerifyJson> = v.object({
  kind: v.literal("optout/verify"),
  v: v.literal(1),
  intact: v.pipe(v.boolean(), v.description("whether no finding is a violation")),
  store: v.string(),
  from: v.pipe(count, v.description("the position that the audit began at")),
  positions: v.pipe(count, v.description("how many were read")),
  head,
  statements: v.pipe(v.record(v.string(), count), v.description("how many of each kind")),
  policy: v.object({ digest: v.string(), commit: v.string() }),
  findings: v.array(
    v.object({
      code: v.pipe(v.string(), v.description("docs/findings.md lists them")),
      seq: count,
      weight: v.picklist(["violation", "warning"]),
      meaning: v.string(),
      detail: v.string(),
    }),
  ),
});

const noticeEvent = v.picklist(noticeEvents);

const notice: v.GenericSchema<NoticeJson> = v.object({
  kind: v.literal("optout/notice"),
  v: v.literal(1),
  event: v.union([noticeEvent, v.literal("test")]),
  about: v.pipe(text, v.description("id of the statement; null for a test")),
  seq: v.nullable(count),
  at: time,
  by: text,
  note: text,
  outcome: v.pipe(text, v.description("of a review")),
  title: v.pipe(v.string(), v.description("one line for people, plain text")),
  override: v.nullable(override),
  repository: v.string(),
  head: v.pipe(head, v.description("an anchor: optout verify --head SEQ:HASH")),
});

const notify: v.GenericSchema<NotifyJson> = v.object({
  kind: v.literal("optout/notify"),
  v: v.literal(1),
  channels: v.array(
    v.object({
      channel: v.string(),
      to: channelKind,
      match: v.nullable(
        v.object({
          kinds: v.nullable(texts),
          stages: v.nullable(texts),
          branches: v.nullable(texts),
          environments: v.nullable(texts),
        }),
      ),
      rules: v.nullable(texts),
      events: v.nullable(v.array(noticeEvent)),
      here: v.picklist(["ready", "elsewhere", "broken"]),
      missing: v.pipe(texts, v.description("variables and files that would hold its secrets")),
      problem: text,
      undelivered: v.array(
        v.object({
          about: v.string(),
          seq: count,
          event: noticeEvent,
          at: time,
          tries: count,
          lastTry: v.nullable(time),
        }),
      ),
    }),
  ),
});

const schemas = {
  override,
  decision,
  gate,
  verdict,
  requests,
  status,
  history,
  verify,
  ...setUpSchemas,
  ...policySchemas,
  notify,
  notice,
} as const satisfies Readonly<Record<string, Parameters<typeof toJsonSchema>[0]>>;

/** The outputs that have a schema. */
export const schemaNames: readonly string[] = Object.keys(schemas);

/** The JSON Schema (draft 7) of an output; null for one that has none. */
export function outputSchema(name: string): object | null {
  const found = Object.entries(schemas).find(([one]) => one === name);
  return found === undefined
    ? null
    : { title: `optout ${name}, version 1`, ...toJsonSchema(found[1]) };
}
