/**
 * Who may be asked. The questions themselves need a terminal and a person.
 */
import { describe, expect, it } from "vitest";

import { askConfirm, askText, canPrompt } from "../../src/output/prompt.ts";

const terminal = { env: {}, stdinIsTerminal: true, stderrIsTerminal: true };
const mayAsk = { noInput: false };

describe("canPrompt", () => {
  it.each([
    ["standard input is no terminal", { ...terminal, stdinIsTerminal: false }, mayAsk],
    ["stderr is no terminal", { ...terminal, stderrIsTerminal: false }, mayAsk],
    ["CI is set", { ...terminal, env: { CI: "true" } }, mayAsk],
    ["--no-input is given", terminal, { noInput: true }],
  ])("is false when %s", (_why, io, flags) => {
    expect(canPrompt(io, flags)).toBe(false);
  });

  it("is true on a terminal, wherever stdout goes, and for a CI that is set to nothing", () => {
    expect(canPrompt(terminal, mayAsk)).toBe(true);
    expect(canPrompt({ ...terminal, env: { CI: "" } }, mayAsk)).toBe(true);
  });
});

describe("a question", () => {
  it.each([
    ["text", () => askText({ ...terminal, stdinIsTerminal: false }, "Why?", { read: String })],
    ["a yes", () => askConfirm({ ...terminal, env: { CI: "1" } }, "Why?")],
  ])("for %s is refused where nobody is there, before anything is loaded", async (_what, ask) => {
    await expect(ask()).rejects.toMatchObject({
      code: "usage",
      message: "there is nobody to ask: Why?",
    });
  });
});
