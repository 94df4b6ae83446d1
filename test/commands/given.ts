/**
 * What the tests of commands share: a world that remembers what was written, openers of which a test
 * gives only those that it expects to be used, a directory that goes away again.
 */
import type { Call } from "../../src/commands/command.ts";
import type { FoundKey, FoundKeys, Openers } from "../../src/commands/openers.ts";
import { parseLine } from "../../src/commands/parse.ts";
import type { Keyring } from "../../src/commands/set-up.ts";
import type { Io } from "../../src/output/io.ts";
import { createKeyFile } from "../../src/signers/create-key-file.ts";
import { openKeyFile } from "../../src/signers/key-file.ts";
import { findKeyFile, isFreeKeyName, listKeyFiles } from "../../src/signers/key-store.ts";

/** 2026-11-21T15:00:00Z. */
export const now = 1_795_273_200;

export interface RecordedIo extends Io {
  readonly written: { out: string; err: string };
}

/** No terminal, no variables, a fixed clock. */
export function recordedIo(more: Partial<Io> = {}): RecordedIo {
  const written = { out: "", err: "" };
  return {
    written,
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    env: {},
    cwd: "/nowhere",
    stdinIsTerminal: false,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    columns: 80,
    zone: "UTC",
    now: () => now,
    readStdin: () => Promise.resolve(""),
    ...more,
  };
}

/** Openers that know what the test says, and fail for anything else. */
export function openersWith(given: Partial<Openers>): Openers {
  const missing = (name: string) => (): never => {
    throw new Error(`the command opened ${name}, which the test did not expect`);
  };
  return {
    workplace: missing("workplace"),
    log: missing("log"),
    keys: missing("keys"),
    defaultBranch: missing("defaultBranch"),
    job: () => Promise.resolve(null),
    stopsWhenUnreachable: missing("stopsWhenUnreachable"),
    knownLog: () => Promise.resolve(null),
    remoteTime: missing("remoteTime"),
    history: missing("history"),
    committedFile: missing("committedFile"),
    sinks: missing("sinks"),
    identity: missing("identity"),
    keyring: missing("keyring"),
    store: missing("store"),
    remoteCommit: missing("remoteCommit"),
    remoteTrees: missing("remoteTrees"),
    signIns: missing("signIns"),
    forge: missing("forge"),
    account: missing("account"),
    paused: (ask) => ask(),
    sleep: missing("sleep"),
    ...given,
  };
}

/** The call of a whole command line, as commander reads it. */
export function callFor(...words: readonly string[]): Call {
  const line = parseLine(words);
  if (line.kind === "call") return line.call;
  throw new Error(`${words.join(" ")} is no call of a command`);
}

export function foundKeys(...candidates: readonly FoundKey[]): FoundKeys {
  return { candidates, problems: [] };
}

/** The key files of a directory, as the composition opens them. */
export function keyringIn(directory: string): Keyring {
  return {
    directory,
    list: () => listKeyFiles(directory),
    agent: () => Promise.resolve({ place: null, keys: [], problem: null }),
    find: (name) => findKeyFile(directory, name),
    isFree: (name) => isFreeKeyName(directory, name),
    create: (wanted) => createKeyFile({ directory, ...wanted }),
    open: (path, passphrase) => openKeyFile(path, passphrase === null ? {} : { passphrase }),
  };
}
