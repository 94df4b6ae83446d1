/**
 * The door of the program ends with 0 only when `main` answered 0. Each test puts the real
 * bin/optout.cjs before a stand-in for dist/cli.cjs.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "optout-bin-"));
  cpSync(join(ROOT, "bin"), join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "version": "9.8.7", "type": "module" }');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function optout(...args: readonly string[]): Ended {
  const door = join(folder, "bin", "optout.cjs");
  return spawnSync(process.execPath, [door, ...args], { encoding: "utf8" });
}

function program(source: string): void {
  mkdirSync(join(folder, "dist"));
  writeFileSync(join(folder, "dist", "cli.cjs"), source);
}

describe("bin/optout.cjs", () => {
  it.each(["--version", "-V"])("answers %s although the program is broken", (flag) => {
    program("throw new Error('loaded');");

    expect(optout(flag)).toMatchObject({ status: 0, stdout: "9.8.7\n", stderr: "" });
  });

  it("leaves --version to the program when it is not alone", () => {
    program("exports.main = async (argv) => { console.log(argv.join(' ')); return 2; };");

    expect(optout("--version", "--json")).toMatchObject({
      status: 2,
      stdout: "--version --json\n",
    });
  });

  it("ends with the status that main answers", () => {
    program("exports.main = async (argv) => argv.length;");

    expect(optout().status).toBe(0);
    expect(optout("a", "b", "c").status).toBe(3);
  });

  it("says how to build a program that is not built, and ends with 1", () => {
    expect(optout("check", "lint")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "optout: the program is not built; run: npm run build\n",
    });
  });

  it.each([
    ["cannot be loaded", "syntax error"],
    ["has no main", ""],
    ["throws", "exports.main = () => { throw new Error('broken'); };"],
    ["rejects", "exports.main = async () => { throw new Error('broken'); };"],
    ["rejects with nothing", "exports.main = () => Promise.reject();"],
    ["answers nothing", "exports.main = async () => {};"],
    ["answers true", "exports.main = async () => true;"],
    ["answers what is no exit status", "exports.main = async () => 256;"],
    ["never answers", "exports.main = () => new Promise(() => {});"],
    [
      "fails beside its answer",
      "exports.main = async () => { setTimeout(() => { throw 1; }, 50); return 0; };",
    ],
  ])("ends non-zero when the program %s", (_title, source) => {
    program(source);

    expect(optout("check", "lint").status).toBeGreaterThan(0);
  });
});
