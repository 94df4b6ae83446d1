/**
 * Whoever may push to the log's branch, and what can be done there with git alone: positions that
 * are altered, lined up anew or added.
 */
import { createHash, createPrivateKey, randomBytes, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { makeId } from "../../src/core/ids.ts";

import {
  copyOf,
  git,
  makeClone,
  must,
  optout,
  parsed,
  type Place,
  type Stage,
  type Team,
} from "./stage.ts";

export interface Scene {
  readonly stage: Stage;
  /** Alice's machine, which has seen the whole log. */
  readonly warm: Place;
  /** Another machine of hers, that sees it for the first time. */
  readonly cold: Place;
  /** Whoever may push. */
  readonly thief: Place;
}

/** A copy of the team's stage, and a thief in it. */
export async function makeScene(team: Team): Promise<Scene> {
  const stage = await copyOf(team.stage);
  const [clone, thief] = await Promise.all([makeClone(stage, "cold"), makeClone(stage, "thief")]);
  await must(stage.laptop, ["status"]);
  const cold = { ...clone, env: { XDG_DATA_HOME: join(stage.laptop.home, "data") } };
  return { stage, warm: stage.laptop, cold, thief };
}

/** An override that waits for approvals. */
export interface Asked {
  readonly seq: number;
  /** What an approval or a denial names. */
  readonly about: { readonly override: string; readonly digest: string };
}

/** Alice asks for a skip of the stage `release`, whose rule wants approvals. */
export async function askForRelease(scene: Scene, ...flags: readonly string[]): Promise<Asked> {
  const words = ["skip", "release", "-m", "notes generator is down", "--json", ...flags];
  const { status, stdout } = await optout(scene.warm, words);
  if (status !== 8) throw new Error(`skip ended ${status}, and not as one that waits`);
  const { id, seq } = parsed(stdout) as { id: string; seq: number };
  return { seq, about: { override: id, digest: hashOf(statementOf((await readLog(scene))[seq])) } };
}

// --- what a thief does with git alone

export const hashOf = (bytes: string): string =>
  createHash("sha256").update(bytes).digest("base64url");

/** The bytes of every position, oldest first. */
export async function readLog({ thief }: Scene): Promise<readonly string[]> {
  await git(thief, [
    "fetch",
    "-q",
    "origin",
    "+refs/heads/optout-log:refs/remotes/origin/optout-log",
  ]);
  const format = "--format=%B%x00";
  const messages = await git(thief, ["log", "--reverse", format, "origin/optout-log"]);
  return messages
    .split("\0")
    .flatMap((message) => message.trim().split("\n").slice(-1))
    .filter(Boolean);
}

export function statementOf(bytes: string | undefined): string {
  const { statement } = parsed(bytes ?? "");
  return String(statement);
}

export function position(seq: number, previous: string | undefined, statement: string): string {
  return JSON.stringify({ v: 1, seq, prev: hashOf(previous ?? ""), statement });
}

/** Genuine statements lined up anew, from a position that is kept. */
export function relined(kept: readonly string[], statements: readonly string[]): readonly string[] {
  return statements.reduce<readonly string[]>(
    (all, statement) => [...all, position(all.length, all.at(-1), statement)],
    kept,
  );
}

export async function commit(
  thief: Place,
  message: string,
  parents: readonly string[],
): Promise<string> {
  const tree = await git(thief, ["mktree"]);
  const flags = parents.flatMap((parent) => ["-p", parent]);
  return git(thief, ["commit-tree", tree, ...flags], { input: message });
}

/** Replaces the whole log. */
export async function replaceLog({ thief }: Scene, log: readonly string[]): Promise<void> {
  let tip: string | null = null;
  for (const bytes of log) {
    tip = await commit(thief, `#0 hm\n\n${bytes}\n`, tip === null ? [] : [tip]);
  }
  await git(thief, ["push", "-q", "--force", "origin", `${tip ?? ""}:refs/heads/optout-log`]);
}

/** Adds a commit to the log, as plain pushes do. */
export async function pushMessage({ thief }: Scene, message: string): Promise<void> {
  await git(thief, ["fetch", "-q", "origin", "optout-log"]);
  const id = await commit(thief, message, [await git(thief, ["rev-parse", "FETCH_HEAD"])]);
  await git(thief, ["push", "-q", "origin", `${id}:refs/heads/optout-log`]);
}

/** A statement that is signed with a real key: the payload as given. */
export async function signed(place: Place, pem: string, payload: object): Promise<string> {
  const { key } = parsed(await must(place, ["whoami", "--json"])) as { key: { kid: string } };
  const header = { alg: "EdDSA", kid: key.kid, typ: "optout-statement+jws" };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part(header)}.${part(payload)}`;
  const signature = sign(null, Buffer.from(input), createPrivateKey(pem)).toString("base64url");
  return `${input}.${signature}`;
}

/** A principal with a machine that holds the key. */
export interface Hand {
  readonly by: string;
  readonly place: Place;
}

/** A machine of somebody's in the scene, with the key that the same machine of the team has. */
export async function handOf(
  scene: Scene,
  by: string,
  name: string,
  env: Place["env"] = { XDG_DATA_HOME: join(scene.stage.folder, `${by}-home`, "data") },
): Promise<Hand> {
  return { by, place: { ...(await makeClone(scene.stage, name)), env } };
}

const pemOf = ({ env }: Place): string =>
  env["OPTOUT_KEY"] ??
  readFileSync(join(env["XDG_DATA_HOME"] ?? "", "optout/keys/default.pem"), "utf8");

/** A statement such as a writer makes who reads the log now; `own` replaces what it holds. */
export async function statementBy(
  scene: Scene,
  { by, place }: Hand,
  own: Readonly<Record<string, unknown>>,
): Promise<string> {
  const log = await readLog(scene);
  const { policy } = parsed(await must(place, ["whoami", "--json"])) as {
    policy: { digest: string; commit: string };
  };
  const payload = {
    v: 1,
    id: makeId(own["kind"] === "override.created" ? "ovr" : "stm", randomBytes(10)),
    log: hashOf(statementOf(log[0])),
    by,
    iat: Math.floor(Date.now() / 1000),
    policy: policy.digest,
    policy_at: policy.commit,
    saw: { seq: log.length - 1, hash: hashOf(log.at(-1) ?? "") },
    ...own,
  };
  return signed(place, pemOf(place), payload);
}

/** Pushes a statement in line; its position. */
export async function pushInLine(scene: Scene, statement: string): Promise<number> {
  const log = await readLog(scene);
  await pushMessage(scene, `hm\n\n${position(log.length, log.at(-1), statement)}\n`);
  return log.length;
}
