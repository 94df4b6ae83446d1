import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openGitStore } from "../../src/stores/git.ts";
import { readTogether, type Together } from "../../src/system/read-together.ts";
import { readKnownTrusted, readTrusted, type TrustedFile } from "../../src/system/trusted.ts";
import { fileAt } from "../../src/system/trusted-history.ts";
import {
  commitFiles,
  entryText,
  fsck,
  git,
  growLog,
  makeClone,
  makePlace,
  makeRemote,
  openClone,
  pushRaw,
  snapshot,
  type Place,
} from "../support/git-remote.ts";
import { basicAuth, serveGit, type HttpGit } from "../support/http-git.ts";
import { refusal } from "../support/problem.ts";

const path = ".optout/policy.yaml";
const access = { interactive: false };

let place: Place;
let remote: string;

beforeEach(() => {
  place = makePlace();
  remote = makeRemote(place, { files: { [path]: "version: 1\n", "README.md": "# shop\n" } });
});

afterEach(() => {
  place.remove();
});

async function read(directory: string): Promise<TrustedFile & { readonly text: string | null }> {
  const found = await readTrusted(await openClone(directory), path, access);
  return {
    ...found,
    text: found.bytes === null ? null : Buffer.from(found.bytes).toString("utf8"),
  };
}

const commit = (content: string | null | { readonly link: string }): string =>
  commitFiles(remote, "main", { [path]: content });

describe("a file on the trusted ref", () => {
  it("is what the remote's HEAD holds, whatever is checked out", async () => {
    const directory = makeClone(place, remote);
    git(directory, ["checkout", "-q", "-b", "topic"]);
    writeFileSync(join(directory, path), "version: 666\n");
    git(directory, ["commit", "-qam", "evil"]);
    git(directory, ["update-ref", "refs/remotes/origin/main", "HEAD"]);
    git(directory, ["update-ref", "refs/heads/main", "HEAD"]);

    expect(await read(directory)).toMatchObject({
      text: "version: 1\n",
      commit: git(remote, ["rev-parse", "main"]),
      ref: "origin/main",
    });
  });

  it("is read anew each time", async () => {
    const directory = makeClone(place, remote);
    for (const text of ["one\n", "two\n", "three\n"]) {
      const id = commit(text);
      expect(await read(directory)).toMatchObject({ text, commit: id });
    }
  });

  it("is the new default branch's when the remote's HEAD changes", async () => {
    const directory = makeClone(place, remote);
    await read(directory);
    const id = commitFiles(remote, "trunk", { [path]: "trunk\n" });
    git(remote, ["symbolic-ref", "HEAD", "refs/heads/trunk"]);

    expect(await read(directory)).toMatchObject({ text: "trunk\n", commit: id });
  });

  it("is the one of a history that was written anew", async () => {
    const directory = makeClone(place, remote);
    await read(directory);
    git(remote, ["update-ref", "-d", "refs/heads/main"]);
    const id = commit("anew\n");

    expect(await read(directory)).toMatchObject({ text: "anew\n", commit: id });
  });

  it("is null where it is not there", async () => {
    const directory = makeClone(place, remote);
    const id = commit(null);

    expect(await read(directory)).toMatchObject({ bytes: null, commit: id });
  });

  it("is null where the remote has no commit", async () => {
    const directory = makeClone(place, remote);
    git(remote, ["update-ref", "-d", "refs/heads/main"]);

    expect(await read(directory)).toMatchObject({ bytes: null, commit: null });
  });

  it("is refused when it is a link", async () => {
    const directory = makeClone(place, remote);
    commit({ link: "../elsewhere.yaml" });

    const error = await refusal(read(directory));
    expect(error).toMatchObject({ code: "policy-invalid", exit: 2 });
    expect(error.message).toBe(
      ".optout/policy.yaml at origin/main is not a regular file (mode 120000)",
    );
  });

  it("is refused when a directory on its way is a link", async () => {
    const directory = makeClone(place, remote);
    commitFiles(remote, "main", {
      [path]: null,
      "other/policy.yaml": "x",
      ".optout": { link: "other" },
    });

    expect(await refusal(read(directory))).toMatchObject({ code: "policy-invalid" });
  });

  it("is refused when it is a directory", async () => {
    const directory = makeClone(place, remote);
    commitFiles(remote, "main", { [path]: null, [`${path}/x`]: "x" });

    expect(await refusal(read(directory))).toMatchObject({ code: "policy-invalid" });
  });

  it.each([65_537, 256 * 1024])("may have %i bytes", async (size) => {
    const directory = makeClone(place, `file://${remote}`);
    commit("x".repeat(size));

    expect((await read(directory)).bytes).toHaveLength(size);
  });

  it("is refused over 256 KiB", async () => {
    const directory = makeClone(place, `file://${remote}`);
    commit("x".repeat(256 * 1024 + 1));

    expect(await refusal(read(directory))).toMatchObject({ code: "policy-invalid" });
  });

  it("is unreachable with its remote", async () => {
    const directory = makeClone(place, remote);
    rmSync(remote, { recursive: true });

    expect(await refusal(read(directory))).toMatchObject({ code: "unreachable", exit: 6 });
  });
});

