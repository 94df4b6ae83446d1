/**
 * Real places for a log, for the contract of stores.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { openDirStore } from "../../src/stores/dir.ts";
import { openGitStore } from "../../src/stores/git.ts";
import type { Store } from "../../src/stores/store.ts";
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
} from "./git-remote.ts";
import { basicAuth, serveGit } from "./http-git.ts";

/** A real place for a log, and ways around the store. */
export interface StoreWorld {
  /** Opens the store as a new process would; stores with different numbers share nothing but the log. */
  open(writer?: number): Promise<Store>;
  /** What `writer-process.ts` must know to open the same store. */
  writerArguments(writer: number): readonly string[];
  /** Puts the next position there by hand, as somebody would who does not use optout. */
  plant(bytes: Uint8Array): void | Promise<void>;
  /** Throws when something was touched that is not the store's, or is broken. */
  assertSound(): void;
  close(): Promise<void>;
}

const branch = "optout-log";

interface Access {
  readonly url: string;
  /** Settings of each clone. */
  readonly settings: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** A bare remote and a clone for each writer, all reached in one way. */
export async function gitWorld(
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

/** By its path. */
export const byPath = (remote: string): Promise<Access> =>
  Promise.resolve({ url: remote, settings: {}, close: nothing });
/** Over http, with the password in a header of the clone's settings, as CI gives it. */
export async function byHttp(remote: string, root: string): Promise<Access> {
  git(remote, ["config", "http.receivepack", "true"]);
  const server = await serveGit(root);
  return {
    url: `${server.origin}/remote.git`,
    settings: { "http.extraHeader": `Authorization: ${basicAuth("alice")}` },
    close: () => server.close(),
  };
}

/** A directory; its log is not there yet. */
export function dirWorld(): Promise<StoreWorld> {
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
