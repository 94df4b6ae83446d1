/**
 * Writing one statement: build it on the view that was decided on, sign it once, place it.
 */
import type { Policy, Principal, UnixSeconds } from "../core/policy.ts";
import { makeId } from "../core/ids.ts";
import { OptoutError } from "../core/errors.ts";
import { compactJws, signingInput } from "../core/jws.ts";
import { maxPolicyPositionBytes, maxPositionBytes } from "../core/position.ts";
import type { Statement } from "../core/statement.ts";
import { readStatement } from "../core/statement-shape.ts";
import { counted, headOf, type View } from "../core/view.ts";
import { assertConsistent, logIdOf } from "../log/read.ts";
import {
  place,
  type Patience,
  type Placed,
  type PlaceRequest,
  type Withdrawn,
} from "../log/place.ts";
import type { Signer } from "../signers/signer.ts";
import type { Store } from "../stores/store.ts";

/** What every writer needs. */
export interface Writer {
  readonly store: Store;
  readonly policy: Policy;
  /** The commit that the policy came from. */
  readonly policyCommit: string;
  readonly principal: Principal;
  readonly signer: Signer;
  /** Reads the log as far back as decisions need. */
  read(): Promise<View>;
  now(): UnixSeconds;
  /** Fresh random bytes. */
  random(count: number): Uint8Array;
  patience(): Patience;
  /** For a dry run: takes what would be signed, and nothing is. */
  readonly trial?: (statement: Statement) => void;
}

type Omitted = "v" | "id" | "log" | "by" | "iat" | "policy" | "policy_at" | "saw";
type InLog = Exclude<Statement, { kind: "log.created" }>;
type Own<S> = S extends Statement ? Omit<S, Omitted> : never;
/** A statement without the members that are common to all kinds. */
export type OwnMembers = Own<Exclude<Statement, { kind: "log.created" }>>;

export interface Written extends Placed {
  readonly statement: Statement;
}

/** What to write, under which heading, and the decision to take again if others were quicker. */
export interface Act {
  /** @param iat when it is signed */
  readonly own: (iat: UnixSeconds) => OwnMembers;
  readonly title: (statement: Statement) => string;
  readonly stillAllowed: (view: View) => boolean;
}

/**
 * Signs a statement made on `view` and places it. Nothing is written when anything fails.
 * @throws what keeps the log from being trusted, at first or when it is read again
 */
export async function write(writer: Writer, view: View, act: Act): Promise<Written | Withdrawn> {
  const statement = complete(writer, view, act.own);
  if (writer.trial !== undefined) {
    assertSound(statement);
    writer.trial(statement);
    return { kind: "withdrawn", view };
  }
  const jws = await sign(writer.signer, statement);
  const title = act.title(statement);
  const placed = await placeSigned(writer, view, { jws, title, stillAllowed: act.stillAllowed });
  return placed.kind === "withdrawn" ? placed : { ...placed, statement };
}

/**
 * Places what is signed already.
 * @throws what keeps the log from being trusted, at first or when it is read again
 */
export function placeSigned(
  writer: Writer,
  view: View,
  signed: Pick<PlaceRequest, "jws" | "title" | "stillAllowed">,
): Promise<Placed | Withdrawn> {
  assertConsistent(writer.store, view);
  return place({
    store: writer.store,
    ...signed,
    view,
    read: async () => {
      const seen = await writer.read();
      assertConsistent(writer.store, seen);
      return seen;
    },
    patience: writer.patience(),
  });
}

/** The same statement as `write` would sign, for `--dry-run`. */
export function complete(writer: Writer, view: View, own: Act["own"]): Statement {
  const iat = writer.now();
  const { kind, ...members } = own(iat);
  const prefix = kind === "override.created" ? "ovr" : "stm";
  return { v: 1, kind, ...commonMembers(writer, view, { iat, prefix }), ...members } as Statement;
}

/** What statements of all kinds have, made on a view. @throws `log-missing` for an empty log */
export function commonMembers(
  writer: Writer,
  view: View,
  { iat, prefix }: { readonly iat: UnixSeconds; readonly prefix: "ovr" | "stm" },
): Pick<InLog, Exclude<Omitted, "v">> {
  const head = headOf(view);
  if (head === null) throw new OptoutError("log-missing", `${writer.store.name} is empty`);
  return {
    id: makeId(prefix, writer.random(10)),
    log: logIdOf(writer.policy),
    by: writer.principal.id,
    iat,
    policy: writer.policy.digest,
    policy_at: writer.policyCommit,
    saw: head,
  };
}

/** What people write into a statement, by the member that holds it, and what readers take there. */
const demands: Readonly<Record<string, string>> = {
  reason: "it takes 2,000 characters, line breaks, and no other control characters",
  note: "it takes 2,000 characters, line breaks, and no other control characters",
  tickets: "it takes 16 tickets, each of 1 to 64 characters without spaces",
  scope: "it takes 16 branches, heads and tags each, and an environment of one line",
};

/** That every reader will accept the statement. @throws `usage` */
export function assertSound(statement: Statement): void {
  const read = readStatement(statement.kind, statement);
  if (read.ok) return;
  const [member = ""] = read.at.split(".");
  const demand = demands[member];
  throw new OptoutError(
    "usage",
    demand === undefined
      ? `${statement.kind} cannot be signed: ${read.at} is not valid`
      : `the log cannot take this ${read.at}: ${demand}`,
  );
}

/** Signs after reading the statement back as strictly as every reader will. */
export async function sign(signer: Signer, statement: Statement): Promise<string> {
  assertSound(statement);
  const input = signingInput(signer.key.alg, signer.key.kid, JSON.stringify(statement));
  const limit = statement.kind === "policy.recorded" ? maxPolicyPositionBytes : maxPositionBytes;
  if (input.length > limit - 512) {
    throw new OptoutError("usage", `${statement.kind} is too large for the log (${limit} bytes)`);
  }
  return compactJws(input, await signer.sign(Buffer.from(input, "latin1")));
}

/**
 * Records the policy's text unless it is the last one recorded in view, so that an audit can judge
 * by it and sees from where on it was the policy.
 * @returns the view to go on with
 */
export async function recordPolicy(writer: Writer, view: View): Promise<View> {
  if (lastPolicyIn(view) === writer.policy.digest || writer.trial !== undefined) return view;
  await write(writer, view, {
    own: () => ({ kind: "policy.recorded", text: writer.policy.text }),
    title: (statement) => `policy recorded (${statement.by})`,
    stillAllowed: (seen) => lastPolicyIn(seen) !== writer.policy.digest,
  });
  return writer.read();
}

function lastPolicyIn(view: View): string | null {
  const recorded = view.where("kind", "policy.recorded").flatMap((reading) => {
    const statement = counted(view, reading)?.statement;
    return statement?.kind === "policy.recorded" ? [statement.policy] : [];
  });
  return recorded.at(-1) ?? null;
}
