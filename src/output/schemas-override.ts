/**
 * The schema of an override, which many outputs hold.
 */
import * as v from "valibot";

import { actions, reasonCodes } from "../core/policy.ts";
import { states } from "../core/state.ts";
import type { HistoryJson } from "./look-back-json.ts";
import type { EffectJson, OverrideJson } from "./override-json.ts";
import type { PreviewJson } from "./preview-words.ts";
import type { RepeatJson } from "./repeat-words.ts";
import { channelKind, count, oneOf, scope, text, texts, time } from "./schemas-shared.ts";
import type { ToldJson } from "./told-words.ts";

const ask = v.object({
  file: v.string(),
  line: count,
  job: text,
  form: v.string(),
  obeys: v.pipe(v.boolean(), v.description("whether that form does what the action says")),
  runFiles: v.pipe(texts, v.description("the CI files whose runs have the job")),
});

const effect: v.GenericSchema<EffectJson> = v.object({
  action: v.picklist(actions),
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

export const told: v.GenericSchema<ToldJson> = v.object({
  channel: v.pipe(v.string(), v.description("its name in the policy")),
  to: channelKind,
  status: v.pipe(
    oneOf<ToldJson["status"]>({ delivered: true, failed: true, waiting: true }),
    v.description("waiting: its secret is not here, and CI tells it"),
  ),
  detail: v.pipe(text, v.description("why it failed, or which secrets are missing here")),
});

export const repeat: v.GenericSchema<RepeatJson> = v.object({
  stage: v.string(),
  count: v.pipe(count, v.description("how many, what was just recorded included")),
  withinDays: count,
  overrides: v.pipe(
    v.array(
      v.object({
        seq: count,
        id: v.string(),
        by: v.string(),
        at: time,
        reason: v.object({ code: v.picklist(reasonCodes), text: v.string() }),
      }),
    ),
    v.description("oldest first"),
  ),
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
  keyInPolicy: v.pipe(
    v.boolean(),
    v.description(
      "false: its author's key is no longer in the policy; without effect, told by the policy of then",
    ),
  ),
  approvals: v.array(v.object({ by: v.string(), at: time, seq: count })),
  emergency: v.boolean(),
  reviews: v.array(
    v.object({
      by: v.string(),
      at: time,
      outcome: oneOf<OverrideJson["reviews"][number]["outcome"]>({
        ok: true,
        "follow-up": true,
        misuse: true,
      }),
      note: v.string(),
      seq: count,
    }),
  ),
  notes: v.array(v.object({ by: v.string(), at: time, tickets: texts, text, seq: count })),
  issuedAt: time,
  notBefore: time,
  expiresAt: v.pipe(
    time,
    v.description(
      "exclusive; of one that is pending as if it were approved already: its time begins with the last approval",
    ),
  ),
  once: v.boolean(),
  uses: v.pipe(count, v.description("runs that recorded a use, as far back as was read")),
  runs: v.pipe(
    v.array(v.object({ forge: v.string(), run: v.string() })),
    v.description("those runs"),
  ),
  results: v.pipe(
    v.object({ recorded: count, passed: count }),
    v.description("runs whose job told how it ended, and those of them that passed"),
  ),
  policy: v.pipe(
    v.object({ rule: text, digest: v.string(), commit: v.string() }),
    v.description("that it is judged by"),
  ),
  signedUnder: v.pipe(
    v.object({ digest: v.string(), commit: v.string() }),
    v.description("the policy that its author went by, as the signed statement says"),
  ),
  entry: v.object({ hash: v.string(), store: v.string() }),
};

export const override: v.GenericSchema<OverrideJson> = v.object({
  ...overrideMembers,
  effects: v.exactOptional(
    v.pipe(v.array(effect), v.description("what asks about the stage; of what was just recorded")),
  ),
  told: v.exactOptional(
    v.pipe(v.array(told), v.description("who was told of what was just recorded")),
  ),
  repeat: v.exactOptional(
    v.pipe(
      v.nullable(repeat),
      v.description("of what was just recorded: that the stage is opted out of again and again"),
    ),
  ),
});

/** Some members of an override. */
export const chosenMembers: v.GenericSchema<HistoryJson["overrides"][number]> = v.partial(
  v.object(overrideMembers),
);

/** What a dry run prints. */
export const preview: v.GenericSchema<
  Omit<PreviewJson, "statements"> & { readonly statements: readonly object[] }
> = v.object({
  kind: v.literal("optout/preview"),
  v: v.literal(1),
  statements: v.pipe(
    v.array(v.looseObject({ v: v.literal(1), kind: v.string(), id: v.string() })),
    v.description("the records as they would be signed, but for id and time"),
  ),
  told: v.array(v.object({ channel: v.string(), to: channelKind })),
  previews: v.array(
    v.object({
      stage: v.string(),
      rule: v.pipe(
        v.nullable(v.object({ id: v.string(), line: count })),
        v.description("null where no rule decides"),
      ),
      approvers: v.pipe(
        v.nullable(texts),
        v.description("who could approve; null where nothing has to be approved"),
      ),
      ends: v.pipe(v.string(), v.description("for people")),
      effects: v.array(effect),
      undo: v.pipe(text, v.description("the command that takes it back; null where nothing does")),
    }),
  ),
});
