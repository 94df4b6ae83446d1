/**
 * The log of `optout init`: made where there is none, taken where it is certainly ours, refused with
 * an explanation otherwise.
 */
import { randomBytes } from "node:crypto";

import { OptoutError } from "../core/errors.ts";
import type { LogPlace, Policy } from "../core/policy.ts";
import {
  createLog,
  isFor,
  readBeginning,
  type Beginning,
  type LogRepository,
} from "../operations/begin-log.ts";
import { adoptQuestion, claimWords, type InitReport } from "../output/init-words.ts";
import { titleOf } from "../output/title.ts";
import type { Store } from "../stores/store.ts";
import { agree, type InitCall, type SigningOperator } from "./init-operator.ts";
import type { Openers } from "./openers.ts";
import { policyPath } from "./policy-file.ts";
import { patience } from "./writer.ts";

export interface LogOutcome {
  readonly store: string;
  readonly id: string;
  readonly outcome: InitReport["log"]["outcome"];
  /** Whoever signed the beginning just now. */
  readonly operator: SigningOperator | null;
}

/**
 * Whether a log is still to be begun in the store, and can be: asked before anything is made.
 * @returns false where there is a log already
 * @throws `usage` while the remote has no default branch, `append-refused` and what the probe finds
 */
export async function beginnable(open: Openers, place: LogPlace, store: Store): Promise<boolean> {
  if ((await store.tail(1)).size > 0) return false;
  if (place.store === "git" && (await open.remoteCommit()) === null) throw noBranchYet();
  const probe = await store.probe();
  if (probe.readable && probe.appendable) return true;
  const detail = probe.detail.startsWith(store.name)
    ? probe.detail
    : `${store.name}: ${probe.detail}`;
  throw new OptoutError(probe.code ?? "append-refused", detail, { hint: otherPlace[place.store] });
}

/** What to do where a log cannot be begun. */
const otherPlace: Readonly<Record<LogPlace["store"], string>> = {
  git: "optout init --log-branch NAME, or ask who may push to the log's branch",
  dir: "optout init --store dir --path DIR, or ask who may write there",
  s3: "optout init --store s3 --bucket NAME, or ask an admin of the bucket",
};

/** Hosts make the first branch that is pushed the default one; it must not be the log. */
function noBranchYet(): OptoutError {
  return new OptoutError(
    "usage",
    "the remote has no default branch yet, and the log must not be it",
    {
      hint: "git push -u origin HEAD   (then again: optout init)",
    },
  );
}

export interface LogWanted {
  readonly store: Store;
  /** What the work tree's policy says, or will say; it names no log yet. */
  readonly policy: Policy;
  readonly operator: () => Promise<SigningOperator>;
}

/** Takes the log that is there, or creates it. */
export async function adoptOrCreate(initCall: InitCall, wanted: LogWanted): Promise<LogOutcome> {
  const { store, policy } = wanted;
  const repository = await repositoryOf(initCall.open);
  const beginning = await readBeginning(store, policy);
  if (beginning !== null) {
    await adopt(initCall, store, beginning, repository);
    return { store: store.name, id: beginning.id, outcome: "adopted", operator: null };
  }
  const operator = await wanted.operator();
  const id = await createLog({
    store,
    policy,
    signer: await operator.open(),
    by: operator.principal,
    repository,
    title: titleOf,
    now: initCall.io.now(),
    random: randomBytes(10),
    patience: patience({ maxMilliseconds: 60_000, maxTries: Infinity }),
  }).catch((thrown: unknown) => {
    throw refusedNow(thrown, policy.log);
  });
  return { store: store.name, id, outcome: "created", operator };
}

/** The rules that a host has for pushes refuse this first one as they would refuse those at night. */
function refusedNow(thrown: unknown, { store }: LogPlace): unknown {
  if (!(thrown instanceof OptoutError) || thrown.code !== "append-refused") return thrown;
  if (store !== "git") return thrown;
  const hint = [
    "where the host refuses by",
    "  the commit's message:  optout init --subject-prefix TEXT",
    "  its author:            git config user.email YOU@EXAMPLE.COM",
    "  the branch's name:     optout init --log-branch NAME",
    "  who pushes, or a missing signature: ask an admin to exempt the branch of the log",
  ].join("\n");
  return new OptoutError("append-refused", thrown.message, { hint, cause: thrown });
}

/** The forge's own id of the repository where it tells one, else a random one. */
async function repositoryOf(open: Openers): Promise<LogRepository> {
  const { repository } = await open.workplace();
  const { host, name } = repository;
  return { host, id: (await open.job())?.repositoryId ?? randomBytes(16).toString("hex"), name };
}

/**
 * Only a log that a person of this policy began for this repository is taken, and with consent: an
 * id in the policy pins a log for everyone, and whoever may push can put a log there.
 */
async function adopt(
  initCall: InitCall,
  store: Store,
  { statement, signer, id }: Beginning,
  repository: LogRepository,
): Promise<void> {
  if (signer === null) {
    throw notOurs(store, `no person of ${policyPath} signed its beginning`, { statement, id });
  }
  if (!isFor(statement, repository)) {
    const here = `${repository.host}/${repository.name}`;
    throw notOurs(store, `it was not begun for ${here}`, { statement, id });
  }
  const { io } = initCall;
  await agree(initCall, adoptQuestion(store.name, statement, { now: io.now(), zone: io.zone }));
}

function notOurs(
  store: Store,
  why: string,
  found: Pick<Beginning, "statement" | "id">,
): OptoutError {
  const claim = claimWords(found.statement);
  return new OptoutError("usage", `${store.name} has a log already, and ${why}\n${claim}`, {
    hint: [
      "git pull   (the policy that names it may be there)",
      "optout init --log-branch NAME   (begins another)",
      `or, if you know it is yours, add to log in ${policyPath}:  id: ${found.id}`,
    ].join("\n"),
  });
}

/** The log that a policy names already. @throws `log-missing`, `wrong-log` */
export async function assertNamedLog(
  store: Store,
  policy: Policy,
  id: string,
): Promise<LogOutcome> {
  const beginning = await readBeginning(store, policy);
  if (beginning === null) {
    throw new OptoutError("log-missing", `${store.name} is empty, and the policy names a log`, {
      hint: `ask who removed it; only for a new repository take log.id out of ${policyPath}`,
    });
  }
  if (beginning.id !== id) {
    throw new OptoutError(
      "wrong-log",
      `${store.name} does not begin as log.id of the policy says`,
      {
        hint: "optout verify",
      },
    );
  }
  return { store: store.name, id, outcome: "in-place", operator: null };
}
