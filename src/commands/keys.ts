/**
 * `optout keys create`, `list`, `show`: the keys of this machine. Private parts are never printed.
 */
import { OptoutError } from "../core/errors.ts";
import { exitStatus } from "../core/exit.ts";
import { defaultKeyName } from "../core/key-names.ts";
import { failureText } from "../output/failure.ts";
import type { Io } from "../output/io.ts";
import type { Paint } from "../output/paint.ts";
import { printJson } from "../output/json.ts";
import {
  agentKeyJson,
  createdKeyTalk,
  keyColumns,
  keyJson,
  type KeysJson,
  keyLines,
  listedAgentKey,
  listedFile,
  type ShownAgentKey,
  type ShownKey,
} from "../output/key-words.ts";
import { askNewPassphrase, canPrompt } from "../output/prompt.ts";
import { printTable } from "../output/table.ts";
import { fitFor, isCommandLine, talkFor } from "../output/wrap.ts";
import type { Call } from "./command.ts";
import type { Openers } from "./openers.ts";
import { paintOut, paintErr } from "./paint.ts";
import type { AgentKeys, Keyring, StoredKey } from "./set-up.ts";

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
    io.err(talkFor(io, createdKeyTalk(shown, await paintErr(call, io)), isCommandLine));
  }
  io.out(`${created.publicLine}\n`);
  return exitStatus("ok");
}

/** Before anything is asked for. @throws `usage` */
export async function assertFree(keyring: Keyring, name: string): Promise<void> {
  if ((await keyring.find(name)) === null && (await keyring.isFree(name))) return;
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
  const [files, agent] = await Promise.all([keyring.list(), keyring.agent()]);
  const keys = files.map(shownKey);
  const held = agent.keys.map(shownAgentKey);
  if (call.has("json")) {
    printJson(io, {
      kind: "optout/keys",
      v: 1,
      directory: keyring.directory,
      keys: keys.map(keyJson),
      agent: {
        socket: agent.place?.path ?? null,
        keys: held.map(agentKeyJson),
        problem: agent.problem?.message ?? null,
      },
    } satisfies KeysJson);
    return exitStatus("ok");
  }
  const rows = [...held.map(listedAgentKey), ...keys.map(listedFile)];
  if (rows.length === 0) {
    io.err(`there is no key in ${keyring.directory}; make one: optout keys create\n`);
  }
  const paint = await paintOut(call, io);
  const { problem } = agent;
  const isTold = rows.length === 0 || problem?.code === "agent-failed";
  if (problem !== null && isTold) tellProblem(problem, io, paint);
  if (rows.length > 0) printTable(io, keyColumns, rows, paint);
  return exitStatus("ok");
}

function shownAgentKey(one: AgentKeys["keys"][number]): ShownAgentKey {
  const { comment } = one;
  if (one.kind === "usable") {
    return { comment, key: one.key, fingerprint: one.key.fingerprint, problem: null };
  }
  const { fingerprint, problem } = one;
  return { comment, key: null, fingerprint, problem: problem.message };
}

function tellProblem(problem: OptoutError, io: Io, paint: Paint): void {
  io.err(failureText(problem, paint, io.stderrIsTerminal ? fitFor(io) : undefined));
}

export async function showKey(call: Call, io: Io, open: Openers): Promise<number> {
  const stored = await wantedKey(await open.keyring(), call.args[0]);
  const shown = shownKey(stored);
  if (call.has("json")) {
    printJson(io, keyJson(shown));
    return exitStatus("ok");
  }
  if (!call.has("ssh")) {
    // values that are there to be copied
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
