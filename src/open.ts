/**
 * The composition: opens what a command asks for, from the environment and the clone, lazily and
 * once. With the other `open-*.ts`, the only files that know the implementations.
 */
import { basename, resolve } from "node:path";
import type { Ahead } from "./ahead.ts";
import { quickTimeout } from "./asked-of-remotes.ts";
import type { Call } from "./commands/command.ts";
import { durationIn } from "./commands/flag-value.ts";
import type { FoundKeys, Openers, Workplace } from "./commands/openers.ts";
import type { Account } from "./core/account.ts";
import { OptoutError } from "./core/errors.ts";
import type { ForgeName } from "./core/forge-name.ts";
import type { ApiSetting, ForgeApi, SignIns } from "./forges/api.ts";
import type { Forge, JobFacts } from "./forges/forge.ts";
import { github } from "./forges/github.ts";
import { gitlab } from "./forges/gitlab.ts";
import { assertOfJob, factsOf, isOfJob } from "./forges/job.ts";
import {
  openTrustedLog,
  stopsInKnownPolicies,
  stopsInPoliciesAbove,
  type LogAccess,
} from "./open-log.ts";
import { remoteOpeners } from "./open-remote.ts";
import { openStore, type StoreSetting } from "./open-store.ts";
import type { Io } from "./output/io.ts";
import { Witness } from "./stores/witnessed.ts";
import type { Clone } from "./system/clone.ts";
import { sleep } from "./system/deadline.ts";
import { readLocalClone } from "./system/local-clone.ts";
import { placesOf } from "./system/places.ts";
import { repositoryUrl } from "./system/repository-argument.ts";
import { parseRepositoryUrl } from "./system/repository-url.ts";
import { startTimeLimit, type TimeLimit } from "./system/time-limit.ts";

const forges: readonly Forge[] = [github, gitlab];

const forgeApis: Readonly<Record<ForgeName, (setting: ApiSetting) => Promise<ForgeApi>>> = {
  github: async (setting) => (await import("./forges/github-api.ts")).openGithubApi(setting),
  gitlab: async (setting) => (await import("./forges/gitlab-api.ts")).openGitlabApi(setting),
};

/** Seconds after which another command than a job's gives up, where `--timeout` does not say. */
const otherTimeout = 30;
/** Approvals come within seven days, or not at all. */
const longestWait = 8 * 86_400;

/** The directory to start in, and the URL of a repository that is named instead. */
function whereOf(call: Call, io: Io): { readonly directory: string; readonly url: string | null } {
  const directory = resolve(io.cwd, call.text("chdir") ?? ".");
  const named = call.text("repo");
  const url = named === undefined ? null : repositoryUrl(named, { cwd: directory, env: io.env });
  return { directory, url };
}

/** The openers of one command, and the end of its deadline. */
export function openersFor(call: Call, io: Io, begun: Ahead | null): Openers & { close(): void } {
  const { directory, url } = whereOf(call, io);
  const ahead = url === null && isAsked(begun, call, directory) ? begun : null;
  const limit = ahead?.limit ?? startTimeLimit(timeoutSeconds(call) * 1000);
  const { deadline } = limit;
  const witness = new Witness();
  const stopListening = onInterrupt(call, () => limit.interrupt(witness.interrupted()));
  const signIns = once(() => openSignIns(io, deadline));
  const where = { directory, url, signIns };
  const clone = once(() => ahead?.clone ?? openClone(where, deadline, io));
  const access = async (): Promise<LogAccess> => {
    const setting = { clone: await clone(), deadline, interactive: mayInteract(call, io) };
    return accessOf({ ...setting, env: io.env }, witness, ahead?.together ?? null);
  };
  const forge = once(async () => (await signIns()).api(workplaceOf(await clone()).repository));
  return {
    signIns,
    forge,
    account: once(() => accountOf(forge)),
    ...remoteOpeners(access),
    close: () => {
      limit.close();
      stopListening();
    },
    paused: (ask) => limit.pausedFor(ask),
    sleep: (milliseconds) => sleep(milliseconds, deadline, "waiting"),
    // only when it is asked for: facts in doubt are the failure of what needs them
    job: once(() => jobOf(io, url, clone)),
    workplace: async () => workplaceOf(await clone()),
    identity: async () => {
      if (url !== null) return (await clone()).identity;
      const { readClone } = await import("./system/clone.ts");
      return (await readClone(directory, { deadline })).identity;
    },
    committedFile: async (ref, path) => {
      const { committedFile } = await import("./system/committed-file.ts");
      return committedFile(await clone(), ref, path, { deadline });
    },
    log: once(async () => openTrustedLog(await access(), io.env["OPTOUT_LOG_ID"] || undefined)),
    knownLog: async () => (await import("./open-known.ts")).knownLog(access),
    store: async (place) => (await access()).openStore(place),
    keys: async (keyName) => {
      const host = await hostOf(clone);
      return findKeys(call, io, limit, { host, keyName });
    },
    keyring: async () => {
      const { openKeyring } = await import("./signers/keyring.ts");
      const host = await hostOf(clone);
      return openKeyring(placesOf(io.env), { env: io.env, host, deadline });
    },
    stopsWhenUnreachable: (stage, trouble) =>
      clone().then(
        (found) => stopsInKnownPolicies(found, { stage, trouble, deadline }),
        () => stopsInPoliciesAbove(directory, stage),
      ),
    sinks: async (channels) => (await import("./open-sinks.ts")).openSinks(channels, io.env, forge),
  };
}

