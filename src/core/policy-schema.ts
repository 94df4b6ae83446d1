/**
 * The policy as JSON Schema, for editors: `init` writes it beside the policy, and the YAML language
 * server completes, explains and underlines by it. Draft-07, which that server knows best.
 *
 * It comes from the same declaration as the reading. A schema cannot say everything (a key under
 * two principals, `default` over `longest`): `optout policy check` does. No check loads this file.
 */
import { notifyShape } from "./channel-shape.ts";
import { policyShape } from "./policy-shape.ts";
import type { JsonSchema } from "./shape.ts";

/** One demand for approvals, alone or as an item of a list. */
const approvalMembers = (path: string): Readonly<Record<string, string>> => ({
  [`${path}.count`]: "How many people beside the author.",
  [`${path}.from`]: "Roles that may approve and deny.",
  [`${path}.when`]: "For which overrides this suffices; without it for all.",
  [`${path}.when.code`]: "Codes of the reason.",
  [`${path}.when.ticket`]: "Whether a ticket must be named.",
  [`${path}.pending`]: "How long it waits for them, at most 7d. Default: 1d.",
});

/** By path; `*` is any name, `[]` any item. A test holds this against the shape. */
export const memberDescriptions: Readonly<Record<string, string>> = {
  version: "The version of this form. An upgrade is a reviewed change of the policy.",
  log: "Where the log is kept. Written by `optout init`.",
  "log.store": "git: a branch of the repository; s3: a bucket; dir: a directory on this machine.",
  "log.branch": "The branch that holds the log. Protect it with linear history.",
  "log.subject_prefix":
    "What the subject of the log's commits begins with, where a push rule of the host demands it.",
  "log.push_options":
    "Options of every push to the log (`git push -o`). Default: ci.skip where the host is GitLab.",
  "log.path": "The directory that holds the log.",
  "log.bucket": "The bucket that holds the log.",
  "log.prefix": "What the names of the log's objects begin with.",
  "log.region": "The region of the bucket.",
  "log.endpoint": "The server, where it is not AWS.",
  "log.addressing": "How requests name the bucket. Default: virtual for AWS, path for an endpoint.",
  "log.sse": "What the server is to encrypt with. Default: as the bucket says.",
  "log.kms_key": "The KMS key, with sse: aws:kms.",
  "log.id": "The hash of the log's first statement: the pin against a log that was begun anew.",
  principals: "People and CI identities, by their ids.",
  "principals.*.name": "As it is shown to people.",
  "principals.*.kind": "ci: an identity of pipelines, which records uses and notices and no more.",
  "principals.*.roles": "What rules name in who, from and may_revoke.",
  "principals.*.github": "The account on GitHub, to mention and to recognise.",
  "principals.*.gitlab": "The account on GitLab, to mention and to recognise.",
  "principals.*.github_id":
    "The account's number, which outlives a rename: optout whoami tells it.",
  "principals.*.gitlab_id":
    "The account's number, which outlives a rename: optout whoami tells it.",
  "principals.*.keys":
    "OpenSSH public keys, ssh-ed25519 or ecdsa-sha2-nistp256. A person with several counts once.",
  stages: "The gates of the pipeline, by their ids.",
  "stages.*.kind":
    "A word that rules match; deploy has a meaning of its own: running is the danger.",
  "stages.*.environment": "The environment that the stage deploys to.",
  "stages.*.never": "Actions that no one can take, by any role, flag or emergency.",
  "stages.*.prefer": "What to propose when someone wants the stage out of the way.",
  "stages.*.when_unreachable":
    "What `optout run` does when the log cannot be read or trusted. Default: stop for kind deploy, else run.",
  "stages.*.irreversible":
    "What it does cannot be undone: no emergency, and whoever overrides it confirms by its name.",
  "stages.*.rollback": "The command to go back with, as it is told to people. Nothing runs it.",
  rules: "The first rule that matches decides; no match means refused.",
  "rules[].id": "Named in refusals and records.",
  "rules[].match": "What the rule is for; a part left out matches anything.",
  "rules[].match.kind": "Kinds of stages.",
  "rules[].match.stages": "Stages, as globs: * does not cross /, ** does.",
  "rules[].match.branches": "The branches that receive the change, as globs.",
  "rules[].match.environments": "Environments, as globs.",
  "rules[].actions": "What may be done: skip, allow-failure, force, hold.",
  "rules[].who": "Roles that may do it.",
  "rules[].longest": "How long an override may last: 30m, 2h, 1h30m, 1d.",
  "rules[].default": "How long it lasts when nothing is said.",
  "rules[].reason": "What a reason must be.",
  "rules[].reason.min": "Fewest characters.",
  "rules[].reason.codes": "Codes that are accepted. Default: all.",
  "rules[].reason.ticket":
    "A ticket is needed, and matches this as a whole: ^(INC|OPS)-[0-9]+$. Groups cannot be repeated.",
  "rules[].approvals":
    "Whose approval an override needs before it is in force: one demand, or a list of which the first that is met suffices.",
  ...approvalMembers("rules[].approvals"),
  ...approvalMembers("rules[].approvals[]"),
  "rules[].emergency": "Who may act before approval, with --emergency.",
  "rules[].emergency.who": "Roles that may.",
  "rules[].emergency.longest": "How long an emergency override may last.",
  "rules[].emergency.review_within": "How soon someone else must review it.",
  "rules[].may_revoke": "Roles that may revoke it, beside its author and those who may approve.",
  "rules[].record_use": "Each use is recorded before it is granted.",
  "rules[].announce": "It is in force only after it was announced.",
  "rules[].forge_account":
    "match: whoever overrides is signed in to the forge as the account that the policy gives them.",
  may_revoke: "Roles that may revoke any key.",
  limits: "Limits over several overrides.",
  "limits.per_stage":
    "How long a stage may be overridden in all, wherever; and how many at a time.",
  "limits.per_stage.total": "This long,",
  "limits.per_stage.within": "within this time.",
  "limits.per_stage.open": "So many overrides of a stage wait, are in force or will be, at most.",
  "limits.per_person": "How many overrides one person may have at a time.",
  "limits.per_person.open": "So many of hers wait, are in force or will be, at most.",
  "limits.extensions": "How often, and to how long in all, an override may be extended.",
  "limits.extensions.count": "So often; 0: never.",
  "limits.extensions.total": "The override and its extensions may last so long together.",
  sign_in: "How `optout login` asks to sign in.",
  "sign_in.client_id": "The application on the forge whose device flow is used.",
  notify: "Channels to announce to. Secrets stand in variables or files, never here.",
  "notify[].to": "The kind of the channel: slack, teams, webhook, email, exec or forge.",
  "notify[].name": "By which records and commands name it. Default: its kind.",
  "notify[].match": "What it is told of, as in a rule. Default: everything.",
  "notify[].match.kind": "Kinds of stages.",
  "notify[].match.stages": "Stages, as globs.",
  "notify[].match.branches": "The branches that receive the change, as globs.",
  "notify[].match.environments": "Environments, as globs.",
  "notify[].rules": "Rules whose overrides it is told of. Default: all.",
  "notify[].events": "What it is told of. Default: everything.",
  "notify[].url": "The address, where it is no secret.",
  "notify[].url_env": "The variable that holds the address.",
  "notify[].url_file": "The file that holds the address.",
  "notify[].hosts":
    "The only hosts that the address may lead to. Default: those of Slack or Teams, or that of url.",
  "notify[].secret_env": "The variable that holds the signing key, whsec_… (Standard Webhooks).",
  "notify[].secret_file": "The file that holds the signing key.",
  "notify[].server": "The mail server: smtp.example.com:587.",
  "notify[].tls": "starttls (the default), implicit, or none for a server on this very machine.",
  "notify[].sender": "The address that the mail comes from.",
  "notify[].recipients": "The addresses that it goes to.",
  "notify[].user_env": "The variable that holds the mail server's user.",
  "notify[].user_file": "The file that holds the mail server's user.",
  "notify[].password_env": "The variable that holds the mail server's password.",
  "notify[].password_file": "The file that holds the mail server's password.",
  "notify[].command":
    "A program, by its absolute path or its name on PATH, and its arguments. No shell; JSON on stdin.",
  "notify[].env": "Variables that it gets beside PATH, HOME, LANG and TZ. All must be set.",
  "notify[].status": "set: the commit of the pull request gets the status optout / STAGE too.",
  "notify[].timeout": "How long it may take, at most 1m. Default: 10s.",
  freezes: "Times at which a stage runs only by force.",
  "freezes[].id": "The freeze's name.",
  "freezes[].from": "When it begins: 2026-12-20T18:00, by the clocks of the zone.",
  "freezes[].until": "When it ends; exclusive.",
  "freezes[].weekly": "When it comes each week, once or as a list: fri 16:00 to mon 08:00.",
  "freezes[].zone": "The time zone that is meant, like Europe/Berlin. Default: UTC.",
  "freezes[].match": "What it is for, as in a rule.",
  "freezes[].match.kind": "Kinds of stages.",
  "freezes[].match.stages": "Stages, as globs.",
  "freezes[].match.branches": "Branches, as globs.",
  "freezes[].match.environments": "Environments, as globs.",
  "freezes[].except": "What it is not for although it matches.",
  "freezes[].except.kind": "Kinds of stages.",
  "freezes[].except.stages": "Stages, as globs.",
  "freezes[].except.branches": "Branches, as globs.",
  "freezes[].except.environments": "Environments, as globs.",
};

