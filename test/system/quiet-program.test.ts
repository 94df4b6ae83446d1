/** Other programs that are asked for a word: `gh`, keychains. Nobody waits for one that is not there. */
import { describe, expect, it } from "vitest";

import { askProgram } from "../../src/system/quiet-program.ts";

const env = { PATH: process.env["PATH"] };

describe("a program that is asked", () => {
  it("gets its input, and its output is the answer", async () => {
    expect(await askProgram("cat", [], { env, input: "secret" })).toBe("secret");
  });

  it("that fails or takes too long has no answer", async () => {
    expect(await askProgram("false", [], { env })).toBeNull();
    expect(await askProgram("sleep", ["60"], { env, limit: 50 })).toBeNull();
  });

  it("that is not installed leaves nothing behind that keeps the process alive", async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((one) => one === "Timeout").length;
    const before = timers();

    expect(await askProgram("no-such-program", [], { env })).toBeNull();
    expect(timers()).toBe(before);
  });
});
