/**
 * The two parsers of command lines. Commander's accepts more; where the light one accepts a line too,
 * both must read it alike, for every row of the table.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Call, Command } from "../../src/commands/command.ts";
import { fastParse } from "../../src/commands/fast-parse.ts";
import { parseLine } from "../../src/commands/parse.ts";
import { flagsOf } from "../../src/commands/command.ts";
import { commands } from "../../src/commands/table.ts";
import { OptoutError } from "../../src/core/errors.ts";

/** Everything that a call says. */
function read(call: Call): object {
  const { command, args, rest } = call;
  const flags = flagsOf(command).map(({ name }) => [name, call.has(name), call.texts(name)]);
  return { name: command.name, args, rest, flags };
}

function parsed(...words: readonly string[]): Call {
  const line = parseLine(words);
  if (line.kind === "call") return line.call;
  throw new Error(`a line of kind ${line.kind}`);
}

/** The error of a line, as a person sees it. */
function refusal(line: string): { readonly message: string; readonly hint: string | undefined } {
  try {
    parseLine(line.split(" ").filter((word) => word !== ""));
  } catch (thrown) {
    if (!(thrown instanceof OptoutError) || thrown.code !== "usage") throw thrown;
    return { message: thrown.message, hint: thrown.hint };
  }
  throw new Error(`${line} was accepted`);
}

/** Words that are likely to be a line of this command, and some that are not. */
function linesOf(command: Command): fc.Arbitrary<readonly string[]> {
  const flags = flagsOf(command);
  const word = fc.oneof(
    fc.constantFrom("lint", "main", "2h", "-", "--", "", "-5", "-x", "a b", "help", command.name),
    fc.string({ maxLength: 6 }),
  );
  const flag = fc.constantFrom(...flags).chain(({ name, short, value, choices }) => {
    const spelt = fc.constantFrom(`--${name}`, ...(short === undefined ? [] : [`-${short}`]));
    if (value === undefined) return spelt.map((text) => [text]);
    const given = choices === undefined ? word : fc.oneof(fc.constantFrom(...choices), word);
    return fc
      .tuple(spelt, given, fc.boolean())
      .map(([text, argument, isJoined]) => (isJoined ? [`${text}=${argument}`] : [text, argument]));
  });
  const part = fc.oneof(
    word.map((text) => [text]),
    flag,
    flag,
  );
  const behind = ["--", "npm", "-q", "--", "--json"];
  const most = command.args.some(({ many }) => many === true) ? 3 : command.args.length;
  const plain = fc.tuple(
    fc.array(fc.constantFrom("lint", "main"), { maxLength: most }),
    fc.array(flag, { maxLength: 3 }),
    fc.constantFrom<readonly string[]>(
      ...(command.takesCommand === true ? [behind, behind, []] : [[], [], behind]),
    ),
  );
  return fc.oneof(
    fc.array(part, { maxLength: 5 }).map((parts) => parts.flat()),
    plain.map(([args, given, rest]) => [...args, ...given.flat(), ...rest]),
  );
}

describe("the two parsers", () => {
  it.each(commands.map((command) => [command.name, command] as const))(
    "read alike every line of %s that both accept",
    (_name, command) => {
      let accepted = 0;
      fc.assert(
        fc.property(linesOf(command), (words) => {
          const fast = fastParse(command, words);
          if (fast === null) return;
          accepted += 1;
          expect(read(parsed(...command.name.split(" "), ...words))).toEqual(read(fast));
        }),
        { numRuns: 400 },
      );
      expect(accepted).toBeGreaterThan(20);
    },
  );

  it("understand the example of every command, where it is a plain line", () => {
    for (const command of commands) {
      for (const { line } of command.examples) {
        const words = wordsOf(line.split(" || ")[0] ?? "").slice(1);
        if (words.includes(">")) continue;
        expect(parsed(...words).command.name).toBe(command.name);
      }
    }
  });
});

