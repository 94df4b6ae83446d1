/**
 * What the directory store promises beyond the contract.
 */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openDirStore } from "../../src/stores/dir.ts";
import type { Store } from "../../src/stores/store.ts";
import { makePlace, type Place } from "../support/git-remote.ts";
import { refusal } from "../support/problem.ts";

let place: Place;
let path: string;
let store: Store;

beforeEach(() => {
  place = makePlace();
  path = join(place.root, "log");
  store = openDirStore({ path });
});

afterEach(() => {
  place.remove();
});

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const file = (seq: number): string =>
  join(path, "entries", `${String(seq).padStart(12, "0")}.json`);

function fill(count: number): void {
  mkdirSync(join(path, "entries"), { recursive: true });
  for (let seq = 0; seq < count; seq += 1) writeFileSync(file(seq), `${seq}`);
}

describe("the directory", () => {
  it("holds one file a position, with exactly its bytes", async () => {
    await store.append(0, text("zero"), "#0");
    await store.append(1, text("one"), "#1");

    expect(readdirSync(join(path, "entries"))).toEqual(["000000000000.json", "000000000001.json"]);
    expect(readFileSync(file(1), "utf8")).toBe("one");
  });

  it("is created with position 0, and with no other", async () => {
    expect(await store.append(1, text("one"), "#1")).toBe("taken");
    expect(existsSync(path)).toBe(false);
  });

  it("may hold files that end with a line feed, which is not part of the position", async () => {
    fill(1);
    writeFileSync(file(1), "edited\n");
    writeFileSync(file(2), "\n");

    const { bytes } = await store.tail(2);
    expect(bytes.map((one) => Buffer.from(one).toString("utf8"))).toEqual(["edited", ""]);
  });

  it.each([1, 2, 3, 7, 8, 9, 64, 65, 1000, 1023, 1024, 1025])(
    "tells the size of a log of %i",
    async (count) => {
      fill(count);

      expect((await store.tail(1)).size).toBe(count);
    },
  );

  it("may hold what writers that were killed left; the old of it is removed", async () => {
    fill(64);
    const left = join(path, "entries", ".000000000003.json.1-abc.tmp");
    const fresh = join(path, "entries", ".000000000064.json.2-abc.tmp");
    writeFileSync(left, "half");
    writeFileSync(fresh, "half");
    const yesterday = new Date(Date.now() - 86_400_000);
    utimesSync(left, yesterday, yesterday);

    expect((await store.tail(1)).size).toBe(64);
    expect(await store.append(64, text("next"), "#64")).toBe("created");
    expect([existsSync(left), existsSync(fresh)]).toEqual([false, true]);
  });
});

describe("a position that was taken away", () => {
  it("is an error of integrity wherever it would be read", async () => {
    fill(20);
    rmSync(file(17));

    const error = await refusal(store.tail(5));
    expect(error).toMatchObject({ code: "log-rewound", exit: 5 });
    expect(error.message).toBe(`#17 is missing in dir:${path}`);
    expect(await refusal(store.before(20, 5))).toMatchObject({ code: "log-rewound" });
    expect(await refusal(store.scan(0)[Symbol.asyncIterator]().next())).toMatchObject({
      code: "log-rewound",
    });
  });
});

describe("what is no log", () => {
  it("is unreachable: a file in the way", async () => {
    writeFileSync(path, "");

    for (const act of [store.tail(1), store.append(0, text("zero"), "#0")]) {
      const error = await refusal(act);
      expect(error).toMatchObject({ code: "unreachable", exit: 6 });
      expect(error.message).toBe(`dir:${path} cannot be used: ENOTDIR`);
    }
  });

  it("is unreachable: a loop of links", async () => {
    symlinkSync(path, path);

    expect(await refusal(store.tail(1))).toMatchObject({ code: "unreachable" });
    expect(await store.probe()).toMatchObject({ readable: false, appendable: false });
  });

  it("is not waited for: a pipe in place of a position", async () => {
    fill(1);
    execFileSync("mkfifo", [file(1)]);

    expect(await refusal(store.tail(1))).toMatchObject({ code: "unreachable" });
  });
});

describe("a deadline", () => {
  it("that has passed ends every call", async () => {
    fill(3);
    const late = openDirStore({ path, deadline: AbortSignal.abort() });

    expect(await refusal(late.tail(1))).toMatchObject({ code: "timeout" });
    expect(await refusal(late.before(2, 1))).toMatchObject({ code: "timeout" });
    expect(await refusal(late.append(3, text("x"), "#3"))).toMatchObject({ code: "timeout" });
    expect(readdirSync(join(path, "entries"))).toHaveLength(3);
  });
});
