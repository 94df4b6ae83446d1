import { describe, expect, it } from "vitest";

import { dotenvLine, forCommandData, forSummary, outputBlock } from "../../src/output/escape-ci.ts";
import { hostileTexts } from "../support/hostile.ts";
import { dotenvVariables, fileCommands, workflowCommands } from "../support/runner.ts";

describe("what a job hands to its CI", () => {
  it.each(hostileTexts)("a warning is one command and shows the text: $what", ({ text }) => {
    const commands = workflowCommands(`::warning::${forCommandData(text)}\n`);

    expect(commands.map(({ name }) => name)).toEqual(["warning"]);
    expect(commands[0]?.data).not.toContain("\n");
  });

  it.each(hostileTexts)("a summary holds text only: $what", ({ text }) => {
    const shown = forSummary(text);

    expect(shown.replace(/&#\d+;/g, "")).not.toMatch(/[!-/:-@[-`{-~\n]/);
    expect(workflowCommands(shown)).toEqual([]);
  });

  it.each(hostileTexts)("an output is one output, whatever its value: $what", ({ text }) => {
    const file =
      outputBlock("lint", text, "optout_e7a1") + outputBlock("next", "skip", "optout_e7a1");

    expect(fileCommands(file)).toEqual([
      ["lint", text],
      ["next", "skip"],
    ]);
  });

  it("an output is not written when its value holds the delimiter", () => {
    expect(() => outputBlock("lint", "x\nEOF\ndeploy=force", "EOF")).toThrow("safely");
    expect(() => outputBlock("a\nb", "skip", "EOF")).toThrow("safely");
  });

  it("a variable of a dotenv report is a plain word", () => {
    expect(dotenvVariables(dotenvLine("OPTOUT_LINT", "skip"))).toEqual({ OPTOUT_LINT: "skip" });
    const passed = hostileTexts.filter(({ text }) => {
      try {
        dotenvLine("OPTOUT_LINT", text);
        return true;
      } catch {
        return false;
      }
    });
    expect(passed).toEqual([]);
  });
});
