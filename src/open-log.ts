/**
 * Opening the log that the policy on the trusted ref names, in one round trip where the work tree's
 * policy already tells the right place to look. It is a hint and never believed.
 */
import { dirname, join } from "node:path";
import { gitReadsAtOnce, policyPath } from "./asked-of-remotes.ts";
import type { OpenLog } from "./commands/openers.ts";
import { sha256Base64url } from "./core/crypto.ts";
import { OptoutError } from "./core/errors.ts";
import { parseLogPlace, parsePolicy } from "./core/policy-parse.ts";
import type { LogPlace, Policy } from "./core/policy.ts";
import type { Store, Tail } from "./stores/store.ts";
import type { Clone } from "./system/clone.ts";
import type { Deadline } from "./system/deadline.ts";
import type { Together } from "./system/read-together.ts";
import { readSmallFile } from "./system/files.ts";
import { headFile } from "./system/head-file.ts";

/** Of what the work tree holds: a hint, so more than a policy may have is as good as nothing. */
const maxPolicyBytes: number = 1024 * 1024;

export interface LogAccess {
  readonly clone: Clone;
  readonly deadline: AbortSignal;
  readonly interactive: boolean;
  /** Where both were asked for already. */
  readonly together: Promise<Together | null> | null;
  readonly openStore: (place: LogPlace, together?: Promise<Together | null>) => Promise<Store>;
}

/** The digest by which statements name a policy. */
export function digestOf(policyBytes: Uint8Array): string {
  return sha256Base64url(policyBytes);
}

/**
 * The trusted policy and its log. The work tree's policy is a hint about the place, never believed.
 * @throws `policy-missing`, `policy-invalid`, `wrong-log` for another pinned id, and what the remote
 *   and the store throw
 */
export async function openTrustedLog(
  access: LogAccess,
  pinnedId: string | undefined,
): Promise<OpenLog> {
  const { clone } = access;
  // Begun before anything is parsed: where both were read here lately, it is the only trip.
  const together = startTogether(access);
  const trusted = trustedPolicy(access, together);
  const guess = placeGuessed(clone);
  const ahead = guess === null ? null : readAhead(guess, access, together);
  // awaited only where the guess proves right; until then a failure must not count as unhandled
  ahead?.catch(() => undefined);
  trusted.catch(() => undefined);
  await bothUnderWay();
  const hint = workTreePolicy(clone);
  const { bytes, commit, source } = await trusted;
  const policy = hint?.digest === digestOf(bytes) ? hint : parsePolicy(bytes, source);
  if (pinnedId !== undefined && pinnedId !== policy.log.id) {
    throw new OptoutError("wrong-log", "OPTOUT_LOG_ID is not the log.id of the policy", {
      hint: `compare it with log.id in ${source}`,
    });
  }
  const isAsGuessed = guess !== null && isSamePlace(guess, policy.log);
  const { store, tail } = await (isAsGuessed && ahead !== null
    ? ahead
    : readAhead(policy.log, access, together));
  const memory = headFile(join(clone.commonDir, "optout", "heads.json"));
  return { policy, policyCommit: commit, policySource: source, store, memory, tail };
}

