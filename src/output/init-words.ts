/**
 * What `optout init` says: what it asks, what it did, and what is left to do.
 */
import type { NewStage } from "../core/new-stage.ts";
import type { PublicKey } from "../core/keys.ts";
import type { LogCreated } from "../core/statement.ts";
import type { UnixSeconds } from "../core/policy.ts";
import { shellWord } from "./command-words.ts";
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
  /** Those of a new policy; none where there was one. */
  readonly stages: readonly NewStage[];
  /** A stage to show how a job asks. */
  readonly stage: string;
  readonly remote: string | null;
  /** Of the remote; `local` for a path. */
  readonly host: string;
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

export interface InitJson extends Pick<InitReport, "policy" | "schema" | "log" | "stages"> {
  readonly kind: "optout/init";
  readonly v: 1;
  readonly principal: string | null;
  readonly key: {
    readonly kid: string;
    readonly fingerprint: string;
    readonly ssh: string;
    readonly source: string;
    readonly made: boolean;
  } | null;
  readonly ci: {
    readonly principal: string;
    readonly kid: string;
    readonly ssh: string;
    readonly path: string;
    readonly made: boolean;
  } | null;
  /** Commands that are left to run. */
  readonly next: readonly string[];
}

export function initJson(report: InitReport): InitJson {
  const { policy, schema, log, operator, ci, stages } = report;
  const key =
    operator === null
      ? null
      : {
          kid: operator.key.kid,
          fingerprint: operator.key.fingerprint,
          ssh: operator.key.ssh,
          source: operator.source,
          made: operator.made !== null,
        };
  return {
    kind: "optout/init",
    v: 1,
    policy,
    schema,
    log,
    principal: operator?.principal ?? null,
    key,
    ci: ci && {
      principal: ci.principal,
      kid: ci.key.kid,
      ssh: ci.key.ssh,
      path: ci.path,
      made: ci.made,
    },
    stages,
    next: nextSteps(report).flatMap(({ command }) => command ?? []),
  };
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

interface NextStep {
  readonly does: string;
  readonly command: string | null;
}

/** For stdout: nothing where everything is in place. */
export function initNext(report: InitReport): readonly string[] {
  const steps = nextSteps(report);
  if (steps.length === 0) return ["everything is in place"];
  const lines = steps.flatMap(({ does, command }, index) => [
    `${index + 1}. ${does}`,
    ...(command === null ? [] : [`     ${command}`]),
  ]);
  return ["Next:", ...lines, "Overrides work once the policy is on the default branch."];
}

function nextSteps(report: InitReport): readonly NextStep[] {
  const { policy, schema, log, stage, stages, remote } = report;
  const wrote = [policy.outcome, schema.outcome, log.outcome].some((one) => one !== "in-place");
  if (!wrote) return [];
  const push = remote === null ? "" : " && git push";
  const commit: NextStep = {
    does: "Commit the policy, and have it merged into the default branch:",
    command: `git add .optout && git commit -m "Add the optout policy"${push}`,
  };
  const ask: NextStep = {
    does: "Let the job of the stage ask:",
    command: `optout run ${stage} -- ${commandFor(stage)}`,
  };
  const gated = stages.filter(({ gate = null }) => gate !== null);
  const asks = [
    ...(gated.some(({ id }) => id === stage) ? [] : [ask]),
    ...(["github", "gitlab"] as const).flatMap((gate) => gateStep(gate, gated)),
  ];
  if (log.branch === null) return [commit, ...asks, ...secretStep(report)];
  const protect = `Protect the branch ${forTerminal(log.branch)}: linear history, no force push, no deletion.`;
  return [commit, ...asks, { does: protect, command: null }, ...credentialSteps(report)];
}

const templates = {
  github: "templates/github/workflows/ci.yml",
  gitlab: "templates/optout-gate/template.yml",
} as const;

/** For stages whose own jobs may be unable to ask: an image that does not start asks nothing. */
function gateStep(platform: "github" | "gitlab", gated: readonly NewStage[]): readonly NextStep[] {
  const ids = gated.filter(({ gate }) => gate === platform).map(({ id }) => id);
  if (ids.length === 0) return [];
  const what = ids.length === 1 ? "its job starts, for its" : "their jobs start, for their";
  const flags = platform === "github" ? "" : " --format gitlab-child --output optout-child.yml";
  return [
    {
      does: `Let a gate decide about ${ids.join(", ")} before ${what} image or runner may be what is broken (${templates[platform]}):`,
      command: `optout gate ${ids.join(" ")}${flags}`,
    },
  ];
}

/** What a job needs that is to write; one that only obeys needs nothing. */
function credentialSteps(report: InitReport): readonly NextStep[] {
  const forge = forgeOf(report);
  if (report.policy.outcome !== "written" || forge === null) return secretStep(report);
  const credential =
    forge === "gitlab"
      ? "a project access token with write_repository"
      : "a deploy key that may write, or an App";
  const [secret] = secretStep(report);
  if (secret !== undefined) {
    const does = `Let the jobs that record push, by ${credential} (docs/ci-that-writes.md); in a job this proves it:`;
    return [secret, { does, command: "optout doctor" }];
  }
  return [
    {
      does: `Where CI is to record uses and notices (--once, record_use), give it a key, and ${credential} (docs/ci-that-writes.md); optout doctor in a job proves it:`,
      command: "optout keys create ci --no-passphrase",
    },
  ];
}

function forgeOf({ host }: InitReport): "github" | "gitlab" | null {
  const [, forge] = /(?:^|\.)(github|gitlab|ghe)\./.exec(host) ?? [];
  if (forge === undefined) return null;
  return forge === "gitlab" ? "gitlab" : "github";
}

/** Where the key of the jobs goes. */
function secretStep(report: InitReport): readonly NextStep[] {
  if (report.ci === null) return [];
  const file = shellWord(report.ci.path);
  const does = "Hand the key to the jobs as a secret, and delete its file:";
  switch (forgeOf(report)) {
    case "github":
      return [{ does, command: `gh secret set OPTOUT_KEY < ${file} && rm ${file}` }];
    case "gitlab":
      return [
        { does, command: `glab variable set OPTOUT_KEY_FILE --type file < ${file} && rm ${file}` },
      ];
    case null:
      return [{ does: `Hand the jobs that record ${file} as OPTOUT_KEY_FILE.`, command: null }];
  }
}

function commandFor(stage: string): string {
  if (stage === "lint") return "npm run lint";
  return stage === "unit-tests" ? "npm test" : "COMMAND";
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