/** The schema of a policy file, version 1, with a description of every member. */
export function policyJsonSchema(): JsonSchema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "optout policy, version 1",
    ...described(inFull(policyShape.jsonSchema()), ""),
  };
}

/** A job reads of a channel only its name; an editor is told all of it. */
function inFull(schema: JsonSchema): JsonSchema {
  const { properties } = schema;
  if (!isSchema(properties)) return schema;
  return { ...schema, properties: { ...properties, notify: notifyShape.jsonSchema() } };
}

function described(schema: JsonSchema, path: string): JsonSchema {
  const description = memberDescriptions[path];
  const inner = Object.entries(schema).map(([keyword, value]): readonly [string, unknown] => [
    keyword,
    describedKeyword(keyword, value, path),
  ]);
  return { ...(description === undefined ? {} : { description }), ...Object.fromEntries(inner) };
}

function describedKeyword(keyword: string, value: unknown, path: string): unknown {
  if (keyword === "anyOf" && Array.isArray(value)) {
    return value.map((form: unknown) => (isSchema(form) ? described(form, path) : form));
  }
  if (!isSchema(value)) return value;
  if (keyword === "items") return described(value, `${path}[]`);
  if (keyword === "additionalProperties") return described(value, `${path}.*`);
  if (keyword !== "properties") return value;
  const members = Object.entries(value).map(([name, member]): readonly [string, unknown] => [
    name,
    isSchema(member) ? described(member, path === "" ? name : `${path}.${name}`) : member,
  ]);
  return Object.fromEntries(members);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
