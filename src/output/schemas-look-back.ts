/**
 * The schemas of what tells of overrides that were: `status`, `requests`, `history`, `verify`.
 */
import * as v from "valibot";

import type { HistoryJson, StatusJson, VerifyJson } from "./look-back-json.ts";
import type { RequestsJson } from "./request-words.ts";
import { chosenMembers, override, repeat } from "./schemas-override.ts";
import { count, head, oneOf, texts, time } from "./schemas-shared.ts";

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
  repeats: v.pipe(
    v.array(repeat),
    v.description("stages that are opted out of again and again: gates to fix or to drop"),
  ),
  revokedKeys: v.pipe(
    v.array(v.object({ kid: v.string(), owner: v.string() })),
    v.description("revoked, and still in the policy"),
  ),
  voided: v.pipe(
    v.array(v.object({ seq: count, id: v.string(), stage: v.string(), by: v.string() })),
    v.description("without effect, for the keys of their authors are no longer in the policy"),
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
    v.array(chosenMembers),
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
      weight: oneOf<VerifyJson["findings"][number]["weight"]>({ violation: true, warning: true }),
      meaning: v.string(),
      detail: v.string(),
    }),
  ),
});

/** By the names that `optout schema` takes. */
export const lookBackSchemas: Readonly<Record<string, v.GenericSchema>> = {
  requests,
  status,
  history,
  verify,
};