/** Splits as a shell does, for lines with double quotes only. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

describe("flags", () => {
  it("of all commands stand before and after the command", () => {
    expect(parsed("-C", "/x", "skip", "lint", "-q").text("chdir")).toBe("/x");
    expect(parsed("skip", "lint", "-q", "-C", "/x").text("chdir")).toBe("/x");
    expect(parsed("keys", "-q", "create").has("quiet")).toBe(true);
    expect(parsed("--json", "status").has("json")).toBe(true);
  });

  it("may be joined to their values and to one another", () => {
    const call = parsed("skip", "lint", "--for=2h", "-qymwhy");

    expect(call.text("for")).toBe("2h");
    expect([call.has("quiet"), call.has("yes"), call.text("reason")]).toEqual([true, true, "why"]);
  });

  it("take a dash as their value", () => {
    expect(parsed("skip", "lint", "-m", "-", "--for", "2h").text("reason")).toBe("-");
  });

  it("that may be repeated keep all their values in order", () => {
    expect(parsed("skip", "lint", "--ticket", "A-1", "--ticket", "B-2").texts("ticket")).toEqual([
      "A-1",
      "B-2",
    ]);
  });

  it("that may not be repeated are refused the second time, wherever it stands", () => {
    expect(refusal("skip lint --for 1h --for 2h").message).toBe("--for is given twice");
    expect(refusal("-q skip lint -q").message).toBe("--quiet is given twice");
  });

  it("that switch something off are switches like any other", () => {
    expect(parsed("status", "--no-input").has("no-input")).toBe(true);
    expect(parsed("status").has("no-input")).toBe(false);
  });

  it("that are unknown are named, with the nearest one", () => {
    expect(refusal("skip lint --fro 2h")).toEqual({
      message: "unknown flag --fro",
      hint: "did you mean --for?",
    });
    expect(refusal("skip lint -5").hint).toBe("optout help skip");
    expect(refusal("--nothing-like-it skip lint").hint).toBe("optout help");
  });

  it("of another command are refused", () => {
    expect(refusal("--json run lint -- true").message).toBe("optout run has no --json");
  });

  it("without their value are refused", () => {
    expect(refusal("skip lint --for").message).toBe("--for needs a value: --for DURATION");
    expect(refusal("history --fields").message).toBe("--fields needs a value: --fields a,b");
    expect(refusal("skip lint -m").message).toBe("--reason needs a value: --reason TEXT");
  });

  it("with a few values refuse any other", () => {
    expect(refusal("keys create --type ed2551")).toEqual({
      message: '--type "ed2551" is not one of ed25519, p256',
      hint: "--type ed25519",
    });
  });
});

describe("what follows --", () => {
  it("is left as it is for run, whatever it looks like", () => {
    const call = parsed("run", "lint", "-q", "--", "npm", "--json", "-q", "--", "-x", "");

    expect(call.rest).toEqual(["npm", "--json", "-q", "--", "-x", ""]);
    expect(call.args).toEqual(["lint"]);
    expect(call.has("json")).toBe(false);
  });

  it("are arguments for any other command", () => {
    expect(parsed("show", "--", "-x").args).toEqual(["-x"]);
  });

  it("is told to be missing, with the whole line", () => {
    expect(refusal("run lint").hint).toBe("optout run lint -- COMMAND");
    expect(refusal("run lint npm test").hint).toBe("optout run lint -- npm test");
  });
});

describe("a word that is no command", () => {
  it("is never taken for a stage to skip, but the command is named", () => {
    const hint = "did you mean `optout skip lint`?";

    expect(refusal("lint")).toEqual({ message: 'unknown command "lint"', hint });
    expect(refusal("lint --for 2h").hint).toBe(hint);
  });

  it("is taken for a command with a slip when one is near", () => {
    expect(refusal("statsu").hint).toBe("did you mean `optout status`?");
    expect(refusal("hsitory").hint).toBe("did you mean `optout history`?");
  });

  it("says no more than where help is when neither fits", () => {
    expect(refusal("lint unit-tests").hint).toBe("optout help");
    expect(refusal("Ünit").hint).toBe("optout help");
  });

  it("is told of under its group", () => {
    expect(refusal("keys crate").hint).toBe("did you mean `optout keys create`?");
    expect(refusal("policy foo").hint).toBe("optout help policy");
    expect(refusal("policy dif").hint).toBe("did you mean `optout policy diff`?");
    expect(refusal("can-i skip lint").hint).toBe("did you mean `optout policy can-i`?");
    expect(refusal("keys").message).toBe("optout keys needs one of import, create, list, show");
  });
});

describe("arguments", () => {
  it("that are missing are named, with an example", () => {
    expect(refusal("policy can-i")).toEqual({
      message: "optout policy can-i needs ACTION",
      hint: expect.stringMatching(/^such as: optout policy can-i /) as unknown,
    });
    expect(refusal("check").message).toBe("optout check needs STAGE");
  });

  it.each(["skip", "extend", "policy explain"])(
    "that a person can be asked for are left to be asked: %s",
    (words) => {
      expect(parseLine(words.split(" "))).toMatchObject({ kind: "call", call: { args: [] } });
    },
  );

  it("that are too many are refused", () => {
    expect(refusal("undo 412").message).toBe('optout undo takes no argument, so "412" is too much');
  });
});

describe("a line without a command", () => {
  it.each([[[]], [["-q"]], [["--json"]]])("%j asks for the state", (words: readonly string[]) => {
    const line = parseLine(words);

    expect(line.kind === "alone" ? line.call.command.name : line.kind).toBe("status");
  });

  it.each([
    ["--help", []],
    ["help", []],
    ["skip --help", ["skip"]],
    ["skip --nonsense -h", ["skip"]],
    ["keys create -h", ["keys", "create"]],
    ["keys --help", ["keys"]],
    ["help keys create", ["keys", "create"]],
    ["help exit-codes", ["exit-codes"]],
  ])("%s asks for help", (line, topic) => {
    expect(parseLine(line.split(" "))).toEqual({ kind: "help", topic });
  });

  it.each(["--version", "-V", "--version --json"])("%s asks for the version", (line) => {
    expect(parseLine(line.split(" ")).kind).toBe("version");
  });

  it("is refused when it has something behind --", () => {
    expect(refusal("-- npm test").message).toBe('unknown command "npm"');
  });
});
