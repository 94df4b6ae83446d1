/**
 * A command line written out again, to be copied: as it was typed, with what it lacked.
 */
import { shellWord } from "../output/command-words.ts";
import { flagsOf, type Call } from "./command.ts";

/**
 * The whole command.
 * @param added words that were missing, ready for a shell
 */
export function typedLine({ command, args, ...call }: Call, added: readonly string[] = []): string {
  const flags = flagsOf(command)
    .filter(({ name }) => name !== "no-input")
    .flatMap(({ name, short, value }) => {
      const dashed = short === undefined || value === undefined ? `--${name}` : `-${short}`;
      return call
        .texts(name)
        .map((text) => (value === undefined ? dashed : `${dashed} ${shellWord(text)}`));
    });
  return ["optout", command.name, ...args.map(shellWord), ...added, ...flags].join(" ");
}

/** The call with answers for a flag: what somebody said, where it was not given. */
export function withAnswer(call: Call, flag: string, ...answers: readonly string[]): Call {
  return {
    ...call,
    ...(call.has(flag) ? {} : { isAsked: true }),
    has: (name) => name === flag || call.has(name),
    text: (name) => (name === flag ? answers.at(-1) : call.text(name)),
    texts: (name) => (name === flag ? answers : call.texts(name)),
  };
}

/** Commands that are about no repository. */
const placeless = /^optout (?:help|keys|login|logout|schema|version)\b/;

/** A hint's command for the repository that the call names, where it names one. */
export function inSamePlace(hint: string, call: Call): string {
  if (!hint.startsWith("optout ") || placeless.test(hint) || / -[RC] /.test(hint)) return hint;
  const place = [
    ["repo", "-R"],
    ["chdir", "-C"],
  ].flatMap(([flag = "", short = ""]) =>
    call.texts(flag).map((text) => ` ${short} ${shellWord(text)}`),
  );
  // a remark may follow: "optout revoke 2   (or another of them)"
  return hint.replace(/(?= {3}|$)/, place.join(""));
}
