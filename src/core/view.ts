/**
 * A view: some of the log's last positions, read under one policy.
 *
 * It answers which statements count: at a sound position, genuine, and the first of their id.
 */
import { noPrevious } from "./position.ts";
import type { Policy } from "./policy.ts";
import type { Claim } from "./claim.ts";
import { readPosition, type Genuine, type Reading } from "./reading.ts";
import { statementDigest } from "./jws.ts";

export interface View {
  readonly policy: Policy;
  /** The position of the oldest reading. */
  readonly first: number;
  /** How many positions the log has; the view always reaches its head. */
  readonly size: number;
  readonly readings: readonly Reading[];
  /** The reading at `seq`, where it is in view. */
  at(seq: number): Reading | undefined;
  /** The hash of the position at `seq`, where it is known. */
  hashAt(seq: number): string | undefined;
  /** The readings whose claim has this value, in log order. */
  where(member: "kind" | "id" | "override" | "about" | "stage", value: string): readonly Reading[];
}

/** Reads gapless positions that end at the head; `bytes[0]` stands at `first`. */
export function viewOf(policy: Policy, first: number, bytes: readonly Uint8Array[]): View {
  return assemble(policy, first, readAll(policy, first, bytes));
}

/** The same view reaching further back: `older` are the positions just before it. */
export function extendView(view: View, older: readonly Uint8Array[]): View {
  const first = view.first - older.length;
  const front = readAll(view.policy, first, older);
  const [edge, ...rest] = view.readings;
  if (edge === undefined) return assemble(view.policy, first, front);
  const previous = front.at(-1)?.hash ?? null;
  const linked = readPosition(edge.bytes, { seq: edge.seq, previous }, view.policy);
  return assemble(view.policy, first, [...front, linked, ...rest]);
}

/** The view as it was when `seq` was its head. */
export function viewUpTo(view: View, seq: number): View {
  return assemble(view.policy, view.first, view.readings.slice(0, seq - view.first + 1));
}

/** Where the view ends, as records and outputs name it; null where it holds nothing. */
export function headOf({ readings }: View): { readonly seq: number; readonly hash: string } | null {
  const head = readings.at(-1);
  return head === undefined ? null : { seq: head.seq, hash: head.hash };
}

/** The statement at the reading if it counts: sound position, genuine, first of its id. */
export function counted(view: View, reading: Reading): Genuine | null {
  if (reading.fault !== null) return null;
  const verdict = reading.verdict();
  return verdict.kind === "genuine" && isFirstOfItsId(view, reading) ? verdict : null;
}

/** Whether no earlier genuine statement in view has the same id. */
function isFirstOfItsId(view: View, reading: Reading): boolean {
  const id = reading.claim?.id ?? null;
  if (id === null) return true;
  return !view
    .where("id", id)
    .some((other) => other.seq < reading.seq && other.fault === null && isSigned(other));
}

/** Whether position 0 is in view and holds the beginning that the policy names. */
export function beginsAsNamed(view: View): boolean {
  const jws = view.at(0)?.jws ?? null;
  return jws !== null && statementDigest(jws) === view.policy.log.id;
}

function isSigned(reading: Reading): boolean {
  return reading.verdict().kind !== "refused";
}

function readAll(policy: Policy, first: number, bytes: readonly Uint8Array[]): readonly Reading[] {
  const readings: Reading[] = [];
  let previous = first === 0 ? noPrevious : null;
  for (const [index, raw] of bytes.entries()) {
    const reading = readPosition(raw, { seq: first + index, previous }, policy);
    readings.push(reading);
    previous = reading.hash;
  }
  return readings;
}

function assemble(policy: Policy, first: number, readings: readonly Reading[]): View {
  return {
    policy,
    first,
    size: first + readings.length,
    readings,
    at: (seq) => readings[seq - first],
    hashAt: (seq) => readings[seq - first]?.hash,
    where: indexed(readings),
  };
}

/** A look-up over readings that builds each index when it is first asked for. */
export function indexed(readings: readonly Reading[]): View["where"] {
  const indexes = new Map<keyof Claim, Map<unknown, Reading[]>>();
  const indexOf = (member: keyof Claim): Map<unknown, Reading[]> => {
    const known = indexes.get(member);
    if (known !== undefined) return known;
    const index = new Map<unknown, Reading[]>();
    for (const reading of readings) {
      const value = reading.claim?.[member] ?? null;
      const group = index.get(value);
      if (group === undefined) index.set(value, [reading]);
      else group.push(reading);
    }
    indexes.set(member, index);
    return index;
  };
  return (member, value) => indexOf(member).get(value) ?? [];
}
