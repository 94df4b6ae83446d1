import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  ageOf,
  ensurePrivateDirectory,
  hasErrorCode,
  isThere,
  readSmallFile,
  readTextIfThere,
  systemErrorCode,
  writeFileAtomic,
  writeNewFile,
} from "../../src/system/files.ts";
import { makePlace, type Place } from "../support/git-remote.ts";

let place: Place;
let file: string;

beforeEach(() => {
  place = makePlace();
  file = join(place.root, "file");
});

afterEach(() => {
  place.remove();
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("a file that is written as a whole", () => {
  it("is for its owner alone, and replaces what was there", () => {
    writeFileSync(file, "old", { mode: 0o644 });
    writeFileAtomic(file, "new");

    expect(readFileSync(file, "utf8")).toBe("new");
    expect(modeOf(file)).toBe(0o600);
    expect(readdirSync(place.root)).toEqual(["file"]);
  });

  it("may be readable by others where that is asked for", () => {
    writeFileAtomic(file, new Uint8Array([1, 2]), { mode: 0o644, durable: false });

    expect(modeOf(file)).toBe(0o644);
  });

  it("leaves nothing behind when it fails", () => {
    mkdirSync(file);
    chmodSync(file, 0o700);
    writeFileSync(join(file, "inside"), "");

    expect(() => writeFileAtomic(file, "new")).toThrow(expect.objectContaining({ code: "EISDIR" }));
    expect(readdirSync(place.root)).toEqual(["file"]);
  });

  it("must not exist where it is to be new", () => {
    writeFileSync(file, "old");

    expect(() => writeNewFile(file, "new", { mode: 0o600, durable: true })).toThrow(
      expect.objectContaining({ code: "EEXIST" }),
    );
    expect(readFileSync(file, "utf8")).toBe("old");
  });
});

describe("what is there", () => {
  it("is told apart from what is not, and from what may not be seen", () => {
    expect(isThere(file)).toBe(false);
    expect(readTextIfThere(file)).toBeNull();
    expect(ageOf(file)).toBe(0);
    writeFileSync(file, "x");
    expect(isThere(file)).toBe(true);
    expect(ageOf(file)).toBeLessThan(10_000);
    expect(() => isThere(join(file, "below"))).toThrow(
      expect.objectContaining({ code: "ENOTDIR" }),
    );
  });

  it("is private when it is a directory of ours", () => {
    ensurePrivateDirectory(join(place.root, "a", "b"));

    expect(modeOf(join(place.root, "a", "b"))).toBe(0o700);
  });
});

describe("an error of the system", () => {
  it("is known by its code", () => {
    const error = Object.assign(new Error("x"), { code: "EACCES", syscall: "open" });

    expect(systemErrorCode(error)).toBe("EACCES");
    expect(hasErrorCode(error, "EPERM", "EACCES")).toBe(true);
    expect(hasErrorCode(error, "ENOENT")).toBe(false);
    expect(systemErrorCode(Object.assign(new Error("x"), { code: "EACCES" }))).toBeNull();
    expect(systemErrorCode("EACCES")).toBeNull();
  });
});

describe("a small file", () => {
  it("has its content, through a link too", () => {
    writeFileSync(file, "text");
    symlinkSync(file, `${file}.link`);

    expect([file, `${file}.link`].map((path) => readSmallFile(path, 4)?.toString())).toEqual([
      "text",
      "text",
    ]);
    writeFileSync(file, "");
    expect(readSmallFile(file, 4)?.toString()).toBe("");
  });

  it("is none when it is larger, missing, or not a regular file, and is not waited for", () => {
    writeFileSync(file, "text");
    mkdirSync(`${file}.directory`);
    execFileSync("mkfifo", [`${file}.pipe`]);
    symlinkSync("/dev/zero", `${file}.device`);
    const paths = [file, ...["missing", "directory", "pipe", "device"].map((a) => `${file}.${a}`)];

    expect(paths.map((path) => readSmallFile(path, 3))).toEqual(paths.map(() => null));
  });
});
