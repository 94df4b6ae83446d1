/**
 * Who typed a command without its stage or its override is shown those that it may be for.
 */
import { OptoutError } from "../core/errors.ts";
import type { Io } from "../output/io.ts";
import { askChoices, askOne, canPrompt } from "../output/prompt.ts";
import type { Argument, Call } from "./command.ts";
import { isAmong, maxOverrides } from "./complete.ts";
import { overridesIn } from "./known-overrides.ts";
import type { Openers, OpenLog } from "./openers.ts";
import { missingArgument } from "./parse-errors.ts";
import { limitSeconds, trustedView } from "./read-log.ts";

/** @throws `usage` where nobody can be asked, `not-found` where there is nothing to choose from */
export async function withArgument(
  call: Call,
  missing: Argument,
  io: Io,
  open: Openers,
): Promise<Call> {
  if (!canPrompt(io, { noInput: call.has("no-input") })) {
    throw missingArgument(call.command, missing);
  }
  const log = await open.log();
  const choices =
    missing.name === "stage" ? stagesIn(log) : await overridesFor(missing, log, io, open);
  if (choices.length === 0) {
    throw new OptoutError("not-found", `there is nothing to ${call.command.name}`, {
      hint: "optout status",
    });
  }
  const question = missing.name === "stage" ? "Which stage?" : "Which override?";
  const chosen = await open.paused(async () =>
    missing.many === true
      ? askChoices(io, question, choices)
      : [await askOne(io, question, choices)],
  );
  return { ...call, args: [...call.args, ...chosen], isAsked: true };
}

interface Option {
  readonly name: string;
  readonly value: string;
  readonly checked: false;
}

const stagesIn = ({ policy }: OpenLog): readonly Option[] =>
  [...policy.stages.values()].map(({ id, kind }) => ({
    name: `${id} (${kind})`,
    value: id,
    checked: false,
  }));

async function overridesFor(
  argument: Argument,
  log: OpenLog,
  io: Io,
  open: Openers,
): Promise<readonly Option[]> {
  const [view, defaultBranch] = await Promise.all([
    trustedView(log, io, { atLeastSeconds: limitSeconds(log.policy) }),
    open.defaultBranch(),
  ]);
  return overridesIn(view, io.now(), defaultBranch)
    .filter(isAmong(argument))
    .slice(0, maxOverrides)
    .map(({ seq, help }) => ({ name: `#${seq} ${help}`, value: `${seq}`, checked: false }));
}
