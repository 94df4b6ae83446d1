/**
 * The policy that `init` writes: small, sensible, and explained where one will look for it.
 */
import type { NewStage } from "../core/new-stage.ts";
import type { LogPlace } from "../core/policy.ts";

/** What differs between one new policy and another. */
export interface NewPolicy {
  readonly operator: {
    /** Already a name that a policy accepts. */
    readonly id: string;
    /** Without anything invisible. */
    readonly name: string | null;
    /** `ssh-ed25519 AAAA… comment`. */
    readonly keyLine: string;
  };
  /** At least one. */
  readonly stages: readonly NewStage[];
  readonly log: LogPlace;
}

/** The roles that the rules below name, all of them the operator's to begin with. */
const operatorRoles: readonly string[] = ["developer", "oncall"];

function isDeploy({ kind }: NewStage): boolean {
  return kind === "deploy";
}

/** The text of the policy; with `log.id` null it is one that has no log yet. */
export function policyText({ operator, stages, log }: NewPolicy): string {
  return `# yaml-language-server: $schema=./policy.schema.json
#
# Who may opt out of which stage of the pipeline, and for how long. It counts as it stands on the
# default branch, so a change to it is a reviewed change. To check it: optout policy check
version: 1

# Where the record of every override is kept. The id pins this very log; never change it by hand.
log: ${logText(log)}

# People, and what runs in CI. A person may have several keys and still counts once.
principals:
  ${quoted(operator.id)}:
${operator.name === null ? "" : `    name: ${JSON.stringify(operator.name)}\n`}    roles: [${operatorRoles.join(", ")}]
    keys:
      - ${JSON.stringify(operator.keyLine)}
  # A colleague; the line comes from: optout keys show --ssh
  # bob: { name: Bob Ruiz, roles: [release-manager], keys: ["ssh-ed25519 AAAA... bob@laptop"] }
  # The key of your jobs, so that they can record what they used. It can override nothing.
  # ci: { kind: ci, keys: ["ssh-ed25519 AAAA... ci"] }

# The stages that may be opted out of. In a job: optout run ${stages[0]?.id ?? "lint"} -- COMMAND
stages:
${stages.map(stageText).join("\n")}
  # No one can skip this one, by any role, flag or emergency:
  # license: { kind: legal, never: [skip, allow-failure] }

# The first rule that matches decides. No match means refused.
rules:
${rulesText(stages)}
`;
}

/** A place as it stands behind `log:`. */
export function logText(log: LogPlace): string {
  const { id } = log;
  const own = Object.entries({ ...placeMembers(log), ...(id === null ? {} : { id }) });
  const said = own.map(([name, value]) => `${name}: ${quoted(value)}`);
  if (log.store === "git" && log.subjectPrefix !== null) {
    said.push(`subject_prefix: ${JSON.stringify(log.subjectPrefix)}`);
  }
  return `{ ${[`store: ${log.store}`, ...said].join(", ")} }`;
}

function placeMembers(log: LogPlace): Readonly<Record<string, string>> {
  switch (log.store) {
    case "git":
      return { branch: log.branch };
    case "dir":
      return { path: log.path };
    case "s3":
      return bucketMembers(log);
  }
}

function bucketMembers(log: Extract<LogPlace, { store: "s3" }>): Readonly<Record<string, string>> {
  const { bucket, prefix, region, endpoint, addressing, sse, kmsKey } = log;
  return {
    bucket,
    ...(prefix === "" ? {} : { prefix }),
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint }),
    ...(addressing === null ? {} : { addressing }),
    ...(sse === null ? {} : { sse }),
    ...(kmsKey === null ? {} : { kms_key: kmsKey }),
  };
}

function stageText({ id, kind, from }: NewStage): string {
  const where = from !== null && plainPath.test(from.file) ? ` # ${from.file}` : "";
  return `  ${quoted(id)}: { kind: ${kind} }${where}`;
}

/** What may stand in a comment: a name of a file is whatever somebody made it. */
const plainPath = /^[A-Za-z0-9._/-]{1,60}$/;

const qualityRule: readonly string[] = [
  "- id: quality",
  "  match: { kind: quality }",
  "  actions: [skip, allow-failure, force]",
  "  who: [developer, oncall]",
  "  longest: 12h",
  "  default: 2h",
  "  reason: { min: 10 }",
  '  # A ticket must be named: reason: { min: 10, ticket: "^(INC|OPS)-[0-9]+$" }',
];

const deployRule: readonly string[] = [
  "- id: deploys",
  "  match: { kind: deploy }",
  "  actions: [hold, force, skip]",
  "  who: [oncall]",
  "  longest: 1h",
  "  reason: { min: 10 }",
  "  # Someone else must agree before it is in force, unless it is an emergency:",
  "  # approvals: { count: 1, from: [release-manager] }",
  "  # emergency: { who: [oncall], longest: 30m, review_within: 24h }",
];

/** A rule for which there is no stage yet is there as a comment. */
function rulesText(stages: readonly NewStage[]): string {
  const lines = [
    ...(stages.every(isDeploy) ? comment(qualityRule) : qualityRule),
    ...(stages.some(isDeploy) ? deployRule : comment(deployRule)),
  ];
  return lines.map((line) => `  ${line}`).join("\n");
}

function comment(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `# ${line}`);
}

/** Words of letters that some readers of YAML take for a truth value, nothing or a number (`e0`). */
const special = /^(?:null|true|false|yes|no|on|off|y|n|e[-\d]*)$/i;

/** Text as a scalar of YAML: plain where it can only be read in one way, else in quotes. */
function quoted(text: string): string {
  const isPlain = /^[A-Za-z/][A-Za-z0-9._/-]*$/.test(text) && !special.test(text);
  return isPlain ? text : JSON.stringify(text);
}
