/**
 * The beginning of a log: making one, and judging one that is there already.
 *
 * Position 0 is believed for its hash alone, which the policy names. Before the policy names it there
 * is only its signature: a beginning counts as ours when a person of the policy signed it, for this
 * very repository.
 */
import { verifySignature } from "../core/crypto.ts";
import { OptoutError } from "../core/errors.ts";
import { makeId } from "../core/ids.ts";
import { parseStrictJson } from "../core/json.ts";
import { decodeJws, statementDigest, type Jws } from "../core/jws.ts";
import { decodePosition, noPrevious } from "../core/position.ts";
import type { Policy, Principal, UnixSeconds } from "../core/policy.ts";
import type { LogCreated, Statement } from "../core/statement.ts";
import { readStatement } from "../core/statement-shape.ts";
import { viewOf } from "../core/view.ts";
import { place, type Patience } from "../log/place.ts";
import type { Signer } from "../signers/signer.ts";
import type { Store } from "../stores/store.ts";
import { sign } from "./write.ts";

/** Which repository a log is for. */
export type LogRepository = LogCreated["repository"];

/** What stands at position 0. */
export interface Beginning {
  /** The log's id. */
  readonly id: string;
  readonly statement: LogCreated;
  /** The person of the policy whose signature it bears; null where nobody's is. */
  readonly signer: Principal | null;
}

/**
 * The beginning of a store's log, or null while the store is empty.
 * @throws `wrong-log` when what stands there begins no log, and what the store throws
 */
export async function readBeginning(store: Store, policy: Policy): Promise<Beginning | null> {
  const { size } = await store.tail(1);
  if (size === 0) return null;
  const [bytes] = await store.before(1, 1);
  const beginning = bytes === undefined ? null : beginningOf(bytes, policy);
  if (beginning !== null) return beginning;
  throw new OptoutError("wrong-log", `what stands in ${store.name} is not a log of optout`, {
    hint: "choose another place for the log: optout init --log-branch NAME",
  });
}

function beginningOf(bytes: Uint8Array, policy: Policy): Beginning | null {
  const form = decodePosition(bytes);
  if (form === null || form.seq !== 0 || form.prev !== noPrevious) return null;
  const jws = decodeJws(form.statement);
  if (jws === "form" || jws === "header") return null;
  const json = parseStrictJson(jws.payload);
  const read = json.ok ? readStatement("log.created", json.value) : null;
  if (read === null || !read.ok || read.statement.kind !== "log.created") return null;
  const { statement } = read;
  const id = statementDigest(form.statement);
  return { id, statement, signer: signerOf(jws, statement, policy) };
}

function signerOf(jws: Jws, { by }: LogCreated, policy: Policy): Principal | null {
  const owned = policy.keys.get(jws.kid);
  if (owned === undefined || owned.key.alg !== jws.alg) return null;
  const { key, owner } = owned;
  if (owner.id !== by || owner.kind !== "person") return null;
  return verifySignature(key, jws.signingInput, jws.signature) ? owner : null;
}

/** Whether a beginning was made for this repository, by the name that its remote has here. */
export function isFor({ repository }: LogCreated, wanted: LogRepository): boolean {
  return repository.host === wanted.host && repository.name === wanted.name;
}

export interface NewLog {
  readonly store: Store;
  /** The policy that will name the log. */
  readonly policy: Policy;
  readonly signer: Signer;
  /** The principal whom the policy gives the signer's key. */
  readonly by: string;
  readonly repository: LogRepository;
  readonly title: (statement: Statement) => string;
  readonly now: UnixSeconds;
  /** 10 random bytes. */
  readonly random: Uint8Array;
  readonly patience: Patience;
}

/**
 * Creates the log in an empty store.
 * @returns its id
 * @throws `conflict` when somebody else began it meanwhile, and what signer and store throw
 */
export async function createLog(request: NewLog): Promise<string> {
  const { store, policy, signer, by, repository, now } = request;
  const id = makeId("stm", request.random);
  const statement: LogCreated = { v: 1, kind: "log.created", id, by, iat: now, repository };
  const jws = await sign(signer, statement);
  const placed = await place({
    store,
    jws,
    title: request.title(statement),
    view: null,
    read: async () => {
      const tail = await store.tail(store.readsAtOnce);
      return viewOf(policy, tail.first, tail.bytes);
    },
    stillAllowed: () => false,
    patience: request.patience,
  });
  if (placed.kind === "placed") return placed.digest;
  throw new OptoutError("conflict", `somebody else began ${store.name} at the same time`, {
    hint: "optout init",
  });
}
