/**
 * What a person sees on a real terminal, narrow or wide, when others have put into the log whatever
 * the schema lets through: text, our own colours, and no line that the terminal would have to wrap.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { displayWidth } from "../../src/output/display-width.ts";
import { hasScript } from "../support/programs.ts";
import { hostileTexts } from "../support/hostile.ts";
import {
  BIN,
  git,
  makePlace,
  makeStage,
  must,
  parsed,
  run,
  type Place,
  type Stage,
} from "../support/stage.ts";

// eslint-disable-next-line no-control-regex -- control characters are what the schema refuses
const refused = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]|\p{Cs}/u;
/** What the schema takes for a reason, or would if it were longer. */
const valid = hostileTexts
  .map(({ text }) => `${text.slice(0, 4000)} and so much more`)
  .filter((text) => !refused.test(text) && [...text].length <= 2000);

let stage: Stage;
let place: Place;
let numbers: readonly string[];

beforeAll(async () => {
  if (!hasScript) return;
  stage = await makeStage();
  place = makePlace(stage, "local");
  await git(place, ["init", "-q"]);
  await must(place, ["init", "--yes", "--stage", "lint", "--store", "dir", "--path", "log"]);
  const issued: string[] = [];
  for (const input of valid) {
    const line = ["skip", "lint", "-m", "-", "--all-branches", "--json"];
    issued.push(String(parsed(await must(place, line, { input }))["seq"]));
  }
  numbers = issued;
});

afterAll(() => stage?.remove());

/** The lines that the program writes to a terminal of so many columns. */
async function onTerminal(columns: number, commands: readonly string[]): Promise<string[]> {
  const lines = commands.map((command) => `'${process.execPath}' '${BIN}' ${command}`);
  const shell = [`stty cols ${columns} rows 24`, ...lines].join(" && ");
  const env = { TERM: "xterm-256color", SHELL: "/bin/sh" };
  const { status, stdout } = await run(place, "script", ["-qec", shell, "/dev/null"], { env });
  expect(status).toBe(0);
  return stdout.split("\r\n");
}

// eslint-disable-next-line no-control-regex -- the colours of src/output/style.ts, on and off
const ownColors = /\u001B\[(?:1|2|22|31|32|33|36|39)m/g;
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

describe.skipIf(!hasScript)("a terminal", () => {
  it("is tried with most of the hostile corpus", () => {
    expect(numbers.length).toBeGreaterThan(30);
  });

  it.each([
    [40, "status"],
    [80, "status"],
    [200, "status"],
    [40, "history"],
    [80, "history"],
    [200, "history"],
    [40, "show"],
    [80, "show"],
    [200, "show"],
  ])("of %i columns shows hostile reasons as text that fits: %s", async (columns, command) => {
    // all of them where it is narrowest, which takes a while; some where only the wrap differs
    const shown = columns === 40 ? numbers : numbers.slice(0, 6);
    const commands = command === "show" ? shown.map((number) => `show ${number}`) : [command];
    const lines = await onTerminal(columns, commands);
    const texts = lines.map((line) => line.replace(ownColors, ""));

    expect(lines.join("")).toMatch(ownColors);
    expect(texts.filter((text) => unseen.test(text))).toEqual([]);
    expect(texts.filter((text) => displayWidth(text) > columns)).toEqual([]);
  });
});

describe.skipIf(!hasScript)("check and run on a terminal", () => {
  const words = "lint skipped by override #";
  const line = "check lint --branch main";

  it("show what suspends a stage in yellow", async () => {
    const checked = (await onTerminal(200, [line])).join("\n");
    const ran = (await onTerminal(200, ["run lint --branch main -- false"])).join("\n");

    expect(checked).toContain(`\u001B[33m!\u001B[39m ${words}`);
    expect(ran).toContain(`\u001B[33m!\u001B[39m ${words}`);
  });

  it("are plain with --color never, and wherever no terminal is", async () => {
    const plain = (await onTerminal(200, [`${line} --color never`])).join("\n");
    const piped = await must(place, [...line.split(" "), "--color", "always"]);

    expect(plain).toMatch(/^! lint skipped/m);
    expect(piped).toMatch(/^! lint skipped/);
  });
});