describe("a clone in which it is read", () => {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    plain: [],
    shallow: ["--depth=1"],
    bare: ["--bare"],
    partial: ["--filter=blob:none"],
    "without trees": ["--filter=tree:0"],
    "of another branch": ["--single-branch", "--branch=topic"],
  };

  it.each(Object.keys(kinds))("stays byte for byte as it was: %s", async (kind) => {
    commitFiles(remote, "topic", { "x.txt": "x" });
    for (let n = 0; n < 5; n += 1) commitFiles(remote, "main", { [`file-${n}.txt`]: `${n}` });
    const directory = makeClone(place, `file://${remote}`, { flags: kinds[kind] ?? [] });
    const own = kind === "bare" ? "optout" : join(".git", "optout");
    const before = snapshot(directory, [own]);

    expect((await read(directory)).text).toBe("version: 1\n");
    for (const text of ["two\n", "three\n"]) {
      commit(text);
      expect((await read(directory)).text).toBe(text);
    }
    expect(
      await fileAt(await openClone(directory), git(remote, ["rev-parse", "main~2"]), path, access),
    ).toEqual(new Uint8Array(Buffer.from("version: 1\n")));

    expect(snapshot(directory, [own])).toEqual(before);
    expect(fsck(remote)).toBe("");
  });

  it("is not sent a history that it has not asked for", async () => {
    const directory = makeClone(place, `file://${remote}`, { flags: ["--depth=1"] });
    await read(directory);
    const old = git(remote, ["rev-parse", "main"]);
    for (let n = 0; n < 50; n += 1) commitFiles(remote, "side", { [`s-${n}`]: `${n}` });
    const side = git(remote, ["rev-parse", "side"]);
    const tree = git(remote, ["rev-parse", "main^{tree}"]);
    const merge = git(remote, [
      "-c",
      "user.name=x",
      "-c",
      "user.email=x@x",
      "commit-tree",
      "-p",
      old,
      "-p",
      side,
      "-m",
      "merge",
      tree,
    ]);
    git(remote, ["update-ref", "refs/heads/main", merge]);

    expect((await read(directory)).commit).toBe(merge);
    const own = join(directory, ".git", "optout", "trusted");
    const objects = git(own, ["cat-file", "--batch-check", "--batch-all-objects"]);
    expect(objects.split("\n").filter((line) => line.includes(" commit ")).length).toBeLessThan(10);
  });

  it("may belong to a host that knows no filters", async () => {
    git(remote, ["config", "uploadpack.allowFilter", "false"]);
    const directory = makeClone(place, `file://${remote}`);

    expect((await read(directory)).text).toBe("version: 1\n");
    const id = commit("two\n");
    expect((await read(directory)).text).toBe("two\n");
    commit("three\n");
    const bytes = await fileAt(await openClone(directory), id, path, access);
    expect(Buffer.from(bytes ?? []).toString("utf8")).toBe("two\n");
  });

  it("may have a trusted repository in any trouble", async () => {
    const directory = makeClone(place, `file://${remote}`);
    await read(directory);
    const own = join(directory, ".git", "optout", "trusted");
    for (const name of ["shallow.lock", "refs/o/trusted.lock", "config", "refs/o/trusted"]) {
      writeFileSync(join(own, name), "\0");
      const id = commit(`${name}\n`);
      expect(await read(directory)).toMatchObject({ text: `${name}\n`, commit: id });
    }
  });

  it("serves ten readers at once", async () => {
    const directory = makeClone(place, `file://${remote}`);
    for (let round = 0; round < 2; round += 1) {
      const found = await Promise.all(Array.from({ length: 10 }, () => read(directory)));
      expect(new Set(found.map(({ text }) => text))).toEqual(new Set(["version: 1\n"]));
      commit("version: 1\n");
    }
  });
});

