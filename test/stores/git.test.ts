/**
 * What the git store promises beyond the contract: hosts that refuse, networks that break, histories
 * that lie, clones that are odd.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { OptoutError } from "../../src/core/errors.ts";
import { openGitStore, type GitStoreOptions } from "../../src/stores/git.ts";
import type { Store } from "../../src/stores/store.ts";
import { startFaultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import {
  entryText,
  fsck,
  git,
  gitBytes,
  growLog,
  logSize,
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

const branch = "optout-log";

let place: Place;
let remote: string;

beforeEach(() => {
  place = makePlace();
  remote = makeRemote(place);
});

afterEach(() => {
  place.remove();
});

async function open(directory: string, more: Partial<GitStoreOptions> = {}): Promise<Store> {
  return openGitStore({ clone: await openClone(directory), branch, ...more });
}

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const texts = (values: readonly Uint8Array[]): readonly string[] =>
  values.map((bytes) => Buffer.from(bytes).toString("latin1"));

async function scanned(store: Store, from = 0): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const bytes of store.scan(from)) found.push(...texts([bytes]));
  return found;
}

/** A hook of the remote. */
function hook(name: string, script: string): void {
  writeFileSync(join(remote, "hooks", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

describe("a commit of the log", () => {
  it("reads as a history: the title first, the bytes last, a README that explains the branch", async () => {
    const store = await open(makeClone(place, remote), { now: () => 1_700_000_000 });
    await store.append(0, text("zero"), "#0 log created");
    await store.append(1, text("one"), "#1 skip lint\non main\u0007");

    expect(git(remote, ["log", "--format=%s", branch])).toBe(
      "#1 skip lint on main\n#0 log created",
    );
    expect(git(remote, ["log", "-1", "--format=%B%an <%ae> %at", branch])).toBe(
      "#1 skip lint on main\n\n[skip ci]\n\none\nAlice Ng <alice@example.com> 1700000000",
    );
    expect(git(remote, ["ls-tree", "-r", "--name-only", branch])).toBe("README.md");
    expect(git(remote, ["rev-parse", `${branch}^{tree}`])).toBe(
      git(remote, ["rev-parse", `${branch}~1^{tree}`]),
    );
  });

  it("is by optout when the user has no name", async () => {
    const clone = await openClone(makeClone(place, remote));
    const store = openGitStore({
      clone: { ...clone, identity: { name: null, email: "<>" } },
      branch,
    });
    await store.append(0, text("zero"), "#0");

    expect(git(remote, ["log", "-1", "--format=%an <%ae>", branch])).toBe(
      "optout <optout@localhost>",
    );
    expect(fsck(remote)).toBe("");
  });

  it("takes bytes that are no line for a mistake of the program", async () => {
    const store = await open(makeClone(place, remote));

    for (const bytes of ["two\nlines", "a\0b"]) {
      expect(await refusal(store.append(0, text(bytes), "#0"))).toMatchObject({
        code: "unexpected",
      });
    }
    expect(logSize(remote, branch)).toBe(0);
  });

  it("keeps its raw bytes whatever its headers say of an encoding or a replacement", async () => {
    const first = pushRaw(remote, branch, "by hand\n\none");
    const tree = git(remote, ["rev-parse", `${first}^{tree}`]);
    const who = "m <m@m> 1700000000 +0000";
    const body = Buffer.concat([
      Buffer.from(`tree ${tree}\nparent ${first}\nauthor ${who}\ncommitter ${who}\n`),
      Buffer.from("encoding ISO-8859-1\ngpgsig x\n parent 0\n\nby hand\n\n"),
      Buffer.from([0xe9, 0x20, 0x20]),
    ]);
    const args = ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"];
    const second = git(remote, args, body);
    git(remote, ["update-ref", `refs/heads/${branch}`, second]);
    const directory = makeClone(place, remote);
    git(directory, ["fetch", "-q", "origin", `${branch}:refs/remotes/origin/${branch}`]);
    git(directory, ["replace", second, first]);

    expect(texts((await (await open(directory)).tail(2)).bytes)).toEqual(["one", "\u00e9  "]);
  });

  it("has the bytes after its last line feed but one", async () => {
    for (const message of ["one line", "a\n\nb\n", "a\nb\n\n", "", "\n", "a\nb\0c"]) {
      pushRaw(remote, branch, message);
    }

    const { bytes } = await (await open(makeClone(place, remote))).tail(9);

    expect(texts(bytes)).toEqual(["one line", "b", "", "", "", "b\0c"]);
  });
});

describe("the user's clone", () => {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    plain: [],
    shallow: ["--depth=1"],
    bare: ["--bare"],
    partial: ["--filter=blob:none"],
    "without trees": ["--filter=tree:0"],
    "of one branch": ["--single-branch"],
  };

  it.each(Object.keys(kinds))("stays byte for byte as it was: %s", async (kind) => {
    growLog(remote, branch, 100);
    for (let n = 0; n < 3; n += 1) git(remote, ["tag", `v${n}`, "main"]);
    const directory = makeClone(place, `file://${remote}`, { flags: kinds[kind] ?? [] });
    const own = kind === "bare" ? "optout" : join(".git", "optout");
    if (kind !== "bare") {
      writeFileSync(join(directory, "README.md"), "changed\n");
      git(directory, ["stash"]);
      writeFileSync(join(directory, "README.md"), "changed again\n");
    }
    const before = snapshot(directory, [own]);
    const store = await open(directory);

    expect((await store.tail(70)).size).toBe(100);
    expect(await store.before(20, 10)).toHaveLength(10);
    expect(await store.append(100, text("mine"), "#100")).toBe("created");
    expect(await scanned(store)).toHaveLength(101);
    expect(await store.probe()).toMatchObject({ appendable: true });

    expect(snapshot(directory, [own])).toEqual(before);
    expect(fsck(join(directory, own, "repo"))).toBe("");
    expect(fsck(remote)).toBe("");
  });

  it("may be a linked work tree, and shares one repository of ours with the others", async () => {
    growLog(remote, branch, 3);
    const main = makeClone(place, remote);
    const linked = join(place.root, "linked");
    git(main, ["worktree", "add", "-q", "-b", "topic", linked]);

    expect((await (await open(linked)).tail(1)).size).toBe(3);
    expect(existsSync(join(main, ".git", "optout", "repo", "HEAD"))).toBe(true);
  });

  it("may be read-only", async () => {
    growLog(remote, branch, 3);
    const directory = makeClone(place, remote);
    const blocked = join(directory, ".git", "optout");
    // Permissions do not stop root, a file in the way stops everybody.
    writeFileSync(blocked, "");
    const store = await open(directory);

    expect((await store.tail(1)).size).toBe(3);
    expect(await store.append(3, text("mine"), "#3")).toBe("created");
    expect(await store.append(4, text("mine too"), "#4")).toBe("created");
    expect((await scanned(store)).slice(3)).toEqual(["mine", "mine too"]);
    expect(readFileSync(blocked, "utf8")).toBe("");
  });

  it("may name its remote by a relative path", async () => {
    growLog(remote, branch, 2);
    const directory = makeClone(place, remote);
    git(directory, ["remote", "set-url", "origin", "../remote.git"]);
    mkdirSync(join(directory, "deep", "down"), { recursive: true });

    expect((await (await open(join(directory, "deep", "down"))).tail(1)).size).toBe(2);
  });

  it("may rewrite its remote's URL, as url.insteadOf does", async () => {
    growLog(remote, branch, 2);
    const directory = makeClone(place, remote);
    git(directory, ["config", `url.${place.root}/.insteadOf`, "corp:"]);
    git(directory, ["remote", "set-url", "origin", "corp:remote.git"]);

    expect((await (await open(directory)).tail(1)).size).toBe(2);
  });

  it("may reach its remote through a command of its own, as core.sshCommand does", async () => {
    growLog(remote, branch, 2);
    const directory = makeClone(place, remote);
    const ssh = join(place.root, "ssh.sh");
    writeFileSync(ssh, '#!/bin/sh\neval "for last; do :; done"\nexec sh -c "$last"\n', {
      mode: 0o755,
    });
    git(directory, ["config", "core.sshCommand", ssh]);
    git(directory, ["config", "ssh.variant", "simple"]);
    git(directory, ["remote", "set-url", "origin", `ssh://git@host${remote}`]);
    const store = await open(directory);

    expect((await store.tail(1)).size).toBe(2);
    expect(await store.append(2, text("mine"), "#2")).toBe("created");
  });

  it("may run nothing of its own: hooks, monitors, filters and pushes of tags", async () => {
    growLog(remote, branch, 2);
    const directory = makeClone(place, remote);
    const ran = join(place.root, "ran");
    const bad = `sh -c 'touch ${ran}'`;
    for (const name of ["pre-push", "reference-transaction", "post-checkout", "pre-auto-gc"]) {
      const file = join(directory, ".git", "hooks", name);
      writeFileSync(file, `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
    }
    writeFileSync(join(directory, ".gitattributes"), "* filter=evil diff=evil\n");
    for (const [key, value] of [
      ["core.hooksPath", join(directory, ".git", "hooks")],
      ["core.fsmonitor", bad],
      ["core.alternateRefsCommand", bad],
      ["core.pager", bad],
      ["filter.evil.smudge", bad],
      ["gpg.program", bad],
      ["commit.gpgSign", "true"],
      ["push.gpgSign", "true"],
      ["push.followTags", "true"],
      ["gc.auto", "1"],
    ] as const) {
      git(directory, ["config", key, value]);
    }
    git(directory, ["-c", "tag.gpgSign=false", "tag", "-m", "x", "v1"]);
    const store = await open(directory);
    rmSync(ran, { force: true });

    expect((await store.tail(1)).size).toBe(2);
    expect(await store.append(2, text("mine"), "#2")).toBe("created");
    expect(await store.probe()).toMatchObject({ appendable: true });
    expect(existsSync(ran)).toBe(false);
    expect(git(remote, ["tag"])).toBe("");
  });

  it("may keep its objects under SHA-256", async () => {
    const other = makePlace();
    const strong = makeRemote(other, { objectFormat: "sha256" });
    const directory = makeClone(other, strong);
    const store = await open(directory);

    expect(await store.append(0, text("zero"), "#0")).toBe("created");
    expect(await store.append(1, text("one"), "#1")).toBe("created");
    expect(texts((await (await open(directory)).tail(2)).bytes)).toEqual(["zero", "one"]);
    expect(fsck(strong)).toBe("");
    other.remove();
  });
});

describe("numbering the end of a long log", () => {
  const length = 300;
  const garbage = "garbage";
  const lie = (seq: number, by: number): string => entryText(seq + by);

  /** A log of 300 positions of which some say something else. */
  async function sizeWhere(says: (seq: number) => string): Promise<number> {
    growLog(remote, branch, length, says);
    const { size, first, bytes } = await (
      await open(makeClone(place, `file://${remote}`))
    ).tail(64);
    expect(first).toBe(size - 64);
    expect(bytes).toHaveLength(64);
    return size;
  }

  it("takes the entries' word for it", async () => {
    expect(await sizeWhere(entryText)).toBe(length);
  });

  it.each([
    ["the head is garbage", (seq: number) => (seq === length - 1 ? garbage : entryText(seq))],
    [
      "the oldest in view is garbage",
      (seq: number) => (seq === length - 64 ? garbage : entryText(seq)),
    ],
    ["one of them lies", (seq: number) => (seq === length - 3 ? lie(seq, 7) : entryText(seq))],
    ["the head lies", (seq: number) => (seq === length - 1 ? lie(seq, 1000) : entryText(seq))],
    [
      "20 of 64 tell the same lie",
      (seq: number) => (seq >= length - 20 ? lie(seq, 9) : entryText(seq)),
    ],
    ["30 of 64 are garbage", (seq: number) => (seq >= length - 30 ? garbage : entryText(seq))],
    ["all of 64 are garbage", (seq: number) => (seq >= length - 64 ? garbage : entryText(seq))],
    ["no entry can be read", () => garbage],
    ["every entry tells another lie", (seq: number) => lie(seq, 3 * seq)],
    [
      "an entry claims an impossible number",
      (seq: number) => (seq > length - 5 ? entryText(3) : entryText(seq)),
    ],
  ])("is right though %s", async (_what, says) => {
    expect(await sizeWhere(says)).toBe(length);
  });

  it("finds out that all entries in view lied when it reads further back, and knows it then", async () => {
    growLog(remote, branch, length, (seq) => (seq >= length - 64 ? lie(seq, 5) : entryText(seq)));
    const directory = makeClone(place, `file://${remote}`);
    const store = await open(directory);

    expect((await store.tail(64)).size).toBe(length + 5);
    expect(await refusal(store.before(length + 5 - 64, 64))).toMatchObject({ code: "conflict" });
    expect((await store.tail(64)).size).toBe(length);
    expect((await (await open(directory)).tail(64)).size).toBe(length);
  });

  it("counts for a scan, whatever the entries claim", async () => {
    growLog(remote, branch, length, (seq) => (seq >= length - 64 ? lie(seq, 5) : entryText(seq)));
    const directory = makeClone(place, `file://${remote}`);

    expect(await scanned(await open(directory))).toHaveLength(length);
    expect((await scanned(await open(directory), 290))[0]).toBe(lie(290, 5));
    expect((await scanned(await open(directory), 100))[0]).toBe(entryText(100));
  });

  it("stays exact once it was counted, when garbage follows", async () => {
    growLog(remote, branch, length);
    const directory = makeClone(place, `file://${remote}`);
    expect(await scanned(await open(directory))).toHaveLength(length);
    growLog(remote, branch, 200, () => garbage);

    expect((await (await open(directory)).tail(64)).size).toBe(length + 200);
  });
});

describe("reading", () => {
  it("reaches back as far as it is asked to, in steps, from any clone", async () => {
    growLog(remote, branch, 500);
    const store = await open(makeClone(place, `file://${remote}`));
    const all = Array.from({ length: 500 }, (_, seq) => entryText(seq));

    const { first } = await store.tail(10);
    expect(first).toBe(490);
    for (let seq = first, count = 20; seq > 0; seq = Math.max(0, seq - count), count *= 2) {
      expect(texts(await store.before(seq, count))).toEqual(
        all.slice(Math.max(0, seq - count), seq),
      );
    }
    expect(texts((await store.tail(600)).bytes)).toEqual(all);
  });

  it("serves what it has read before without asking the remote", async () => {
    growLog(remote, branch, 200);
    const store = await open(makeClone(place, remote));
    await store.tail(64);
    rmSync(remote, { recursive: true });

    expect(texts(await store.before(200, 5))).toEqual([195, 196, 197, 198, 199].map(entryText));
  });

  it("reads from the middle of a long log", async () => {
    growLog(remote, branch, 1500);
    const store = await open(makeClone(place, `file://${remote}`));

    const found = await scanned(store, 700);

    expect(found).toHaveLength(800);
    expect(found[0]).toBe(entryText(700));
    expect(found.at(-1)).toBe(entryText(1499));
  });

  it("sees at once what another clone appended", async () => {
    const mine = await open(makeClone(place, remote, { name: "mine" }));
    const theirs = await open(makeClone(place, remote, { name: "theirs" }));

    for (let seq = 0; seq < 6; seq += 1) {
      const [writer, reader] = seq % 2 === 0 ? [mine, theirs] : [theirs, mine];
      await writer.tail(1);
      expect(await writer.append(seq, text(`${seq}`), "#")).toBe("created");
      expect(texts((await reader.tail(1)).bytes)).toEqual([`${seq}`]);
    }
  });

  it("refuses a merge in the log", async () => {
    growLog(remote, branch, 3);
    const main = git(remote, ["rev-parse", "main"]);
    const tip = git(remote, ["rev-parse", branch]);
    pushRaw(remote, branch, "merged\n\nx", [tip, main]);
    const store = await open(makeClone(place, remote));

    const inTail = await refusal(store.tail(2));
    expect(inTail).toMatchObject({ code: "log-merge", exit: 5 });
    expect(inTail.message).toMatch(/^commit [0-9a-f]{40} in the log has two parents$/);
    expect(await refusal(scanned(store))).toMatchObject({ code: "log-merge" });
  });

  it("refuses a merge that is further down, when it gets there", async () => {
    growLog(remote, branch, 3);
    const tip = git(remote, ["rev-parse", branch]);
    pushRaw(remote, branch, "merged\n\nx", [tip, git(remote, ["rev-parse", "main"])]);
    growLog(remote, branch, 1200, (seq) => entryText(seq));
    const store = await open(makeClone(place, `file://${remote}`));

    expect((await store.tail(64)).size).toBe(1204);
    expect(await refusal(scanned(store))).toMatchObject({ code: "log-merge" });
  });

  it("reads a log that was begun anew, though it knows another", async () => {
    growLog(remote, branch, 5);
    const directory = makeClone(place, remote);
    expect((await (await open(directory)).tail(9)).size).toBe(5);
    git(remote, ["update-ref", "-d", `refs/heads/${branch}`]);
    expect((await (await open(directory)).tail(9)).size).toBe(0);
    growLog(remote, branch, 2, () => "new");
    expect(texts((await (await open(directory)).tail(9)).bytes)).toEqual(["new", "new"]);
    git(remote, ["update-ref", "-d", `refs/heads/${branch}`]);
    growLog(remote, branch, 4, () => "newer");

    const store = await open(directory);
    expect((await store.tail(9)).size).toBe(4);
    expect(await store.append(4, text("mine"), "#4")).toBe("created");
  });

  it("reads a log whose tail was cut off", async () => {
    growLog(remote, branch, 9);
    const directory = makeClone(place, remote);
    const store = await open(directory);
    expect((await store.tail(1)).size).toBe(9);
    git(remote, ["update-ref", `refs/heads/${branch}`, `${branch}~4`]);

    expect((await store.tail(1)).size).toBe(5);
    expect((await (await open(directory)).tail(1)).size).toBe(5);
  });
});

describe("a log that is in trouble on this machine", () => {
  let directory: string;

  beforeEach(async () => {
    growLog(remote, branch, 80);
    directory = makeClone(place, remote);
    await (await open(directory)).tail(1);
    growLog(remote, branch, 1);
  });

  const own = (...names: readonly string[]): string =>
    join(directory, ".git", "optout", "repo", ...names);

  async function readAndWrite(): Promise<unknown> {
    const store = await open(directory);
    const { size } = await store.tail(5);
    const before = await store.before(70, 70);
    const appended = await store.append(81, text("mine"), "#81");
    return { size, before: before.length, appended, scanned: (await scanned(store)).length };
  }

  const asEver = { size: 81, before: 70, appended: "created", scanned: 82 };

  it.each([
    "shallow.lock",
    "refs/o/heads/optout-log.lock",
    "config.lock",
    "HEAD.lock",
    "packed-refs.lock",
  ])("is read and written though a killed git left %s", async (name) => {
    writeFileSync(own(name), "");
    expect(await readAndWrite()).toEqual(asEver);
  });

  it.each(["HEAD", "config", "shallow", "refs/o/heads/optout-log"])(
    "is read and written though %s is garbage",
    async (name) => {
      writeFileSync(own(name), "\0garbage\n");
      expect(await readAndWrite()).toEqual(asEver);
    },
  );

  it("is read and written though objects are gone", async () => {
    rmSync(own("objects"), { recursive: true });
    expect(await readAndWrite()).toEqual(asEver);
  });

  it("is read and written though objects are corrupt", async () => {
    for (const name of Object.keys(snapshot(own("objects", "pack")))) {
      const file = own("objects", "pack", name);
      chmodSync(file, 0o600);
      writeFileSync(file, "garbage");
    }
    expect(await readAndWrite()).toEqual(asEver);
  });

  it("mends itself when trouble stays", async () => {
    writeFileSync(own("shallow.lock"), "");
    writeFileSync(own("refs/o/heads/optout-log.lock"), "");
    await (await open(directory)).tail(5);
    expect(existsSync(own("trouble"))).toBe(true);
    const minuteAgo = new Date(Date.now() - 60_000);
    const { utimesSync } = await import("node:fs");
    utimesSync(own("trouble"), minuteAgo, minuteAgo);
    await (await open(directory)).tail(5);
    expect(existsSync(own("shallow.lock"))).toBe(false);

    await (await open(directory)).tail(5);
    expect(existsSync(own("trouble"))).toBe(false);
    expect(existsSync(own("HEAD"))).toBe(true);
  });

  it("serves ten readers at once, the first time and later", async () => {
    rmSync(join(directory, ".git", "optout"), { recursive: true });
    for (let round = 0; round < 2; round += 1) {
      const stores = await Promise.all(Array.from({ length: 10 }, () => open(directory)));
      const tails = await Promise.all(stores.map((store) => store.tail(20)));
      expect(tails.map(({ size }) => size)).toEqual(Array.from({ length: 10 }, () => 81));
    }
  });

  it("serves five writers at once in one clone", async () => {
    const write = async (writer: number): Promise<void> => {
      const store = await open(directory);
      for (let n = 0; n < 3; n += 1) {
        for (;;) {
          const { size } = await store.tail(1);
          const outcome = await store.append(size, text(`${writer}.${n}`), "#");
          if (outcome === "created") break;
        }
      }
    };
    await Promise.all([0, 1, 2, 3, 4].map(write));

    const log = (await scanned(await open(directory))).slice(81);
    expect(new Set(log).size).toBe(15);
    expect(log).toHaveLength(15);
    expect(fsck(remote)).toBe("");
  });
});

describe("a host that refuses", () => {
  it("is quoted, and nothing is called taken", async () => {
    growLog(remote, branch, 2);
    hook("pre-receive", 'echo "GL-HOOK-ERR: commit must name a ticket\u001b[31m" >&2; exit 1');
    const store = await open(makeClone(place, remote));

    const error = await refusal(store.append(2, text("mine"), "#2"));

    expect(error).toMatchObject({ code: "append-refused", exit: 4, retryable: false });
    expect(error.message).toBe(
      "the host refuses to append to optout-log: GL-HOOK-ERR: commit must name a ticket; [remote rejected] (pre-receive hook declined)",
    );
    expect(logSize(remote, branch)).toBe(2);
  });

  it("is believed only when the branch has not moved: somebody quicker means taken", async () => {
    growLog(remote, branch, 2);
    const store = await open(makeClone(place, remote));
    await store.tail(1);
    const rival = pushRaw(remote, "rival", "#2\n\ntheirs", [git(remote, ["rev-parse", branch])]);
    // The hook lets the rival in, then refuses.
    hook(
      "update",
      `git update-ref refs/heads/${branch} ${rival}; echo failed to update ref >&2; exit 1`,
    );

    expect(await store.append(2, text("mine"), "#2")).toBe("taken");
  });

  it("is asked again when another push was in its way", async () => {
    growLog(remote, branch, 2);
    const mark = join(place.root, "once");
    hook("update", `test -e ${mark} && exit 0; touch ${mark}; echo cannot lock ref >&2; exit 1`);
    const store = await open(makeClone(place, remote));

    expect(await store.append(2, text("mine"), "#2")).toBe("created");
  });

  it("has accepted when it says no after the branch has moved to ours", async () => {
    growLog(remote, branch, 2);
    hook("post-receive", "exit 1");
    const store = await open(makeClone(place, remote));

    expect(await store.append(2, text("mine"), "#2")).toBe("created");
    expect(logSize(remote, branch)).toBe(3);
  });

  it("refuses to replace what was read: a log that was swapped is never overwritten", async () => {
    growLog(remote, branch, 3);
    const store = await open(makeClone(place, remote));
    await store.tail(1);
    git(remote, ["update-ref", "-d", `refs/heads/${branch}`]);
    growLog(remote, branch, 3, () => "swapped");

    expect(await store.append(3, text("mine"), "#3")).toBe("taken");
    expect(git(remote, ["log", "-1", "--format=%B", branch])).toContain("swapped");
  });
});

describe("a host over http", () => {
  let server: HttpGit;
  let proxy: FaultProxy;
  let directory: string;

  beforeEach(async () => {
    git(remote, ["config", "http.receivepack", "true"]);
    growLog(remote, branch, 2);
    server = await serveGit(place.root);
    proxy = await startFaultProxy(server.port);
    directory = makeClone(place, remote);
    use(`http://127.0.0.1:${proxy.port}/remote.git`);
    git(directory, ["config", "http.extraHeader", `Authorization: ${basicAuth("alice")}`]);
  });

  afterEach(async () => {
    await proxy.close();
    await server.close();
  });

  const use = (url: string): string => git(directory, ["remote", "set-url", "origin", url]);

  it("is asked twice when nothing is new", async () => {
    await (await open(directory)).tail(64);
    server.requests.length = 0;

    await (await open(directory)).tail(64);

    expect(server.requests).toHaveLength(2);
  });

  it("is reached with credentials of the URL, and no error shows them", async () => {
    git(directory, ["config", "--unset", "http.extraHeader"]);
    use(`http://alice:s3cret@127.0.0.1:${proxy.port}/remote.git`);
    expect((await (await open(directory)).tail(1)).size).toBe(2);

    proxy.set({ kind: "reset" });
    const error = await refusal((await open(directory)).tail(1));
    expect(error).toMatchObject({ code: "unreachable", exit: 6, retryable: true });
    expect(error.message).not.toMatch(/s3cret|alice/);
  });

  it("is reached with credentials in a file that the clone includes for itself alone", async () => {
    // as actions/checkout keeps them since version 6
    const file = join(place.root, "git-credentials.config");
    git(directory, ["config", "--unset", "http.extraHeader"]);
    git(directory, [
      "config",
      "--file",
      file,
      `http.http://127.0.0.1:${proxy.port}/.extraHeader`,
      `AUTHORIZATION: ${basicAuth("alice")}`,
    ]);
    expect(await refusal((await open(directory)).tail(1))).toMatchObject({ code: "unreachable" });

    git(directory, ["config", `includeIf.gitdir:${join(directory, ".git")}.path`, file]);
    expect((await (await open(directory)).tail(1)).size).toBe(2);
  });

  it("shows no token of a header in an error", async () => {
    git(directory, ["config", "http.extraHeader", "Authorization: Bearer t0ken-t0ken"]);

    const error = await refusal((await open(directory)).tail(1));

    expect(error.code).toBe("unreachable");
    expect(error.message).not.toContain("t0ken");
    expect(error.hint).not.toContain("t0ken");
  });

  it("is not written to by who may only read", async () => {
    git(directory, ["config", "http.extraHeader", `Authorization: ${basicAuth("bob")}`]);
    const store = await open(directory);

    expect((await store.tail(1)).size).toBe(2);
    expect(await refusal(store.append(2, text("mine"), "#2"))).toMatchObject({
      code: "append-refused",
    });
    expect(await store.probe()).toMatchObject({
      readable: true,
      appendable: false,
      code: "append-refused",
    });
  });

  it("has created a position though its answer was lost", async () => {
    const store = await open(directory);
    await store.tail(1);
    proxy.set({ kind: "lost answer", match: "POST /remote.git/git-receive-pack" });

    expect(await store.append(2, text("mine"), "#2")).toBe("created");
    expect(proxy.struck).toBeGreaterThan(0);
    expect(logSize(remote, branch)).toBe(3);
  });

  it("has created a position though its answer was lost and others wrote on", async () => {
    const store = await open(directory);
    await store.tail(1);
    proxy.set({ kind: "lost answer", match: "POST /remote.git/git-receive-pack" });
    hook(
      "post-receive",
      `git update-ref refs/heads/${branch} $(git commit-tree -p ${branch} -m x ${branch}^{tree})`,
    );
    git(remote, ["config", "user.name", "x"]);
    git(remote, ["config", "user.email", "x@x"]);

    expect(await store.append(2, text("mine"), "#2")).toBe("created");
    expect(logSize(remote, branch)).toBe(4);
    expect(texts((await store.tail(2)).bytes)).toEqual(["mine", "x"]);
  });

  it("is unreachable when it resets connections, for every method", async () => {
    const store = await open(directory);
    await store.tail(1);
    proxy.set({ kind: "reset" });

    expect(await refusal(store.tail(1))).toMatchObject({ code: "unreachable" });
    expect(await refusal(store.append(2, text("mine"), "#2"))).toMatchObject({
      code: "unreachable",
    });
    expect(await refusal(scanned(store))).toMatchObject({ code: "unreachable" });
    expect(await store.probe()).toMatchObject({ readable: false, code: "unreachable" });
    expect(logSize(remote, branch)).toBe(2);
  });

  it.each([1, 10, 60, 120, 200, 350, 500, 700, 900, 1100, 1400, 2000])(
    "is never taken for one without a log because its answers break off after %i bytes",
    async (bytes) => {
      proxy.set({ kind: "cut", bytes });

      const size = await (await open(directory)).tail(1).then(
        (tail) => tail.size,
        (error: unknown) => (error instanceof OptoutError ? error.code : "?"),
      );

      expect([2, "unreachable"]).toContain(size);
    },
  );

  it("may have no commit at all, and then has an empty log", async () => {
    const empty = join(place.root, "empty.git");
    git(place.root, ["init", "-q", "--bare", empty]);
    git(empty, ["config", "http.receivepack", "true"]);
    use(`http://127.0.0.1:${proxy.port}/empty.git`);
    const store = await open(directory);

    expect(await store.tail(1)).toEqual({ first: 0, bytes: [], size: 0 });
    expect(await store.append(0, text("zero"), "#0")).toBe("created");
  });

  it("ends every call at the deadline when it never answers", async () => {
    proxy.set({ kind: "black hole" });

    for (const act of [
      (store: Store) => store.tail(1),
      (store: Store) => store.before(2, 1),
      (store: Store) => store.append(2, text("mine"), "#2"),
      (store: Store) => scanned(store),
    ]) {
      const error = await refusal(
        act(await open(directory, { deadline: AbortSignal.timeout(300) })),
      );
      expect(error).toMatchObject({ code: "timeout", exit: 124 });
    }
  });

  it("ends with the reason of an interruption", async () => {
    proxy.set({ kind: "black hole" });
    const controller = new AbortController();
    const store = await open(directory, { deadline: controller.signal });
    setTimeout(() => controller.abort(new OptoutError("interrupted", "stopped by the user")), 50);

    expect(await refusal(store.tail(1))).toMatchObject({ code: "interrupted" });
  });

  it("leaves no git behind after a deadline", async () => {
    proxy.set({ kind: "black hole" });
    await refusal((await open(directory, { deadline: AbortSignal.timeout(200) })).tail(1));

    proxy.set({ kind: "none" });
    expect((await (await open(directory)).tail(1)).size).toBe(2);
  });
});

describe("a host that cannot be there", () => {
  it("is unreachable, in git's words", async () => {
    const directory = makeClone(place, remote);
    git(directory, ["remote", "set-url", "origin", join(place.root, "gone.git")]);

    const error = await refusal((await open(directory)).tail(1));

    expect(error.code).toBe("unreachable");
    expect(error.message).toMatch(/^the remote origin cannot be reached: .*gone\.git/);
  });

  it("is unreachable within the deadline behind a socket that listens and says nothing", async () => {
    const sockets: Server = createServer();
    await new Promise<void>((resolve) => {
      sockets.listen(0, "127.0.0.1", resolve);
    });
    const address = sockets.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const directory = makeClone(place, remote);
    git(directory, ["remote", "set-url", "origin", `git://127.0.0.1:${port}/x`]);

    const store = await open(directory, { deadline: AbortSignal.timeout(300) });
    expect(await refusal(store.tail(1))).toMatchObject({ code: "timeout" });
    sockets.close();
  });
});

describe("opening", () => {
  it("refuses names of branches that could be misread", async () => {
    const clone = await openClone(makeClone(place, remote));

    for (const name of [
      "",
      "-x",
      "a b",
      "a..b",
      "a:b",
      "+a",
      "x.lock",
      "a/",
      "/a",
      "a//b",
      "a*",
      "@{0}",
    ]) {
      expect(() => openGitStore({ clone, branch: name })).toThrow(
        /the log cannot be kept on a branch named/,
      );
    }
    expect(openGitStore({ clone, branch: "ops/optout-log.v1" }).name).toBe("git:ops/optout-log.v1");
  });

  it("says so when the clone has no remote", async () => {
    const directory = makeClone(place, remote);
    git(directory, ["remote", "remove", "origin"]);
    const clone = await openClone(directory);

    expect(() => openGitStore({ clone, branch })).toThrow(
      expect.objectContaining({ code: "no-remote", hint: "git remote add origin URL" }),
    );
  });

  it("keeps logs on several branches apart", async () => {
    const directory = makeClone(place, remote);
    const one = await open(directory, { branch: "optout-log" });
    const two = await open(directory, { branch: "optout-log-2" });
    await one.append(0, text("one"), "#0");
    await two.append(0, text("two"), "#0");

    expect(texts((await (await open(directory)).tail(1)).bytes)).toEqual(["one"]);
    expect(texts((await two.tail(1)).bytes)).toEqual(["two"]);
  });

  it("stores what was appended exactly as git stores it", async () => {
    const store = await open(makeClone(place, remote));
    await store.append(0, new Uint8Array([0xff, 0xfe, 0x20]), "#0");

    const raw = gitBytes(remote, ["cat-file", "commit", branch]);
    expect(raw.subarray(-4)).toEqual(Buffer.from([0xff, 0xfe, 0x20, 0x0a]));
  });
});