/** Lets the processes start, so that the work tree's policy is parsed while the host answers. */
function bothUnderWay(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** The log's place in the form that `optout init` writes: `log: { store: git, branch: B, id: I }`. */
const writtenPlace =
  /^log: *\{ *store: *(git|dir), *(?:branch|path): *"?([A-Za-z0-9._/-]+)"? *(?:, *id: *"?[\w-]+"? *)?\} *(?:#.*)?$/m;

/**
 * Where the log probably is: what the work tree's policy says, without taking the time to parse it
 * where it stands in that form.
 */
function placeGuessed(clone: Clone): LogPlace | null {
  const text = workTreeBytes(clone)?.toString("utf8") ?? "";
  const [, store, where] = writtenPlace.exec(text) ?? [];
  if (where === undefined) return bucketGuessed(text) ?? workTreePolicy(clone)?.log ?? null;
  return store === "git"
    ? { store: "git", branch: where, id: null, subjectPrefix: null, pushOptions: null }
    : { store: "dir", path: where, id: null };
}

/** A bucket in that form has more members than a pattern should tell apart. */
function bucketGuessed(text: string): LogPlace | null {
  const [, written] = /^log: *(\{ *store: *s3,[^}\n]*\}) *(?:#.*)?$/m.exec(text) ?? [];
  if (written === undefined) return null;
  try {
    return parseLogPlace(written);
  } catch {
    return null;
  }
}

async function readAhead(
  place: LogPlace,
  { openStore }: LogAccess,
  together: Promise<Together | null>,
): Promise<{ readonly store: Store; readonly tail: Tail }> {
  const store = await openStore(place, together);
  return { store, tail: await store.tail(store.readsAtOnce) };
}

const isSamePlace = (a: LogPlace, b: LogPlace): boolean =>
  JSON.stringify({ ...a, id: null }) === JSON.stringify({ ...b, id: null });

interface PolicyBytes {
  readonly bytes: Uint8Array;
  readonly commit: string;
  /** For people: where it was read. */
  readonly source: string;
}

const noCommit = "0".repeat(40);

/** Both in one trip, where this clone read both lately; else null, and each is read by itself. */
async function startTogether(access: LogAccess): Promise<Together | null> {
  if (access.clone.remote === null) return null;
  if (access.together !== null) return access.together;
  const { readTogether } = await import("./system/read-together.ts");
  return readTogether({ clone: access.clone, count: gitReadsAtOnce, path: policyPath }, access);
}

/** A clone without any remote has nobody to ask: its own file is the policy. */
async function trustedPolicy(
  access: LogAccess,
  ahead: Promise<Together | null>,
): Promise<PolicyBytes> {
  const { clone } = access;
  if (clone.remotes.length === 0) {
    const bytes = workTreeBytes(clone);
    if (bytes === null) throw noPolicy("this repository");
    return { bytes, commit: clone.head ?? noCommit, source: policyPath };
  }
  const { readTrusted } = await import("./system/trusted.ts");
  const { bytes, commit, ref } = await readTrusted(clone, policyPath, { ...access, ahead });
  if (bytes !== null) return { bytes, commit, source: `${policyPath} at ${ref}` };
  if (workTreeBytes(clone) === null) throw noPolicy(ref);
  throw new OptoutError("policy-missing", `${policyPath} is not on ${ref} yet`, {
    hint: "git add .optout && git commit && git push   (and merge it)",
  });
}

function noPolicy(where: string): OptoutError {
  return new OptoutError("policy-missing", `there is no ${policyPath} in ${where}`, {
    hint: "optout init",
  });
}

export function workTreeBytes({ topLevel }: Clone): Buffer | null {
  return topLevel === null ? null : policyBytesIn(topLevel);
}

function policyBytesIn(directory: string): Buffer | null {
  return readSmallFile(join(directory, policyPath), maxPolicyBytes);
}

function workTreePolicy(clone: Clone): Policy | null {
  return parseOrNull(workTreeBytes(clone));
}

function parseOrNull(bytes: Uint8Array | null): Policy | null {
  if (bytes === null) return null;
  try {
    return parsePolicy(bytes, policyPath);
  } catch {
    return null;
  }
}

export interface Doubt {
  readonly stage: string;
  /** Why nothing can be decided about it. */
  readonly trouble: OptoutError | null;
  readonly deadline: Deadline;
}

/**
 * Whether a copy of the policy stops the stage: one at hand and, where the present one is of no use,
 * the last that was. Any copy may tighten, none may loosen. Never throws.
 */
export async function stopsInKnownPolicies(clone: Clone, doubt: Doubt): Promise<boolean> {
  const { stage, trouble, deadline } = doubt;
  const before = await knownTrusted(clone);
  if ([workTreePolicy(clone), before].some((policy) => stops(policy, stage))) return true;
  if (trouble?.code !== "policy-invalid" && trouble?.code !== "policy-missing") return false;
  const past = earlier.get(clone) ?? pastPolicies(clone, deadline);
  earlier.set(clone, past);
  return (await past).some((policy) => stops(policy, stage));
}

/** Asked for once for each clone and process. */
const earlier = new WeakMap<Clone, Promise<readonly (Policy | null)[]>>();

/** What nobody can read now was read once: else whoever breaks the policy would end every hold. */
async function pastPolicies(clone: Clone, deadline: Deadline): Promise<readonly (Policy | null)[]> {
  const { lastInClone, lastOnTrustedRef } = await import("./system/trusted-past.ts");
  const wanted = { path: policyPath, read: parseOrNull, deadline };
  const onRef = clone.remotes.length === 0 ? null : lastOnTrustedRef(clone, wanted);
  return Promise.all([onRef, lastInClone(clone, wanted)]);
}

/**
 * The same where not even the clone can be read, for want of git: by the policies in the directory
 * and above it.
 */
export function stopsInPoliciesAbove(directory: string, stage: string): boolean {
  for (let here = directory; ; here = dirname(here)) {
    if (stops(parseOrNull(policyBytesIn(here)), stage)) return true;
    if (here === dirname(here)) return false;
  }
}

const stops = (policy: Policy | null, stage: string): boolean =>
  policy?.stages.get(stage)?.whenUnreachable === "stop";

async function knownTrusted(clone: Clone): Promise<Policy | null> {
  if (clone.remotes.length === 0) return null;
  const { readKnownTrusted } = await import("./system/trusted.ts");
  return parseOrNull(await readKnownTrusted(clone, policyPath));
}