describe("a file that was known before", () => {
  it("is the one that was read last, without asking anybody", async () => {
    const directory = makeClone(place, remote);
    const clone = await openClone(directory);
    expect(await readKnownTrusted(clone, path)).toBeNull();
    await read(directory);
    commit("newer\n");
    rmSync(remote, { recursive: true });

    expect(await readKnownTrusted(clone, path)).toEqual(
      new Uint8Array(Buffer.from("version: 1\n")),
    );
  });
});

describe("a file in the past of the trusted ref", () => {
  const at = async (directory: string, id: string): Promise<string | null> => {
    const bytes = await fileAt(await openClone(directory), id, path, access);
    return bytes === null ? null : Buffer.from(bytes).toString("utf8");
  };

  it("is the one at that commit", async () => {
    const ids = ["a\n", "b\n", "c\n"].map((text) => [commit(text), text] as const);

    for (const flags of [[], ["--depth=1"]]) {
      const directory = makeClone(place, `file://${remote}`, {
        flags,
        name: `clone${flags.length}`,
      });
      for (const [id, text] of ids) expect(await at(directory, id)).toBe(text);
    }
  });

  it("is null where it did not exist, or was a link", async () => {
    const gone = commit(null);
    const link = commit({ link: "x" });
    commit("back\n");
    const directory = makeClone(place, `file://${remote}`);

    expect(await at(directory, gone)).toBeNull();
    expect(await at(directory, link)).toBeNull();
  });

  it("is null at a commit that is not in that past, though the remote or the clone has it", async () => {
    const other = commitFiles(remote, "topic", { [path]: "evil\n" });
    const directory = makeClone(place, `file://${remote}`);
    git(directory, ["checkout", "-q", "topic"]);

    expect(await at(directory, other)).toBeNull();
    expect(await at(directory, "0".repeat(40))).toBeNull();
    expect(await at(directory, "main")).toBeNull();
    expect(await at(directory, git(remote, ["rev-parse", "main^{tree}"]))).toBeNull();
  });
});

