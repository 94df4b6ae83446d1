/**
 * The schemas of what the commands print that are about keys, sign-ins, policy files and runs.
 */
import * as v from "valibot";

import { forgeNames } from "../core/forge-name.ts";
import type { StageKind } from "../core/new-stage.ts";
import { actions } from "../core/policy.ts";
import type { InitJson } from "./init-json.ts";
import type { KeyJson, KeysJson } from "./key-words.ts";
import type { LoginJson } from "./login-words.ts";
import type { PolicyCheckJson } from "./policy-words.ts";
import type { RerunJson } from "./rerun-words.ts";
import { count, objection, oneOf, text, texts } from "./schemas-shared.ts";
import type { WhoamiJson } from "./whoami-words.ts";

const init: v.GenericSchema<InitJson> = v.object({
  kind: v.literal("optout/init"),
  v: v.literal(1),
  policy: v.object({
    path: v.string(),
    outcome: v.pipe(
      oneOf<InitJson["policy"]["outcome"]>({ written: true, completed: true, "in-place": true }),
      v.description("completed: it was there, and got the log's id"),
    ),
  }),
  schema: v.object({
    path: v.string(),
    outcome: oneOf<InitJson["schema"]["outcome"]>({
      written: true,
      differs: true,
      "in-place": true,
    }),
  }),
  log: v.object({
    store: v.string(),
    branch: text,
    id: v.string(),
    outcome: v.pipe(
      oneOf<InitJson["log"]["outcome"]>({ created: true, adopted: true, "in-place": true }),
      v.description("adopted: it was there, and the policy did not name it yet"),
    ),
  }),
  principal: v.pipe(text, v.description("whoever log or policy needed; null where nobody")),
  key: v.nullable(
    v.object({
      kid: v.string(),
      fingerprint: v.string(),
      ssh: v.string(),
      source: v.string(),
      made: v.pipe(v.boolean(), v.description("whether it was made just now")),
    }),
  ),
  ci: v.pipe(
    v.nullable(
      v.object({
        principal: v.string(),
        kid: v.string(),
        ssh: v.string(),
        path: v.pipe(v.string(), v.description("of the private key")),
        made: v.boolean(),
      }),
    ),
    v.description("the key of the jobs, where one was wanted"),
  ),
  stages: v.pipe(
    v.array(
      v.object({
        id: v.string(),
        kind: oneOf<StageKind>({ quality: true, deploy: true }),
        environment: text,
        from: v.nullable(v.object({ file: v.string(), line: count })),
        gate: v.optional(v.nullable(v.picklist(forgeNames))),
      }),
    ),
    v.description("those of a new policy"),
  ),
  next: v.pipe(texts, v.description("the commands that are left to run")),
});

const keyType = v.nullable(oneOf<NonNullable<KeyJson["type"]>>({ ed25519: true, p256: true }));

const key: v.GenericSchema<KeyJson> = v.object({
  kind: v.literal("optout/key"),
  v: v.literal(1),
  name: v.string(),
  path: v.string(),
  type: keyType,
  kid: v.pipe(text, v.description("RFC 7638 thumbprint")),
  fingerprint: text,
  ssh: v.pipe(text, v.description("the line for the policy")),
  encrypted: v.nullable(v.boolean()),
  problem: v.pipe(text, v.description("why it cannot be used; null where it can")),
});

const keys: v.GenericSchema<KeysJson> = v.object({
  kind: v.literal("optout/keys"),
  v: v.literal(1),
  directory: v.string(),
  keys: v.array(key),
  agent: v.object({
    socket: text,
    keys: v.array(
      v.object({
        comment: v.string(),
        type: keyType,
        kid: text,
        fingerprint: v.string(),
        ssh: text,
        problem: text,
      }),
    ),
    problem: text,
  }),
});

const whoami: v.GenericSchema<WhoamiJson> = v.object({
  kind: v.literal("optout/whoami"),
  v: v.literal(1),
  principal: v.object({
    id: v.string(),
    name: text,
    kind: oneOf<WhoamiJson["principal"]["kind"]>({ person: true, ci: true }),
    roles: texts,
  }),
  key: v.object({
    kid: v.string(),
    fingerprint: v.string(),
    ssh: v.string(),
    source: v.string(),
  }),
  policy: v.object({ source: v.string(), commit: v.string(), digest: v.string() }),
  account: v.pipe(
    v.nullable(
      v.object({ forge: v.string(), host: v.string(), login: v.string(), id: v.number() }),
    ),
    v.description("of the remote's forge; null where nobody is signed in"),
  ),
  branch: v.pipe(text, v.description("the receiving branch that may is about")),
  may: v.array(
    v.object({
      stage: v.string(),
      rule: v.pipe(text, v.description("null where no rule fits")),
      actions: v.array(v.picklist(actions)),
      longestSeconds: v.nullable(count),
      approvals: v.nullable(v.object({ count, from: texts })),
      emergency: v.boolean(),
    }),
  ),
  ready: v.exactOptional(
    v.pipe(
      v.object({
        log: v.object({ store: v.string(), appendable: v.boolean(), detail: v.string() }),
        branch: v.string(),
        stages: v.array(
          v.object({
            stage: v.string(),
            ready: v.boolean(),
            emergency: v.boolean(),
            longestSeconds: v.nullable(count),
            ticket: v.pipe(text, v.description("the pattern that one must match")),
            because: v.array(objection),
          }),
        ),
      }),
      v.description("with --ready: what could be skipped now"),
    ),
  ),
});

const login: v.GenericSchema<LoginJson> = v.object({
  kind: v.literal("optout/login"),
  v: v.literal(1),
  host: v.string(),
  forge: v.picklist(forgeNames),
  login: v.string(),
  id: v.pipe(v.number(), v.description("the account's, which outlives a rename")),
  kept: v.pipe(v.string(), v.description("where the sign-in is kept")),
});

const finding = v.object({
  line: count,
  column: count,
  path: v.string(),
  message: v.string(),
});

const policyCheck: v.GenericSchema<PolicyCheckJson> = v.object({
  kind: v.literal("optout/policy-check"),
  v: v.literal(1),
  ok: v.boolean(),
  path: v.string(),
  problems: v.array(finding),
  warnings: v.array(finding),
});

const call = v.object({
  method: v.string(),
  path: v.string(),
  body: v.exactOptional(v.record(v.string(), v.unknown())),
});

const rerun: v.GenericSchema<RerunJson> = v.object({
  kind: v.literal("optout/rerun"),
  v: v.literal(1),
  runs: v.array(
    v.object({
      run: v.string(),
      name: v.string(),
      url: v.string(),
      state: v.string(),
      steps: v.array(
        v.object({
          verb: v.string(),
          calls: v.pipe(v.array(call), v.description("requests to the forge")),
        }),
      ),
    }),
  ),
  results: v.pipe(
    v.nullable(v.array(v.object({ run: v.string(), call, status: count, message: text }))),
    v.description("null where nothing was done"),
  ),
  unfinished: v.pipe(texts, v.description("ids of the runs that somebody must look after")),
});

/** By the names that `optout schema` takes. */
export const keySchemas: Readonly<Record<string, v.GenericSchema>> = {
  init,
  key,
  keys,
  whoami,
  login,
  "policy-check": policyCheck,
  rerun,
};
