/**
 * Who runs `optout init`: the name in the policy, the key to sign with.
 * What flags do not say is asked on a terminal, and has a sensible default with `--yes`.
 */
import { OptoutError } from "../core/errors.ts";
import { isName } from "../core/ids.ts";
import { defaultKeyName } from "../core/key-names.ts";
import type { PublicKey } from "../core/keys.ts";
import type { Policy } from "../core/policy.ts";
import { keyChoice, newKeyChoice, type InitOperator } from "../output/init-words.ts";
import type { Io } from "../output/io.ts";
import { askConfirm, askNewPassphrase, askOne, askText } from "../output/prompt.ts";
import type { Signer } from "../signers/signer.ts";
import { signerOf } from "./author.ts";
import type { Call } from "./command.ts";
import { assertFree } from "./keys.ts";
import type { FoundKey, Openers } from "./openers.ts";
import { policyPath } from "./policy-file.ts";
import type { Identity } from "./set-up.ts";
import { typedLine } from "./typed.ts";

/** One run of `init`, and whether somebody is there to be asked. */
export interface InitCall {
  readonly call: Call;
  readonly io: Io;
  readonly open: Openers;
  readonly asks: boolean;
}

/** The operator, able to sign. */
export interface SigningOperator extends InitOperator {
  readonly open: () => Promise<Signer>;
}

/**
 * Goes on when the operator says yes: now, or with `--yes`.
 * @throws `usage` where nobody can be asked, `interrupted` for a no
 */
export async function agree({ call, io, open, asks }: InitCall, question: string): Promise<void> {
  if (call.has("yes")) return;
  if (!asks) {
    throw new OptoutError("usage", `init asks before it writes, and nobody is there: ${question}`, {
      hint: typedLine(call, ["--yes"]),
    });
  }
  if (await open.paused(() => askConfirm(io, question))) return;
  throw new OptoutError("interrupted", "stopped; nothing was recorded");
}

// --- the name

/** `--as`, else what git or the system calls the user. */
export async function operatorId(init: InitCall, identity: Identity): Promise<string> {
  const given = init.call.text("as");
  if (given !== undefined) return asName(given);
  const { env } = init.io;
  const known = [identity.name, identity.email?.split("@", 1)[0], env["USER"], env["LOGNAME"]];
  const found = known.map((text) => slug(text ?? "")).find(isName);
  if (!init.asks) return asName(found ?? "");
  return init.open.paused(() =>
    askText(init.io, "Your name in the policy:", { preset: found, read: asName }),
  );
}

function asName(text: string): string {
  if (isName(text)) return text;
  const what = text === "" ? "nothing tells your name" : `${JSON.stringify(text)} is not a name`;
  throw new OptoutError("usage", `${what} for a policy: a-z, 0-9, dot, _ and -`, {
    hint: "optout init --as alice",
  });
}

/** `Zoë Ng` as `zoe-ng`. */
function slug(text: string): string {
  const ascii = text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return ascii
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 64);
}

// --- the key

/** The key of a new policy, before anything is made. */
export interface ChosenKey {
  /** Null for one that is yet to be made. */
  readonly key: PublicKey | null;
  /** Makes it, where it is not there. */
  ready(): Promise<SigningOperator>;
}

/**
 * For a new policy: the key that `--key` names, else a key file, else one of ssh's that the operator
 * agrees to, else a new one.
 * @throws `no-key` when there is none and none may be made; `usage` for one that was made for CI
 */
export async function chooseKey(
  init: InitCall,
  principal: string,
  { mayMake }: { readonly mayMake: boolean },
): Promise<ChosenKey> {
  const { candidates } = await init.open.keys(init.call.text("key"));
  if (init.call.has("key")) candidates.forEach(assertPersons);
  const usable = candidates.filter((one) => one.kind !== "ci" && signerOf(one) !== null);
  const own = candidates.find(({ kind }) => kind === "file");
  const found = usable.find(({ kind }) => kind === "file") ?? own ?? (await sshKey(init, usable));
  if (found === undefined && mayMake) {
    await assertFree(await init.open.keyring(), defaultKeyName);
    return { key: null, ready: () => madeKey(init, principal) };
  }
  if (found === undefined) {
    throw new OptoutError("no-key", "there is a log already, and no key that could have begun it", {
      hint: "git pull   (the policy that names it may be there), or: optout init --log-branch NAME",
    });
  }
  const { key, source } = found;
  found.open(); // says now why it must not be used
  const operator = { principal, key, source, made: null, open: async () => found.open() };
  return { key, ready: () => Promise.resolve(operator) };
}

/** What jobs hold must not sign for a person. */
function assertPersons({ kind, source }: FoundKey): void {
  if (kind !== "ci") return;
  throw new OptoutError("usage", `${source} was made for CI, and is no person's`, {
    hint: "optout keys create",
  });
}

/** The first, where nobody can be asked: ssh would offer it first too. */
async function sshKey(
  { call, io, open, asks }: InitCall,
  usable: readonly FoundKey[],
): Promise<FoundKey | undefined> {
  if (!asks || call.has("key") || usable.length === 0) return usable[0];
  const choices = usable.map(({ source, key }) => ({
    name: keyChoice(source, key),
    value: key.kid,
  }));
  const all = [...choices, { name: newKeyChoice, value: "" }];
  const kid = await open.paused(() => askOne(io, "The key that you sign with:", all));
  return usable.find(({ key }) => key.kid === kid);
}

/** The file stays when what follows fails: the next run finds it. */
async function madeKey({ io, open, asks }: InitCall, principal: string): Promise<SigningOperator> {
  const keyring = await open.keyring();
  const passphrase = asks ? await open.paused(() => askNewPassphrase(io)) : null;
  const created = await keyring.create({ name: defaultKeyName, algorithm: "EdDSA", passphrase });
  return {
    principal,
    key: created.key,
    source: `key file ${created.path}`,
    made: passphrase === null ? "without a passphrase" : "with a passphrase",
    open: () => keyring.open(created.path, passphrase),
  };
}

/** For a policy that is in place: a key of one of its people. */
export async function knownKey({ call, open }: InitCall, policy: Policy): Promise<SigningOperator> {
  const { candidates } = await open.keys(call.text("key"));
  const known = candidates.filter(({ key }) => policy.keys.get(key.kid)?.owner.kind === "person");
  const found = known.find((one) => signerOf(one) !== null) ?? known[0];
  const owner = found === undefined ? undefined : policy.keys.get(found.key.kid)?.owner;
  if (found === undefined || owner === undefined)
    throw noKnownKey(candidates.find(({ kind }) => kind !== "ci")?.key);
  const { key, source } = found;
  return { principal: owner.id, key, source, made: null, open: async () => found.open() };
}

function noKnownKey(key: PublicKey | undefined): OptoutError {
  if (key === undefined) {
    return new OptoutError("no-key", "there is no key to sign the log's beginning with", {
      hint: "optout keys create   (then add its line to the policy)",
    });
  }
  return new OptoutError("key-unknown", `no key at hand is a person's in ${policyPath}`, {
    hint: `add this line to your keys in ${policyPath}:\n${key.ssh}`,
  });
}
