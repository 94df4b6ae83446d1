/**
 * The key that a CI job is given: `OPTOUT_KEY` (PEM or JWK text) or `OPTOUT_KEY_FILE` (a path to one),
 * with `OPTOUT_KEY_PASSPHRASE` where it is encrypted.
 *
 * The file may be a symbolic link and may be open to others, since that is how CI systems and
 * Kubernetes hand secrets over; naming it is taken as consent. Neither variable is ever quoted: what
 * stands in them by mistake may be the key itself.
 */
import { OptoutError } from "../core/errors.ts";
import type { Environment } from "../system/places.ts";
import { readKeyText } from "./key-text.ts";
import { signWith, type PrivateKey } from "./private-key.ts";
import type { Candidate, SignerRequest } from "./source.ts";
import { passphraseOf, unlock } from "./unlock.ts";

interface GivenKey {
  readonly text: string;
  readonly source: string;
}

/**
 * The key, or null. An encrypted one is unlocked here, because its text alone does not tell the
 * public key.
 * @throws `usage` when both variables are set, else `key-invalid`, `key-locked` or `no-key`
 */
export async function envKey(request: SignerRequest): Promise<Candidate | null> {
  const given = await readGivenKey(request.env);
  if (given === null) return null;
  const privateKey = await unlock(given.text, given.source, passphraseOf(request));
  return candidateOf(privateKey, given.source);
}

/** An empty variable is one that is not set: so CI systems hand a secret to a fork's job. */
async function readGivenKey(env: Environment): Promise<GivenKey | null> {
  const text = env["OPTOUT_KEY"] ?? "";
  const path = env["OPTOUT_KEY_FILE"] ?? "";
  if (text !== "" && path !== "") {
    throw new OptoutError("usage", "OPTOUT_KEY and OPTOUT_KEY_FILE are both set", {
      hint: "unset OPTOUT_KEY_FILE",
    });
  }
  if (text !== "") return { text, source: "OPTOUT_KEY" };
  return path === "" ? null : readGivenFile(path);
}

async function readGivenFile(path: string): Promise<GivenKey> {
  const text = await readKeyText(path, "OPTOUT_KEY_FILE", { links: "any", ownerOnly: false });
  if (text !== null) return { text, source: `OPTOUT_KEY_FILE ${path}` };
  throw new OptoutError("no-key", "OPTOUT_KEY_FILE names no file", {
    hint: "set OPTOUT_KEY_FILE to the path of the key, or OPTOUT_KEY to its text",
  });
}

function candidateOf(privateKey: PrivateKey, source: string): Candidate {
  const { key } = privateKey;
  const sign = async (input: Uint8Array): Promise<Uint8Array> => signWith(privateKey, input);
  return { key, source, kind: "file", open: () => ({ key, source, sign }) };
}
