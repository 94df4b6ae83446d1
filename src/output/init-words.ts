/**
 * What `optout init` says: what it asks, what it did, and what is left to do.
 */
import type { ForgeName } from "../core/forge-name.ts";
import type { NewStage } from "../core/new-stage.ts";
import type { PublicKey } from "../core/keys.ts";
import type { LogCreated } from "../core/statement.ts";
import type { UnixSeconds } from "../core/policy.ts";
import { forTerminal } from "./escape.ts";
import { marked, type Paint } from "./paint.ts";
import { momentWords } from "./times.ts";

export interface InitReport {
  /** `completed`: it was there, and got the log's id. */
  readonly policy: {
    readonly path: string;
    readonly outcome: "written" | "completed" | "in-place";
  };
  /** `differs`: it is there, and not what this version would write. */
  readonly schema: { readonly path: string; readonly outcome: "written" | "differs" | "in-place" };
  readonly log: {
    readonly store: string;
    readonly branch: string | null;
    readonly id: string;
    /** `adopted`: it was there, and the policy did not name it yet. */
    readonly outcome: "created" | "adopted" | "in-place";
  };
  /** Whoever the log or the policy needed; null where it needed nobody. */
  readonly operator: InitOperator | null;
  /** The key of the jobs, where one was wanted. */
  readonly ci: CiKey | null;
  /** How the file of such a key is to be called here. */
  readonly ciKeyName: string;
  /** Those of a new policy; none where there was one. */
  readonly stages: readonly NewStage[];
  /** A stage to show how a job asks. */
  readonly stage: string;
  readonly remote: string | null;
  /** That the remote's host is likely to be. */
  readonly forge: ForgeName | null;
}

export interface InitOperator {
  readonly principal: string;
  readonly key: PublicKey;
  readonly source: string;
  readonly made: "with a passphrase" | "without a passphrase" | null;
}

export interface CiKey {
  readonly principal: string;
  readonly key: PublicKey;
  /** Of the private half. */
  readonly path: string;
  readonly made: boolean;
}

/** For stderr. */
export function initTalk(report: InitReport, paint: Paint): readonly string[] {
  const { policy, schema, log, operator, ci, stages } = report;
  const step = (name: string, text: string): string =>
    marked(paint, "restored", `${name.padEnd(8)} ${text}`);
  return [
    ...(operator === null ? [] : [step("key", keyWords(operator))]),
    ...(ci === null ? [] : [step("key", ciKeyWords(ci))]),
    step("log", `${spelled(log.outcome)}: ${forTerminal(log.store)}, id ${log.id}`),
    ...stageLines(stages, step),
    step("policy", `${policyOutcomes[policy.outcome]}: ${policy.path}`),
    schema.outcome === "differs"
      ? marked(
          paint,
          "suspended",
          `schema   of another version: optout policy schema > ${schema.path}`,
        )
      : step("schema", `${spelled(schema.outcome)}: ${schema.path}`),
  ];
}

/** Where each proposed stage came from; nothing about those that somebody named. */
function stageLines(
  stages: readonly NewStage[],
  step: (name: string, text: string) => string,
): readonly string[] {
  const found = stages.filter(({ from }) => from !== null);
  if (found.length === 0) return [];
  const lines = found.map(
    (stage) => `${" ".repeat(11)}${stage.kind.padEnd(8)} ${stageChoice(stage)}`,
  );
  return [step("stages", "found in this repository; --stage ID names others"), ...lines];
}

/** A stage, and where it was found. */
export function stageChoice({ id, from }: NewStage): string {
  return from === null ? id : `${id} (${forTerminal(from.file)}:${from.line})`;
}

const policyOutcomes: Readonly<Record<InitReport["policy"]["outcome"], string>> = {
  written: "written, with you in it",
  completed: "got the id of the log, nothing else is changed",
  "in-place": "in place",
};

function keyWords({ principal, key, source, made }: InitOperator): string {
  const how = made === null ? "" : `made ${made}: `;
  return `${how}${forTerminal(source)} ${key.fingerprint}, you are ${principal}`;
}

function ciKeyWords({ principal, key, path, made }: CiKey): string {
  const how = made ? "made without a passphrase" : "in place";
  return `${how}: key file ${forTerminal(path)} ${key.fingerprint}, for jobs (${principal})`;
}

/** A key at hand, where one of several is chosen. */
export function keyChoice(source: string, { fingerprint }: PublicKey): string {
  return `${forTerminal(source)} ${fingerprint}`;
}

export const ciKeyQuestion =
  "Make a key for CI too, by which jobs record what they use? It can override nothing.";

export const newKeyChoice = "a new one, for optout alone";

/** What a terminal is asked before a log is begun. */
export function createQuestion(store: string, path: string | null): string {
  const log = `begin the log ${forTerminal(store)}`;
  return path === null ? `${capital(log)}?` : `${capital(log)} and write ${path}?`;
}

/** What a terminal is asked before a log that is there is taken. */
export function adoptQuestion(
  store: string,
  { by, iat }: LogCreated,
  { now, zone }: { readonly now: UnixSeconds; readonly zone: string },
): string {
  const begun = `begun and signed by ${by} at ${momentWords(iat, now, zone)}`;
  return `${forTerminal(store)} has a log already, ${begun}. Take it?`;
}

/** Who a beginning says it is by, for a refusal: none of it is proven. */
export function claimWords({ by, iat, repository }: LogCreated): string {
  const when = new Date(iat * 1000).toISOString().slice(0, 10);
  const name = `${repository.host}/${repository.name}`;
  return `it says: by ${forTerminal(by)} on ${when}, for ${forTerminal(name)}`;
}

const spelled = (outcome: string): string => outcome.replace("-", " ");

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
