/**
 * What `optout policy can-i` answers, for people and as JSON.
 */
import type { Authorization, Request } from "../core/authorize.ts";
import { exitStatus } from "../core/exit.ts";
import type { Action, Freeze } from "../core/policy.ts";
import { commandLine, suggestionLine, suggestionLines, type Suggestion } from "./command-words.ts";
import { forTerminal } from "./escape.ts";
import { refusalLines, ruleWords } from "./issue-words.ts";
import { objectionWords } from "./objection-words.ts";
import { scopeJson, type ScopeJson } from "./override-json.ts";
import { marked, type Paint } from "./paint.ts";
import { scopeWords } from "./scope-words.ts";
import { freezeWords } from "./words.ts";

export interface CanI {
  readonly request: Omit<Request, "author" | "kid" | "account">;
  readonly authorization: Authorization;
  /** What would work, the nearest first. */
  readonly nearby: readonly Suggestion[];
  /** Id of the principal that it was asked for. */
  readonly principal: string;
  readonly policySource: string;
  /** The words of the scope as they were typed. */
  readonly place: readonly string[];
  /** That is above it, and would leave it without effect. */
  readonly freeze: Freeze | null;
}

const answers = { allowed: "yes", pending: "pending", refused: "no" } as const;
const exits = { allowed: "ok", pending: "pending", refused: "refused" } as const;

/** The answer first, then the command that does it. */
export function canILines(answer: CanI, paint: Paint): readonly string[] {
  const { request, authorization, nearby, place, policySource } = answer;
  const who = forTerminal(answer.principal);
  if (authorization.kind === "refused") {
    const told = [{ request, refused: authorization.refused, nearby }];
    return [
      marked(paint, "violation", `no, ${who} may not`),
      ...refusalLines(told, { policySource, place, paint }),
    ];
  }
  const { action, stage, emergency, scope } = request;
  const asked = { action, emergency, target: { type: "stage", name: stage } } as const;
  const rule = ruleWords(authorization, asked, who);
  const where = `  on ${scopeWords(scope)}`;
  const yes =
    authorization.kind === "allowed"
      ? marked(paint, "restored", `yes: ${rule}`)
      : marked(paint, "waiting", `yes, once it is approved: ${rule}`);
  const frozen =
    answer.freeze === null
      ? []
      : [marked(paint, "violation", `without effect now: ${freezeWords(stage, answer.freeze)}`)];
  const [exact, ...others] = nearby;
  const commands = [
    ...(exact === undefined ? [] : [suggestionLine(exact, place, "command")]),
    ...suggestionLines(others, place),
  ];
  return [...frozen, yes, where, ...commands];
}

interface RuleJson {
  readonly id: string;
  readonly line: number;
}

export interface CanIJson {
  readonly kind: "optout/can-i";
  readonly v: 1;
  readonly answer: (typeof answers)[keyof typeof answers];
  readonly exit: number;
  readonly action: Action;
  readonly target: { readonly type: "stage"; readonly name: string };
  readonly scope: ScopeJson;
  readonly durationSeconds: number;
  readonly emergency: boolean;
  readonly by: string;
  readonly rule: RuleJson | null;
  /** It would be recorded without effect. */
  readonly frozen: { readonly freeze: string; readonly line: number } | null;
  readonly approvals: { readonly count: number; readonly from: readonly string[] } | null;
  readonly refused: readonly {
    readonly place: string;
    readonly rule: RuleJson | null;
    readonly objections: readonly { readonly code: string; readonly message: string }[];
  }[];
  readonly commands: readonly {
    readonly line: string;
    readonly emergency: boolean;
    readonly waits: boolean;
  }[];
}

export function canIJson(answer: CanI): CanIJson {
  const { request, authorization, nearby, principal, place } = answer;
  const { action, stage, scope, duration, emergency } = request;
  const { kind } = authorization;
  const rule = kind === "refused" ? null : authorization.rule;
  const refused = kind === "refused" ? authorization.refused : [];
  return {
    kind: "optout/can-i",
    v: 1,
    answer: answers[kind],
    exit: exitStatus(exits[kind]),
    action,
    target: { type: "stage", name: stage },
    scope: scopeJson(scope),
    durationSeconds: duration,
    emergency,
    by: principal,
    rule: rule === null ? null : { id: rule.id, line: rule.line },
    frozen: answer.freeze === null ? null : { freeze: answer.freeze.id, line: answer.freeze.line },
    approvals:
      kind === "pending"
        ? { count: authorization.approvals.count, from: authorization.approvals.from }
        : null,
    refused: refused.map((one) => ({
      place: one.place,
      rule: one.rule === null ? null : { id: one.rule.id, line: one.rule.line },
      objections: one.objections.map((objection) => ({
        ...objection,
        message: objectionWords(objection),
      })),
    })),
    commands: nearby.map((one) => ({
      line: commandLine(one, place),
      emergency: one.request.emergency,
      waits: one.authorization?.kind === "pending",
    })),
  };
}
