/**
 * The contract of stores, run over every implementation and every way to reach it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { openDirStore } from "../../src/stores/dir.ts";
import { openGitStore } from "../../src/stores/git.ts";
import type { Store } from "../../src/stores/store.ts";
import { faultyStore } from "../support/faulty-store.ts";
import {
  fsck,
  git,
  logSize,
  makeClone,
  makePlace,
  makeRemote,
  openClone,
  pushRaw,
  snapshot,
} from "../support/git-remote.ts";
import { basicAuth, serveGit } from "../support/http-git.ts";
import { storeContract, type StoreWorld } from "./store.ts";

const branch = "optout-log";

interface Access {
  readonly url: string;
  /** Settings of each clone. */
  readonly settings: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** A bare remote and a clone for each writer, all reached in one way. */
async function gitWorld(
  reach: (remote: string, root: string) => Promise<Access>,
): Promise<StoreWorld> {
  const place = makePlace();
  const remote = makeRemote(place);
  const access = await reach(remote, place.root);
  const clones = new Map<number, { directory: string; before: Record<string, string> }>();
  const cloneOf = (writer: number): string => {
    const known = clones.get(writer);
    if (known !== undefined) return known.directory;
    const directory = makeClone(place, remote, { name: `clone-${writer}` });
    git(directory, ["remote", "set-url", "origin", access.url]);
    for (const [key, value] of Object.entries(access.settings))
      git(directory, ["config", key, value]);
    clones.set(writer, { directory, before: untouched(directory) });
    return directory;
  };
  return {
    open: async (writer = 0) => openGitStore({ clone: await openClone(cloneOf(writer)), branch }),
    writerArguments: (writer) => ["git", cloneOf(writer), branch],
    plant: (bytes) => {
      const message = Buffer.concat([Buffer.from("by hand\n\n"), bytes]);
      // A last line that is empty can only be told from none by the LF that ends it.
      pushRaw(
        remote,
        branch,
        bytes.length === 0 ? Buffer.concat([message, Buffer.from("\n")]) : message,
      );
    },
    assertSound: () => {
      expect(fsck(remote)).toBe("");
      for (const { directory, before } of clones.values()) {
        expect(untouched(directory)).toEqual(before);
        if (logSize(remote, branch) > 0) expect(fsck(join(directory, ".git/optout/repo"))).toBe("");
      }
    },
    close: async () => {
      await access.close();
      place.remove();
    },
  };
}

/** Everything of a clone that is the user's. */
const untouched = (directory: string): Record<string, string> =>
  snapshot(directory, [join(".git", "optout")]);

const nothing = (): Promise<void> => Promise.resolve();
const byPath = (remote: string): Promise<Access> =>
  Promise.resolve({ url: remote, settings: {}, close: nothing });
const byFileUrl = (remote: string): Promise<Access> =>
  Promise.resolve({ url: `file://${remote}`, settings: {}, close: nothing });

async function byHttp(remote: string, root: string): Promise<Access> {
  git(remote, ["config", "http.receivepack", "true"]);
  const server = await serveGit(root);
  return {
    url: `${server.origin}/remote.git`,
    settings: { "http.extraHeader": `Authorization: ${basicAuth("alice")}` },
    close: () => server.close(),
  };
}

function dirWorld(): Promise<StoreWorld> {
  const place = makePlace();
  const path = join(place.root, "log");
  let planted = 0;
  const store = (): Store => openDirStore({ path });
  return Promise.resolve({
    open: () => Promise.resolve(store()),
    writerArguments: () => ["dir", path, ""],
    plant: (bytes) => {
      const entries = join(path, "entries");
      mkdirSync(entries, { recursive: true });
      for (;;) {
        const file = join(entries, `${String(planted).padStart(12, "0")}.json`);
        planted += 1;
        try {
          writeFileSync(file, bytes, { flag: "wx" });
          return;
        } catch {
          // Taken; the next one.
        }
      }
    },
    assertSound: () => {
      const strays = Object.keys(snapshot(place.root)).filter((name) => name.includes(".tmp"));
      expect(strays).toEqual([]);
    },
    close: () => Promise.resolve(place.remove()),
  });
}

async function slow(world: Promise<StoreWorld>): Promise<StoreWorld> {
  const inner = await world;
  return { ...inner, open: async (writer) => faultyStore(await inner.open(writer), () => "late") };
}

storeContract("dir", dirWorld);
storeContract("dir, slow", () => slow(dirWorld()));
storeContract("git by path", () => gitWorld(byPath));
storeContract("git by file URL", () => gitWorld(byFileUrl));
storeContract("git over http with a header", () => gitWorld(byHttp));
storeContract("git by path, slow", () => slow(gitWorld(byPath)));