function accessOf(
  setting: Omit<StoreSetting, "ahead">,
  witness: Witness,
  together: LogAccess["together"],
): LogAccess {
  return {
    ...setting,
    together,
    openStore: async (place, ahead) =>
      witness.watch(await openStore(place, { ...setting, ahead }), setting.deadline),
  };
}

/** Whether what was begun before the line was read is what the line asks for. */
function isAsked(begun: Ahead | null, call: Call, directory: string): boolean {
  return begun?.directory === directory && timeoutSeconds(call) === quickTimeout;
}

/**
 * Ctrl-C ends what waits, so that git ends in order; a second one ends the process. `run` passes the
 * signal on to its command instead.
 */
function onInterrupt({ command }: Call, interrupt: () => void): () => void {
  if (command.takesCommand === true) return () => undefined;
  process.once("SIGINT", interrupt);
  return () => process.off("SIGINT", interrupt);
}

/** Whether git and ssh may ask on the terminal; jobs' commands never do. */
function mayInteract(call: Call, io: Io): boolean {
  if (isQuick(call) || asksNobody(call) || call.has("no-input")) return false;
  return (io.env["CI"] ?? "") === "" && io.stderrIsTerminal;
}

const asksNobody = ({ command }: Call): boolean => command.name === "doctor";

const isQuick = ({ command }: Call): boolean => command.group === "IN CI";

function timeoutSeconds(call: Call): number {
  const given = durationIn(call, "timeout");
  // who waits for people ends by herself; what is left of a trip to the log comes on top
  if (call.has("wait")) return (given ?? longestWait) + otherTimeout;
  return given ?? call.command.timeoutSeconds ?? (isQuick(call) ? quickTimeout : otherTimeout);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

// --- the clone

/** The facts of this job; none of a job of another repository than the one that is named. */
async function jobOf(
  { env }: Io,
  url: string | null,
  clone: () => Promise<Clone>,
): Promise<JobFacts | null> {
  const facts = factsOf(forges, env);
  if (facts === null || (url !== null && !isOfJob(facts, parseRepositoryUrl(url)))) return null;
  assertOfJob(facts, (await clone()).remote);
  return facts;
}

/** A clone that has no remote is read without git, which it would cost as much as all the rest. */
async function openClone(
  { directory, url, signIns }: ReturnType<typeof whereOf> & Pick<Openers, "signIns">,
  deadline: AbortSignal,
  io: Io,
): Promise<Clone> {
  if (url !== null) {
    const { openNamed } = await import("./open-named.ts");
    return openNamed(url, { io, deadline, signIns });
  }
  const local = readLocalClone(directory, io.env);
  if (local !== null) return local;
  const { readClone } = await import("./system/clone.ts");
  return readClone(directory, { deadline });
}

function workplaceOf({ topLevel, branch, head, remote, cwd }: Clone): Workplace {
  const repository = remote?.repository ?? { host: "local", name: basename(cwd) };
  return { root: topLevel, branch, sha: head, remote: remote?.name ?? null, repository };
}

// --- the forge

async function openSignIns(io: Io, deadline: AbortSignal): Promise<SignIns> {
  const module = await import("./forges/sign-ins.ts");
  const setting = { env: io.env, places: placesOf(io.env), deadline, now: io.now() };
  return module.openSignIns(setting, (forge, api) => forgeApis[forge](api));
}

/** Null where nobody is signed in; any other failure is no answer. */
async function accountOf(forge: () => Promise<ForgeApi>): Promise<Account | null> {
  try {
    return await (await forge()).whoAmI();
  } catch (error) {
    if (error instanceof OptoutError && error.code === "not-signed-in") return null;
    throw error;
  }
}

// --- keys

/** Of the remote, as far as there is a clone with one: keys are looked at outside of clones too. */
async function hostOf(clone: () => Promise<Clone>): Promise<string | null> {
  return clone().then(
    ({ remote }) => remote?.repository.host ?? null,
    () => null,
  );
}

async function findKeys(
  call: Call,
  io: Io,
  limit: TimeLimit,
  wanted: { readonly host: string | null; readonly keyName: string | undefined },
): Promise<FoundKeys> {
  const { findSigners } = await import("./signers/find-signers.ts");
  const { askPassphrase, canPrompt } = await import("./output/prompt.ts");
  const mayAsk = !asksNobody(call) && canPrompt(io, { noInput: call.has("no-input") });
  return findSigners({
    env: io.env,
    places: placesOf(io.env),
    deadline: limit.deadline,
    ...wanted,
    askPassphrase: mayAsk
      ? (question) => limit.pausedFor(() => askPassphrase(io, question))
      : undefined,
  });
}