describe("the trusted ref and the log together", () => {
  const branch = "optout-log";
  let server: HttpGit;
  let directory: string;

  beforeEach(async () => {
    growLog(remote, branch, 100);
    server = await serveGit(place.root);
    directory = makeClone(place, remote);
    git(directory, ["remote", "set-url", "origin", `${server.origin}/remote.git`]);
    git(directory, ["config", "http.extraHeader", `Authorization: ${basicAuth("alice")}`]);
  });

  afterEach(async () => {
    await server.close();
  });

  const together = async (): Promise<Together | null> =>
    readTogether({ clone: await openClone(directory), count: 64, path }, access);

  /** As `check` reads: both ask the same promise. */
  async function readBoth(): Promise<{ text: string; size: number; head: string; asked: number }> {
    server.requests.length = 0;
    const clone = await openClone(directory);
    const ahead = readTogether({ clone, count: 64, path }, access);
    const store = openGitStore({ clone, branch, ahead });
    const [trusted, tail] = await Promise.all([
      readTrusted(clone, path, { ...access, ahead }),
      store.tail(64),
    ]);
    return {
      text: Buffer.from(trusted.bytes ?? []).toString("utf8"),
      size: tail.size,
      head: Buffer.from(tail.bytes.at(-1) ?? []).toString("utf8"),
      asked: server.requests.length,
    };
  }

  it("cost two requests where nothing is new, and no second git", async () => {
    await readBoth();
    await readBoth();

    expect(await readBoth()).toEqual({
      text: "version: 1\n",
      size: 100,
      head: entryText(99),
      asked: 2,
    });
    expect(existsSync(join(directory, ".git/optout/trusted/last-read"))).toBe(true);
  });

  it("cost no second git either where the whole log is shorter than what is asked for", async () => {
    pushRaw(remote, "short", "#0\n\nfirst");
    git(remote, ["update-ref", `refs/heads/${branch}`, "short"]);
    await readBoth();
    await readBoth();

    expect(await readBoth()).toMatchObject({ size: 1, head: "first", asked: 2 });
    expect(existsSync(join(directory, ".git/optout/trusted/last-read"))).toBe(true);
  });

  it("show at once what is new in either", async () => {
    await readBoth();
    for (let round = 0; round < 3; round += 1) {
      const size = 101 + 2 * round;
      growLog(remote, branch, 1);
      expect(await readBoth()).toMatchObject({ size, head: entryText(size - 1) });
      commit(`version: ${round}\n`);
      expect(await readBoth()).toMatchObject({ text: `version: ${round}\n`, size });
      growLog(remote, branch, 1);
      commit(`both: ${round}\n`);
      expect(await readBoth()).toMatchObject({ text: `both: ${round}\n`, size: size + 1 });
    }
    expect(fsck(join(directory, ".git/optout/repo"))).toBe("");
  });

  it("leave the store fit to append and to reach back", async () => {
    git(remote, ["config", "http.receivepack", "true"]);
    await readBoth();
    growLog(remote, branch, 3);
    const clone = await openClone(directory);
    const ahead = readTogether({ clone, count: 64, path }, access);
    const store = openGitStore({ clone, branch, ahead });

    expect((await store.tail(64)).size).toBe(103);
    expect(await store.before(39, 39)).toHaveLength(39);
    expect(await store.append(103, new Uint8Array(Buffer.from("mine")), "#103")).toBe("created");
    expect((await store.tail(1)).size).toBe(104);
  });

  it("are read apart the first time, in a shallow clone, and after a long while", async () => {
    expect(await together()).toBeNull();
    await readBoth();
    expect(await together()).not.toBeNull();

    const ref = join(directory, ".git/optout/trusted/refs/o/trusted");
    const lastWeek = new Date(Date.now() - 7 * 86_400_000);
    utimesSync(ref, lastWeek, lastWeek);
    expect(await together()).toBeNull();
    await readBoth();
    expect(await together()).not.toBeNull();

    git(directory, ["fetch", "-q", "--depth=1", `file://${remote}`, "main"]);
    expect(await together()).toBeNull();
  });

  it("are read apart when the log was begun anew or is gone", async () => {
    await readBoth();
    git(remote, ["update-ref", "-d", `refs/heads/${branch}`]);
    expect(await readBoth()).toMatchObject({ size: 0 });
    pushRaw(remote, branch, "#0\n\nnew");
    expect(await readBoth()).toMatchObject({ size: 1, head: "new" });
    expect(await readBoth()).toMatchObject({ size: 1, head: "new" });
  });

  it("are read apart when the repository of the log is gone, or in trouble", async () => {
    await readBoth();
    await readBoth();
    rmSync(join(directory, ".git/optout/repo"), { recursive: true });
    expect(await readBoth()).toMatchObject({ text: "version: 1\n", size: 100 });
    await readBoth();
    writeFileSync(join(directory, ".git/optout/trusted/last-read"), "garbage");
    growLog(remote, branch, 1);
    expect(await readBoth()).toMatchObject({ size: 101 });
    rmSync(join(directory, ".git/optout/trusted/objects"), { recursive: true });
    expect(await readBoth()).toMatchObject({ text: "version: 1\n", size: 101 });
  });

  it("are read apart where logs of several branches were read", async () => {
    await readBoth();
    await openGitStore({ clone: await openClone(directory), branch: "optout-log-2" }).tail(1);
    expect(await together()).not.toBeNull();
    pushRaw(remote, "ops/log", "#0\n\nother");
    await openGitStore({ clone: await openClone(directory), branch: "ops/log" }).tail(1);

    expect(await together()).toBeNull();
    expect(await readBoth()).toMatchObject({ size: 100 });
  });

  it("are taken by a store of that branch only", async () => {
    pushRaw(remote, "ops/log", "#0\n\nother");
    await readBoth();
    const clone = await openClone(directory);
    const ahead = readTogether({ clone, count: 64, path }, access);

    expect(await ahead).not.toBeNull();
    expect((await openGitStore({ clone, branch: "ops/log", ahead }).tail(1)).size).toBe(1);
  });

  it("serve ten readers at once", async () => {
    await readBoth();
    growLog(remote, branch, 1);
    commit("two\n");
    const clone = await openClone(directory);
    const found = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const ahead = readTogether({ clone, count: 64, path }, access);
        const store = openGitStore({ clone, branch, ahead });
        const [trusted, tail] = await Promise.all([
          readTrusted(clone, path, { ...access, ahead }),
          store.tail(64),
        ]);
        return `${Buffer.from(trusted.bytes ?? []).toString("utf8")}${tail.size}`;
      }),
    );

    expect(new Set(found)).toEqual(new Set(["two\n101"]));
  });

  it("leave the user's clone as it was, and no file of another run behind", async () => {
    const before = snapshot(directory, [join(".git", "optout")]);
    await readBoth();
    commit("two\n");
    await readBoth();

    expect(snapshot(directory, [join(".git", "optout")])).toEqual(before);
    expect(readdirSync(join(directory, ".git", "optout")).toSorted()).toEqual(["repo", "trusted"]);
  });
});
