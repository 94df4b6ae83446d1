/**
 * The help is the reference: a page for every command with its examples first, and topics made from
 * the tables that the program itself goes by.
 */
import { describe, expect, it } from "vitest";

import { globalFlags } from "../../src/commands/command.ts";
import { helpPage, nextText, pageNames } from "../../src/commands/help.ts";
import { flagsOf } from "../../src/commands/command.ts";
import { runProgram } from "../../src/commands/program.ts";
import { commands } from "../../src/commands/table.ts";
import { exitCodes } from "../../src/core/exit.ts";
import { problem } from "../support/problem.ts";
import { recordedIo } from "./given.ts";

const page = (name: string): string => helpPage(name === "" ? [] : name.split(" "));
/** Without line breaks and indents, as it is read. */
const flat = (text: string): string => text.replaceAll(/\s+/g, " ");
const pages = ["", ...pageNames()];

describe("every page", () => {
  it.each(pages.map((name) => [name]))("optout help %s fits into 80 columns", (name) => {
    const lines = page(name).split("\n");

    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.at(-1)).toBe("");
  });

  it.each(pages.map((name) => [name]))(
    "optout help %s has no word of the table undefined",
    (name) => {
      expect(page(name)).not.toMatch(/undefined|\[object|NaN/);
    },
  );
});

describe("the page of a command", () => {
  it.each(commands.map((command) => [command.name, command] as const))(
    "%s begins with its examples, and tells every flag",
    (name, command) => {
      const text = page(name);

      expect(command.examples.length).toBeGreaterThan(0);
      for (const { line } of command.examples) expect(text).toContain(`  ${line}\n`);
      expect(text.indexOf("EXAMPLES")).toBeLessThan(text.indexOf("USAGE"));
      for (const flag of flagsOf(command)) expect(text).toContain(`--${flag.name}`);
      for (const about of command.about ?? []) expect(flat(text)).toContain(flat(about));
      expect(text).toContain("optout help exit-codes");
    },
  );

  it("shows how it is called", () => {
    expect(page("skip")).toContain("  optout skip STAGE... [flags]\n");
    expect(page("run")).toContain("  optout run STAGE [flags] -- COMMAND...\n");
    expect(page("keys create")).toContain("  optout keys create [NAME] [flags]\n");
  });

  it("tells the values of a flag that has only a few", () => {
    expect(page("keys create")).toContain("--type TYPE      kind of key: ed25519, p256");
    expect(page("skip")).toContain(
      "--ticket ID      a ticket, checked by the policy (may be repeated)",
    );
  });

  it("tells the flags that all commands have apart from its own", () => {
    const [own = "", global = ""] = page("skip").split("GLOBAL FLAGS");

    for (const { name } of globalFlags) {
      expect(global).toContain(`--${name}`);
      expect(own).not.toContain(`--${name} `);
    }
  });

  it("of a group lists its commands", () => {
    expect(page("keys")).toContain("  keys create  make a key to sign with\n");
  });
});

describe("the main page", () => {
  it("lists every command once, under its heading", () => {
    const text = page("");

    for (const { name, summary, group } of commands) {
      const [, section = ""] = text.split(`${group}\n`);
      const [body = ""] = section.split("\n\n");
      expect(flat(body)).toContain(`${name} ${flat(summary)}`);
      expect(text.split(new RegExp(`^  ${name}  `, "m")).length).toBe(2);
    }
  });
});

describe("topics", () => {
  it("exit-codes says what the table says, and no more", () => {
    const text = page("exit-codes");
    const told = [...text.matchAll(/^ {2,4}(\d+) {2}(\S+)/gm)].map(([, status, name]) => [
      Number(status),
      name,
    ]);

    expect(told).toEqual(Object.entries(exitCodes).map(([name, { status }]) => [status, name]));
    for (const { meaning } of Object.values(exitCodes)) expect(flat(text)).toContain(meaning);
  });

  it("environment names the variables that are read", () => {
    for (const name of [
      "OPTOUT_KEY",
      "OPTOUT_KEY_FILE",
      "OPTOUT_KEY_PASSPHRASE",
      "OPTOUT_LOG_ID",
      "NO_COLOR",
      "FORCE_COLOR",
      "CLICOLOR_FORCE",
      "TERM",
      "CI",
      "XDG_DATA_HOME",
      "XDG_CONFIG_HOME",
      "XDG_CACHE_HOME",
      "GITHUB_TOKEN",
      "GITLAB_TOKEN",
      "AWS_",
      "NO_PROXY",
    ]) {
      expect(page("environment")).toMatch(new RegExp(`^  (?:\\w+, )?${name}(?![A-Z_])`, "m"));
    }
  });

  it("policy leads to its commands", () => {
    expect(page("policy")).toContain("  policy check ");
    expect(page("policy")).toContain("  policy can-i ");
  });

  it("that do not exist are refused with the nearest one", () => {
    expect(problem(() => page("exit-code"))).toEqual({
      code: "usage",
      message: 'there is no help about "exit-code"',
    });
  });
});

describe("runProgram", () => {
  it("prints help to stdout and exits 0, without starting anything", async () => {
    const io = recordedIo();

    const status = await runProgram(["skip", "--help"], io, () => Promise.reject(new Error("no")));

    expect([status, io.written]).toEqual([0, { out: page("skip"), err: "" }]);
  });

  it("prints the version of the package", async () => {
    const io = recordedIo();

    await runProgram(["--version", "-q"], io, () => Promise.reject(new Error("no")));

    expect(io.written.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("alone shows the state, and then three things to do next", async () => {
    const io = recordedIo();
    const started: string[] = [];

    const status = await runProgram([], io, (call) => {
      started.push(call.command.name);
      return Promise.resolve(0);
    });

    expect([status, started]).toEqual([0, ["status"]]);
    expect(io.written).toEqual({ out: "", err: `\n${nextText()}\n` });
    expect(nextText().split("\n")).toHaveLength(3);
  });

  it("alone with --json or --quiet shows the state and nothing else", async () => {
    const io = recordedIo();

    await runProgram(["--json"], io, () => Promise.resolve(0));
    await runProgram(["-q"], io, () => Promise.resolve(0));

    expect(io.written).toEqual({ out: "", err: "" });
  });

  it("passes on what the command ends with", async () => {
    expect(await runProgram(["status"], recordedIo(), () => Promise.resolve(11))).toBe(11);
  });
});
