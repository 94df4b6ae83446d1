/**
 * The policy that `init` writes: small, sensible, and explained where one will look for it.
 */
import type { NewStage } from "../core/new-stage.ts";
import type { LogPlace } from "../core/policy.ts";
import { presets, type Preset, type PresetName } from "./policy-presets.ts";

interface Operator {
  /** Already a name that a policy accepts. */
  readonly id: string;
  /** Without anything invisible. */
  readonly name: string | null;
  /** `ssh-ed25519 AAAA… comment`. */
  readonly keyLine: string;
}

/** What differs between one new policy and another. */
export interface NewPolicy {
  /** Null for a template, which knows nobody yet. */
  readonly operator: Operator | null;
  /** The key of the jobs; null where there is none yet. */
  readonly ci: Pick<Operator, "id" | "keyLine"> | null;
  /** At least one. */
  readonly stages: readonly NewStage[];
  readonly log: LogPlace;
  readonly preset: PresetName;
}

/** The roles that the rules below name, all of them the operator's to begin with. */
const operatorRoles: readonly string[] = ["developer", "oncall"];

/** The text of the policy; with `log.id` null it is one that has no log yet. */
export function policyText({ operator, ci, stages, log, preset: name }: NewPolicy): string {
  const preset = presets[name];
  const about = name === "solo" ? [] : ["", ...preset.about.map((line) => ` ${line}`)];
  return `# yaml-language-server: $schema=./policy.schema.json
#
# Who may opt out of which stage of the pipeline, and for how long. It counts as it stands on the
# default branch, so a change to it is a reviewed change. To check it: optout policy check
${about.map((line) => `#${line}\n`).join("")}version: 1

# Where the record of every override is kept. The id pins this very log; never change it by hand.
log: ${logText(log)}

# People, and what runs in CI. A person may have several keys and still counts once.
principals:${operator === null ? " {}" : `\n${operatorText(operator)}`}
${rolesText(preset)}  # A colleague; the line comes from: optout keys show --ssh
  # bob: { name: Bob Ruiz, roles: [${preset.otherRoles[0] ?? "release-manager"}], keys: ["ssh-ed25519 AAAA... bob@laptop"] }
  # The key of your jobs, so that they can record what they used. It can override nothing.
  ${ciText(ci)}

# The stages that may be opted out of. In a job: optout run ${stages[0]?.id ?? "lint"} -- COMMAND
stages:
${stages.map(stageText).join("\n")}
  # No one can skip this one, by any role, flag or emergency:
  # license: { kind: legal, never: [skip, allow-failure] }

# The first rule that matches decides. No match means refused.
rules:
${rulesText(stages, preset)}
${preset.rest.map((line) => `${line}\n`).join("")}`;
}

function operatorText({ id, name, keyLine }: Operator): string {
  return `  ${quoted(id)}:
${name === null ? "" : `    name: ${JSON.stringify(name)}\n`}    roles: [${operatorRoles.join(", ")}]
    keys:
      - ${JSON.stringify(keyLine)}`;
}

function ciText(ci: NewPolicy["ci"]): string {
  const { id, keyLine } = ci ?? { id: "ci", keyLine: "ssh-ed25519 AAAA... ci" };
  return `${ci === null ? "# " : ""}${quoted(id)}: { kind: ci, keys: [${JSON.stringify(keyLine)}] }`;
}

function rolesText({ otherRoles }: Preset): string {
  if (otherRoles.length === 0) return "";
  return `  # The rules below need people with these roles: ${otherRoles.join(", ")}\n`;
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

function stageText({ id, kind, environment, from }: NewStage): string {
  const where = from !== null && plainPath.test(from.file) ? ` # ${from.file}` : "";
  const place =
    environment === null || !plainName.test(environment)
      ? ""
      : `, environment: ${quoted(environment)}`;
  return `  ${quoted(id)}: { kind: ${kind}${place} }${where}`;
}

/** An environment whose name is a stranger one is left for its people to write down. */
const plainName = /^[A-Za-z0-9._/ -]{1,100}$/;

/** What may stand in a comment: a name of a file is whatever somebody made it. */
const plainPath = /^[A-Za-z0-9._/-]{1,60}$/;

/** A rule for which there is no stage yet is there as a comment. */
function rulesText(stages: readonly NewStage[], { rules }: Preset): string {
  const lines = rules.flatMap((rule) =>
    stages.some(({ kind }) => kind === rule.kind) ? rule.lines : comment(rule.lines),
  );
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
