/**
 * What is said about an override afterwards: a review by somebody else, a note by anyone.
 */
import { OptoutError } from "../core/errors.ts";
import type { Standing } from "../core/state.ts";
import type { OverrideReviewed, Statement } from "../core/statement.ts";
import type { View } from "../core/view.ts";
import { recordPolicy, write, type OwnMembers, type Writer } from "./write.ts";

type Title = (statement: Statement) => string;

export interface Review {
  readonly outcome: OverrideReviewed["outcome"];
  readonly note: string;
  readonly title: Title;
}

/** @throws `refused` for its author, and for CI */
export async function review(
  writer: Writer,
  view: View,
  { judged }: Standing,
  { outcome, note, title }: Review,
): Promise<void> {
  const { principal } = writer;
  assertPerson(writer);
  if (principal.id === judged.author.id) {
    const message = `${principal.id} made #${judged.seq}, and somebody else has to review it`;
    throw new OptoutError("refused", message, { hint: "optout requests --reviews" });
  }
  const override = judged.statement.id;
  await say(writer, view, { kind: "override.reviewed", override, outcome, note }, title);
}

/** @throws `refused` for CI */
export async function addNote(
  writer: Writer,
  view: View,
  { judged }: Standing,
  added: {
    readonly tickets: readonly string[];
    readonly note: string | null;
    readonly title: Title;
  },
): Promise<void> {
  assertPerson(writer);
  const { tickets, note, title } = added;
  const more = note === null ? {} : { note };
  const own = { kind: "note.added", override: judged.statement.id, tickets, ...more } as const;
  await say(writer, view, own, title);
}

function assertPerson({ principal }: Writer): void {
  if (principal.kind === "person") return;
  throw new OptoutError("refused", `${principal.id} is of kind ci, and may record uses only`);
}

async function say(writer: Writer, view: View, own: OwnMembers, title: Title): Promise<void> {
  const base = await recordPolicy(writer, view);
  await write(writer, base, { own: () => own, title, stillAllowed: () => true });
}
