/**
 * Signs with a key file made by `optout keys create`. The passphrase is asked for when something is
 * signed, not before, and once for all that one process signs.
 */
import { basename } from "node:path";

import { defaultKeyName, isCiKeyName } from "../core/key-names.ts";
import { OptoutError } from "../core/errors.ts";
import type { PublicKey } from "../core/keys.ts";
import { keyInvalid } from "./key-errors.ts";
import {
  describeKeyFile,
  findKeyFile,
  isKeyFileName,
  keyDirectory,
  keyFileSource,
  listKeyFiles,
  readPrivateText,
  type KeyFile,
} from "./key-store.ts";
import { signWith, type PrivateKey } from "./private-key.ts";
import type { Signer } from "./signer.ts";
import type { Candidate, Found, SignerRequest, SignerSource } from "./source.ts";
import { passphraseOf, unlock, type PassphraseSource } from "./unlock.ts";

/** The key files of the data directory. */
export const keyFiles: SignerSource = { name: "key files", find: findKeyFiles };

/**
 * The signer of one key file. Signing throws `key-locked` without the right passphrase, and
 * `key-invalid` when the private key is not the one that its `.pub` names.
 * @throws `no-key` when there is no such file; `key-invalid` when it must not be used
 */
export async function openKeyFile(path: string, from: PassphraseSource = {}): Promise<Signer> {
  const file = await describeKeyFile(path, basename(path, ".pem"));
  if (file === null) throw noKeyFile(`there is no key file ${path}`);
  return signerOf(file, from);
}

async function findKeyFiles(request: SignerRequest): Promise<Found> {
  const from = passphraseOf(request);
  const files = (await listKeyFiles(keyDirectory(request.places))).toSorted(byPreference);
  return {
    candidates: files.flatMap((file) =>
      file.key === null ? [] : [candidateOf(file, file.key, from)],
    ),
    problems: files.flatMap((file) =>
      file.kind === "refused" && file.key === null ? [file.problem] : [],
    ),
  };
}

/** The one without a name of its own first, those of CI last, else by name. */
const byPreference = (a: KeyFile, b: KeyFile): number => rank(a) - rank(b);

function rank({ name }: KeyFile): number {
  if (name === defaultKeyName) return 0;
  return isCiKeyName(name) ? 2 : 1;
}

/**
 * The key file of that name; null when there is none, or when it cannot be the name of one.
 * @throws `key-invalid` when it must not be used
 */
export async function findNamedKeyFile(
  request: SignerRequest,
  name: string,
): Promise<Candidate | null> {
  if (!isKeyFileName(name)) return null;
  const file = await findKeyFile(keyDirectory(request.places), name);
  if (file === null) return null;
  if (file.kind === "refused") throw file.problem;
  return candidateOf(file, file.key, passphraseOf(request));
}

/** A refused file whose public key is known is offered too: whoever needs it learns why not. */
function candidateOf(file: KeyFile, key: PublicKey, from: PassphraseSource): Candidate {
  const kind = isCiKeyName(file.name) ? "ci" : "file";
  return { key, source: keyFileSource(file.path), kind, open: () => signerOf(file, from) };
}

function signerOf(file: KeyFile, from: PassphraseSource): Signer {
  if (file.kind === "refused") throw file.problem;
  const { key, path } = file;
  let opened: Promise<PrivateKey> | undefined;
  return {
    key,
    source: keyFileSource(path),
    sign: async (signingInput) => {
      opened ??= openPrivateKey(path, key, from).catch((thrown: unknown) => {
        opened = undefined; // so that a later statement may ask again
        throw thrown;
      });
      return signWith(await opened, signingInput);
    },
  };
}

async function openPrivateKey(
  path: string,
  expected: PublicKey,
  from: PassphraseSource,
): Promise<PrivateKey> {
  const text = await readPrivateText(path);
  if (text === null) throw noKeyFile(`the key file ${path} is gone`);
  const privateKey = await unlock(text, keyFileSource(path), from);
  if (privateKey.key.kid === expected.kid) return privateKey;
  throw keyInvalid(
    keyFileSource(path),
    `its public half beside it (.pub) is of another key, ${expected.fingerprint}`,
    "optout keys list",
  );
}

function noKeyFile(message: string): OptoutError {
  return new OptoutError("no-key", message, { hint: "optout keys list" });
}
