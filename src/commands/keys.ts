/**
 * `optout keys create`, `list`, `show`: the keys of this machine. Private parts are never printed.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { openPaint } from "../output/color.ts";
import type { Io } from "../output/io.ts";
import { printJson } from "../output/json.ts";
import {
  createdKeyTalk,
  keyColumns,
  keyJson,
  keyLines,
  type ShownKey,
} from "../output/key-words.ts";
import { askNewPassphrase, canPrompt } from "../output/prompt.ts";
import { printTable } from "../output/table.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import type { Keyring, StoredKey } from "./set-up.ts";

/** The name of a key that was given none. */
export const defaultKeyName = "default";

export async function createKey(call: Call, io: Io, open: Openers): Promise<number> {
  const name = call.args[0] ?? defaultKeyName;
  const keyring = await open.keyring();
  await assertFree(keyring, name);
  const passphrase = await passphraseOf(call, io, open);
  const algorithm = call.text("type") === "p256" ? "ES256" : "EdDSA";
  const created = await keyring.create({ name, algorithm, passphrase });
  const shown: ShownKey = {
    ...created,
    line: created.publicLine,
    encrypted: passphrase !== null,
    problem: null,
  };
  if (call.has("json")) {
    printJson(io, keyJson(shown));
    return exitStatus("ok");
  }
  if (!call.has("quiet")) {
    const color = { flag: call.text("color"), env: io.env, isTerminal: io.stderrIsTerminal };
    io.err(`${createdKeyTalk(shown, await openPaint(color)).join("\n")}\n`);
  }
  io.out(`${created.publicLine}\n`);
  return exitStatus("ok");
}

/** Before a passphrase is asked for. */
async function assertFree(keyring: Keyring, name: string): Promise<void> {
  const taken = await keyring.find(name);
  if (taken === null) return;
  throw new OptoutError("usage", `there is a key named ${name} already, and none is overwritten`, {
    hint: `optout keys show ${name}   or choose another: optout keys create NAME`,
  });
}

async function passphraseOf(call: Call, io: Io, open: Openers): Promise<string | null> {
  if (call.has("no-passphrase")) return null;
  if (canPrompt(io, { noInput: call.has("no-input") })) {
    return open.paused(() => askNewPassphrase(io));
  }
  const line = ["optout keys create", ...call.args, "--no-passphrase"].join(" ");
  throw new OptoutError("usage", "there is nobody to ask for a passphrase", { hint: line });
}

export async function listKeys(call: Call, io: Io, open: Openers): Promise<number> {
  const keyring = await open.keyring();
  const keys = (await keyring.list()).map(shownKey);
  if (call.has("json")) {
    const { directory } = keyring;
    printJson(io, { kind: "optout/keys", v: 1, directory, keys: keys.map(keyJson) });
    return exitStatus("ok");
  }
  if (keys.length === 0) {
    io.err(`there is no key in ${keyring.directory}; make one: optout keys create\n`);
    return exitStatus("ok");
  }
  const color = { flag: call.text("color"), env: io.env, isTerminal: io.stdoutIsTerminal };
  printTable(io, keyColumns, keys, await openPaint(color));
  return exitStatus("ok");
}

export async function showKey(call: Call, io: Io, open: Openers): Promise<number> {
  const stored = await wantedKey(await open.keyring(), call.args[0]);
  const shown = shownKey(stored);
  if (call.has("json")) {
    printJson(io, keyJson(shown));
    return exitStatus("ok");
  }
  if (!call.has("ssh")) {
    io.out(`${keyLines(shown).join("\n")}\n`);
    return exitStatus("ok");
  }
  if (shown.line === null && stored.kind === "refused") throw stored.problem;
  io.out(`${shown.line ?? ""}\n`);
  return exitStatus("ok");
}

/** The key of that name; without a name the only one, else the one named `default`. */
async function wantedKey(keyring: Keyring, name: string | undefined): Promise<StoredKey> {
  const keys = name === undefined ? await keyring.list() : [];
  const [only, second] = keys;
  const found =
    second === undefined && only !== undefined ? only : await keyring.find(name ?? defaultKeyName);
  if (found !== null) return found;
  if (only !== undefined) {
    const names = keys.map((key) => key.name).join(", ");
    throw new OptoutError("usage", `there are several keys: ${names}`, {
      hint: `optout keys show ${only.name}`,
    });
  }
  throw new OptoutError("no-key", `there is no key named ${name ?? defaultKeyName}`, {
    hint: name === undefined ? "optout keys create" : "optout keys list",
  });
}

function shownKey(stored: StoredKey): ShownKey {
  const { name, path, key } = stored;
  if (stored.kind === "refused") {
    const { problem } = stored;
    return { name, path, key, line: key?.ssh ?? null, encrypted: null, problem: problem.message };
  }
  const line = `${stored.key.ssh} ${stored.comment}`.trim();
  return { name, path, key, line, encrypted: stored.encrypted, problem: null };
}
