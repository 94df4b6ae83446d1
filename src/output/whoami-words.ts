/**
 * What `optout whoami` says: the principal, the key, and what the rules let them do.
 */
import { formatDuration } from "../core/duration.ts";
import type { Action, Principal } from "../core/policy.ts";
import { approvalWords } from "./approval-words.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";
import type { ReadyJson } from "./ready-words.ts";
import { shortSha } from "./scope-words.ts";
import { tableText, type Column } from "./table.ts";

/** What the rule that decides about a stage lets somebody do. */
export interface Permission {
  readonly stage: string;
  /** Null where no rule matches. */
  readonly rule: string | null;
  /** Empty where the rule lets this person do nothing. */
  readonly actions: readonly Action[];
  readonly longestSeconds: number | null;
  readonly approvals: { readonly count: number; readonly from: readonly string[] } | null;
  /** Whether `--emergency` is open to this person. */
  readonly emergency: boolean;
}

/** Whom the forge of the remote takes this user for. */
export interface ForgeAccount {
  readonly forge: string;
  readonly host: string;
  readonly login: string;
  /** What `github_id` and `gitlab_id` of the policy are. */
  readonly id: number;
}

export interface Whoami {
  /** With what kept it from being told; both null where the remote is on no forge. */
  readonly account: { readonly is: ForgeAccount | null; readonly problem: string | null };
  readonly principal: Principal;
  readonly key: {
    readonly kid: string;
    readonly fingerprint: string;
    readonly ssh: string;
    readonly source: string;
  };
  readonly policy: {
    readonly source: string;
    readonly commit: string;
    readonly digest: string;
  };
  /** The receiving branch that the permissions are told for; null where none is known. */
  readonly branch: string | null;
  readonly permissions: readonly Permission[];
}

/** Who, by which key and policy. */
export function whoamiHead(
  { principal, key, policy, account }: Whoami,
  paint: Paint,
): readonly string[] {
  const name = principal.name === null ? "" : ` (${forTerminal(principal.name)})`;
  return [
    marked(paint, "restored", `${paint("strong", principal.id)}${name}: ${rolesOf(principal)}`),
    `  key     ${forTerminal(key.source)} ${key.fingerprint}`,
    `  policy  ${forTerminal(policy.source)} (${shortSha(policy.commit)})`,
    ...accountLine(account),
  ];
}

function accountLine({ is, problem }: Whoami["account"]): readonly string[] {
  if (is === null) return problem === null ? [] : [`  forge   ${forTerminal(problem)}`];
  const { forge, host, login, id } = is;
  return [`  forge   ${forTerminal(login)} on ${forTerminal(host)} (${forge}_id: ${id})`];
}

export function whoamiText(who: Whoami, width: number, paint: Paint): string {
  const { principal, branch, permissions } = who;
  const head = [...whoamiHead(who, paint), ""];
  if (principal.kind === "ci") {
    return lines([...head, "It records uses and notices; it can override nothing."]);
  }
  const where = branch === null ? "" : ` on ${forTerminal(branch)}`;
  const table = tableText(columns, permissions, width, paint);
  return `${lines([...head, `What the rules let you do${where}:`])}${table}`;
}

export interface WhoamiJson extends Pick<Whoami, "key" | "policy" | "branch"> {
  readonly kind: "optout/whoami";
  readonly v: 1;
  readonly principal: Pick<Principal, "id" | "name" | "kind" | "roles">;
  readonly account: ForgeAccount | null;
  readonly may: readonly Permission[];
  /** With `--ready` only. */
  readonly ready?: ReadyJson;
}

export function whoamiJson(who: Whoami): WhoamiJson {
  const { principal, key, policy, branch, permissions, account } = who;
  const { id, name, kind, roles } = principal;
  return {
    kind: "optout/whoami",
    v: 1,
    principal: { id, name, kind, roles },
    key,
    policy,
    account: account.is,
    branch,
    may: permissions,
  };
}

const columns: readonly Column<Permission>[] = [
  { heading: "STAGE", text: ({ stage }) => stage },
  {
    heading: "ACTIONS",
    text: ({ actions }) => (actions.length === 0 ? "none" : actions.join(" ")),
    tone: ({ actions }) => (actions.length === 0 ? "faint" : "strong"),
  },
  {
    heading: "FOR UP TO",
    text: ({ longestSeconds }) => (longestSeconds === null ? "" : formatDuration(longestSeconds)),
  },
  { heading: "RULE", text: ({ rule }) => rule ?? "none matches" },
  { heading: "NEEDS", text: needsOf, free: true },
];

function needsOf({ approvals, emergency, actions }: Permission): string {
  if (actions.length === 0) return emergency ? "--emergency" : "";
  if (approvals === null) return "";
  const needs = approvalWords(approvals);
  return emergency ? `${needs}, or --emergency` : needs;
}

function rolesOf({ roles, kind }: Principal): string {
  if (kind === "ci") return "a CI identity";
  return roles.length === 0 ? "no role" : roles.map(forTerminal).join(", ");
}

const lines = (all: readonly string[]): string => `${all.join("\n")}\n`;
