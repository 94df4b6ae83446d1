/**
 * `optout review` and `optout note`: what is said about an override afterwards.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { standings, type Standing } from "../core/state.ts";
import type { Statement } from "../core/statement.ts";
import type { View } from "../core/view.ts";
import { findOverride } from "../operations/find.ts";
import { addNote, review } from "../operations/review.ts";
import type { Writer } from "../operations/write.ts";
import type { Io } from "../output/io.ts";
import { contextIn, overrideJson } from "../output/override-json.ts";
import { marked } from "../output/paint.ts";
import { askOne, canPrompt } from "../output/prompt.ts";
import { titleOf } from "../output/title.ts";
import { toldJson } from "../output/told-words.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { paintOut } from "./paint.ts";
import { printOverrides } from "./print-overrides.ts";
import { limitSeconds, trustedView } from "./read-log.ts";
import { noteOf, reasonOf } from "./reason.ts";
import { sourceOf } from "./source.ts";
import { announce, printTold } from "./telling.ts";
import { tryOut } from "./try-out.ts";
import { openWriter } from "./writer.ts";

const outcomes = ["ok", "follow-up", "misuse"] as const;

export async function reviewCommand(call: Call, io: Io, open: Openers): Promise<number> {
  const given = call.text("outcome") ?? (await askOutcome(call, io, open));
  const outcome = outcomes.find((one) => one === given);
  if (outcome === undefined) {
    throw new OptoutError("usage", `the outcome must be one of ${outcomes.join(", ")}`, {
      hint: `optout review ${call.args[0] ?? "412"} --outcome ok -m "what you found"`,
    });
  }
  const note = await reasonOf(call, io, open);
  return say(call, io, open, {
    words: (seq) => `#${seq} is reviewed: ${outcome}`,
    write: (writer, view, standing, title) =>
      review(writer, view, standing, { outcome, note, title }),
  });
}

/** Null where nobody can be asked. */
async function askOutcome(call: Call, io: Io, open: Openers): Promise<string | null> {
  if (!canPrompt(io, { noInput: call.has("no-input") })) return null;
  const choices = outcomes.map((one) => ({ name: one, value: one }));
  return open.paused(() => askOne(io, "What came of it?", choices));
}

export async function noteCommand(call: Call, io: Io, open: Openers): Promise<number> {
  const tickets = [...new Set(call.texts("ticket"))];
  const note = await noteOf(call, io);
  if (tickets.length === 0 && note === null) {
    throw new OptoutError("usage", "there is nothing to note", {
      hint: `optout note ${call.args[0] ?? "412"} --ticket INC-1 -m "opened afterwards"`,
    });
  }
  return say(call, io, open, {
    words: (seq) => `noted on #${seq}`,
    write: (writer, view, standing, title) =>
      addNote(writer, view, standing, { tickets, note, title }),
  });
}

interface Said {
  readonly words: (seq: number) => string;
  readonly write: (
    writer: Writer,
    view: View,
    standing: Standing,
    title: (statement: Statement) => string,
  ) => Promise<void>;
}

async function say(call: Call, io: Io, open: Openers, { words, write }: Said): Promise<number> {
  const [log, defaultBranch] = await Promise.all([open.log(), open.defaultBranch()]);
  const [writer, view] = await Promise.all([
    openWriter(open, log, io, { keyName: call.text("key") }),
    trustedView(log, io, { atLeastSeconds: limitSeconds(log.policy) }),
  ]);
  const found = findOverride(standings(view, io.now(), defaultBranch), call.args[0] ?? "", {
    command: call.command.name,
  });
  const { seq } = found.judged;
  if (call.has("dry-run")) {
    return tryOut(
      call,
      io,
      { open, log, writer, defaultBranch },
      {
        chosen: [found],
        act: (trial, standing) =>
          write(trial, view, standing, (statement) => titleOf(statement, () => seq)),
      },
    );
  }
  await write(writer, view, found, (statement) => titleOf(statement, () => seq));
  const after = await writer.read();
  const now = standings(after, io.now(), defaultBranch);
  const standing = now.find(({ judged }) => judged.seq === seq) ?? found;
  const announced = await announce({ open, log, io, writer }, after, newOf(after, view, writer));
  await printTold(call, io, announced);
  if (call.has("json")) {
    const context = contextIn(after, standing.judged, await sourceOf(log, open));
    const told = toldJson(announced.told);
    printOverrides(call, io, [{ ...overrideJson(standing, context), told }]);
  } else if (call.has("quiet")) io.out(`${standing.judged.statement.id}\n`);
  else io.out(`${marked(await paintOut(call, io), "restored", words(seq))}\n`);
  return exitStatus("ok");
}

/** Where what this writer has just written stands. */
function newOf(after: View, before: View, { principal }: Writer): readonly number[] {
  return after.readings
    .filter(({ seq, claim }) => seq >= before.size && claim?.by === principal.id)
    .map(({ seq }) => seq);
}
