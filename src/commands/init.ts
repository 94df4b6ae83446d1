/**
 * `optout init`: the operator's key, the log, the policy and its schema; with some of them in place
 * only what is missing.
 *
 * The policy is that of the work tree, for there is no trusted one yet. The log comes first and the
 * policy that names it last, each of them whole: whatever stops it in between, the next run goes on.
 */
import { ciKeyName } from "../core/key-names.ts";
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import type { NewStage } from "../core/new-stage.ts";
import { parsePolicy } from "../core/policy-parse.ts";
import type { Policy } from "../core/policy.ts";
import { withLogId } from "../operations/init-policy.ts";
import { presetNames, type PresetName } from "../operations/policy-presets.ts";
import { policyText, type NewPolicy } from "../operations/policy-template.ts";
import { initJson } from "../output/init-json.ts";
import { initNext } from "../output/init-next.ts";
import { createQuestion, initTalk, type InitReport } from "../output/init-words.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import { canPrompt } from "../output/prompt.ts";
import { isCommandLine, linesFor, talkFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import {
  createFile,
  readInitFiles,
  replacePolicy,
  schemaPath,
  schemaText,
  type InitFiles,
} from "./init-files.ts";
import { chooseCiKey } from "./init-ci.ts";
import { showChanges, unknownId } from "./init-changes.ts";
import { adoptOrCreate, assertNamedLog, beginnable, type LogOutcome } from "./init-log.ts";
import { agree, chooseKey, knownKey, operatorId, type InitCall } from "./init-operator.ts";
import { chosenStages } from "./init-stages.ts";
import { assertSamePlace, placeOf } from "./init-place.ts";
import type { Openers } from "./openers.ts";
import { paintErr } from "./paint.ts";
import { policyPath } from "./policy-file.ts";
import { typedLine, withAnswer } from "./typed.ts";

export async function init(call: Call, io: Io, open: Openers): Promise<number> {
  const asks = canPrompt(io, { noInput: call.has("no-input") }) && !call.has("yes");
  const initCall: InitCall = { call, io, open, asks };
  const { root, remote, repository } = await open.workplace();
  if (root === null) {
    const what = call.has("repo") ? "--repo" : "a bare repository";
    throw new OptoutError("usage", `${what} has no work tree to write a policy to`, {
      hint: "run it in a clone, or name one with -C DIR",
    });
  }
  const files = readInitFiles(root);
  const settled =
    files.policy === null
      ? await begin(initCall, files)
      : await complete(initCall, files, parsePolicy(files.policy, policyPath));
  const schema = settleSchema(files);
  settled.write();
  const [stage = "lint"] = settled.policy.stages.keys();
  const { outcome, log, operator, ci, stages } = settled;
  await tell(call, io, {
    policy: { path: policyPath, outcome },
    schema: { path: schemaPath, outcome: schema },
    log: { ...log, branch: settled.policy.log.store === "git" ? settled.policy.log.branch : null },
    operator,
    ci,
    ciKeyName: ciKeyName(repository.name),
    stages,
    stage,
    remote,
    forge: (await open.signIns()).likelyForge(repository.host),
  });
  return exitStatus("ok");
}

/** The log is there; what is left is to write the policy that names it. */
interface Settled {
  readonly policy: Policy;
  readonly outcome: InitReport["policy"]["outcome"];
  readonly log: LogOutcome;
  readonly operator: InitReport["operator"];
  readonly ci: InitReport["ci"];
  /** Those of a new policy. */
  readonly stages: readonly NewStage[];
  readonly write: () => void;
}

/** No policy yet: a new one, with the operator as its first principal. */
async function begin(initCall: InitCall, files: InitFiles): Promise<Settled> {
  const { call, io, open } = initCall;
  const place = placeOf(call, io);
  const store = await open.store(place);
  const isEmpty = await beginnable(open, place, store);
  const identity = await open.identity();
  const id = await operatorId(initCall, identity);
  const stages = await chosenStages(initCall, files.root);
  const chosen = await chooseKey(initCall, id, { mayMake: isEmpty });
  const forCi = await chooseCiKey(initCall, { id, key: chosen.key }, place);
  const wanted = (key: string, ciKey: string, logId: string | null): NewPolicy => ({
    operator: { id, name: printable(identity.name), keyLine: `${key} ${id}` },
    ci: forCi && { id: forCi.principal, keyLine: `${ciKey} ${forCi.principal}` },
    stages,
    log: { ...place, id: logId },
    preset: presetOf(call),
  });
  const unmade = "(the key that is made next)";
  const shown = policyText(wanted(chosen.key?.ssh ?? unmade, forCi?.ssh ?? unmade, unknownId));
  await showChanges(initCall, files, shown);
  if (initCall.asks) {
    const named = withAnswer(withAnswer(call, "as", id), "stage", ...stages.map((one) => one.id));
    const line = forCi === null ? named : withAnswer(named, "ci-key", "");
    const note = chosen.key === null ? "   (makes a key without a passphrase)" : "";
    io.err(`  the same without questions:  ${typedLine(line, ["--yes"])}${note}\n\n`);
  }
  if (isEmpty) await agree(initCall, createQuestion(store.name, policyPath));
  const operator = await chosen.ready();
  const ci = forCi === null ? null : await forCi.ready();
  const textFor = (logId: string | null): string =>
    policyText(wanted(operator.key.ssh, ci?.key.ssh ?? "", logId));
  const policy = parsePolicy(Buffer.from(textFor(null)), policyPath);
  const log = await adoptOrCreate(initCall, { store, policy, operator: async () => operator });
  const text = textFor(log.id);
  parsePolicy(Buffer.from(text), policyPath);
  const write = (): void => createFile(files.root, policyPath, text);
  return { policy, outcome: "written", log, operator, ci, stages, write };
}

function presetOf(call: Call): PresetName {
  const given = call.text("preset");
  return presetNames.find((name) => name === given) ?? "solo";
}

/** A policy is there: whatever it lacks. */
async function complete(initCall: InitCall, files: InitFiles, policy: Policy): Promise<Settled> {
  const { call, io, open } = initCall;
  if (call.has("preset")) {
    throw new OptoutError("usage", `${policyPath} is there, so no preset can be written`, {
      hint: `optout policy test   (templates/policy shows the presets)`,
    });
  }
  assertKnows(policy, call);
  if (call.has("ci-key")) {
    throw new OptoutError(
      "usage",
      `${policyPath} is there, and its principals are yours to change`,
      {
        hint: `optout keys create ${ciKeyName((await open.workplace()).repository.name)} --no-passphrase   (docs/ci-that-writes.md)`,
      },
    );
  }
  assertSamePlace(call, io, policy.log);
  const store = await open.store(policy.log);
  if (policy.log.id !== null) {
    const log = await assertNamedLog(store, policy, policy.log.id);
    const nothing = { operator: null, ci: null, stages: [], write: () => undefined };
    return { policy, outcome: "in-place", log, ...nothing };
  }
  const isEmpty = await beginnable(open, policy.log, store);
  await showChanges(initCall, files, withLogId(policy.text, unknownId, policyPath));
  if (isEmpty) {
    await agree(initCall, createQuestion(store.name, null));
  }
  const log = await adoptOrCreate(initCall, {
    store,
    policy,
    operator: () => knownKey(initCall, policy),
  });
  const text = withLogId(policy.text, log.id, policyPath);
  const write = (): void => replacePolicy(files, text);
  const { operator } = log;
  return { policy, outcome: "completed", log, operator, ci: null, stages: [], write };
}

/** A policy in place is not changed, so what is asked for must be in it. */
function assertKnows({ stages, principals }: Policy, call: Call): void {
  const stage = call.texts("stage").find((id) => !stages.has(id));
  const who = call.texts("as").find((id) => !principals.has(id));
  if (stage === undefined && who === undefined) return;
  const what = stage === undefined ? `principal ${who}` : `stage ${stage}`;
  throw new OptoutError("usage", `${policyPath} is there, and has no ${what}; add it there`, {
    hint: "optout policy check   (after the change)",
  });
}

function settleSchema({ root, schema }: InitFiles): InitReport["schema"]["outcome"] {
  const text = schemaText();
  if (schema !== null) return schema.equals(Buffer.from(text)) ? "in-place" : "differs";
  createFile(root, schemaPath, text);
  return "written";
}

/** A name that a policy accepts, or none. */
function printable(name: string | null): string | null {
  return name !== null && /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u.test(name) ? name : null;
}

async function tell(call: Call, io: Io, report: InitReport): Promise<void> {
  if (call.has("json")) {
    printJson(io, initJson(report));
    return;
  }
  if (call.has("quiet")) {
    io.out(`${report.log.id}\n`);
    return;
  }
  io.err(talkFor(io, [...initTalk(report, await paintErr(call, io)), ""]));
  io.out(linesFor(io, initNext(report), isCommandLine));
}
