import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Clone } from "../../src/system/clone.ts";
import { GitTrouble } from "../../src/system/git.ts";
import { OwnRepository, type OwnPlace } from "../../src/system/own-repository.ts";
import {
  git,
  makeClone,
  makePlace,
  makeRemote,
  openClone,
  type Place,
} from "../support/git-remote.ts";

let place: Place;
let clone: Clone;

beforeEach(async () => {
  place = makePlace();
  clone = await openClone(makeClone(place, makeRemote(place)));
});

afterEach(() => {
  place.remove();
});

const repository = (): OwnRepository =>
  new OwnRepository({ clone, name: "repo", borrows: [], interactive: false });
const kept = (...names: readonly string[]): string =>
  join(clone.commonDir, "optout", "repo", ...names);
const where = (at: OwnPlace): Promise<OwnPlace> => Promise.resolve(at);

describe("a repository of our own", () => {
  it("is a bare one that git understands, for its owner alone", async () => {
    const { gitDir, isSpare } = await repository().use(where);

    expect({ gitDir, isSpare }).toEqual({ gitDir: kept(), isSpare: false });
    expect(git(gitDir, ["rev-parse", "--is-bare-repository"])).toBe("true");
    expect(git(gitDir, ["fsck"])).toBe("");
  });

  it("is left for a throw-away one at the first trouble, and stays left", async () => {
    const own = repository();
    const tried: boolean[] = [];

    const { isSpare } = await own.use((at) => {
      tried.push(at.isSpare);
      return at.isSpare ? where(at) : Promise.reject(new GitTrouble("a lock is in the way"));
    });

    expect(tried).toEqual([false, true]);
    expect(isSpare).toBe(true);
    expect((await own.use(where)).isSpare).toBe(true);
  });

  it("leaves it to the throw-away one to fail: its words are the answer", async () => {
    const trouble = (): Promise<never> => Promise.reject(new GitTrouble("the host hung up"));

    await expect(repository().use(trouble)).rejects.toMatchObject({
      code: "unreachable",
      message: "the host hung up",
    });
  });

  it("is no remedy for what is a fact or a fault of ours", async () => {
    let tries = 0;
    const fail = (): Promise<never> => {
      tries += 1;
      return Promise.reject(new TypeError("x is not a function"));
    };

    await expect(repository().use(fail)).rejects.toThrow("x is not a function");
    expect(tries).toBe(1);
  });

  it("is made anew when it has grown too much", async () => {
    await repository().use(where);
    mkdirSync(kept("objects", "17"));
    for (let n = 0; n < 40; n += 1) writeFileSync(kept("objects", "17", `${n}`), "");

    await repository().use(where);

    expect(existsSync(kept("objects", "17"))).toBe(false);
    expect(readdirSync(join(clone.commonDir, "optout"))).toEqual(["repo"]);
  });

  it("removes what runs that were killed left behind long ago, and nothing else", async () => {
    const old = mkdtempSync(join(tmpdir(), "optout-git-"));
    const fresh = mkdtempSync(join(tmpdir(), "optout-git-"));
    const yesterday = new Date(Date.now() - 86_400_000);
    utimesSync(old, yesterday, yesterday);

    const { gitDir } = await repository().use((at) =>
      at.isSpare ? where(at) : Promise.reject(new GitTrouble("trouble")),
    );

    expect([existsSync(old), existsSync(fresh), existsSync(gitDir)]).toEqual([false, true, true]);
    rmSync(fresh, { recursive: true });
  });
});
