/**
 * Makes a key and writes its two files, `NAME.pem` and `NAME.pub`. Never overwrites: each file is
 * written aside and then linked to its name, which fails when the name is taken, so there is the
 * whole file or none. The public one comes first: a private key is never there without it. A crash
 * may leave a hidden `.tmp` file (0600) behind.
 *
 * With a passphrase the PEM is that of `encrypted-pem.ts`; any other PKCS #8 that OpenSSL writes is
 * read just the same.
 */
import { generateKeyPairSync, randomUUID, type KeyObject } from "node:crypto";
import { link, mkdir, open, unlink } from "node:fs/promises";
import { join } from "node:path";

import { OptoutError } from "../core/errors.ts";
import type { PublicKey, SignatureAlgorithm } from "../core/keys.ts";
import { hasErrorCode, systemErrorWord } from "../system/files.ts";
import { encryptedPem } from "./encrypted-pem.ts";
import { keyFileName } from "./key-store.ts";
import { readPrivateKey } from "./private-key.ts";

export interface NewKeyFile {
  /** As `keyDirectory` tells it; made, for its owner only, when missing. */
  readonly directory: string;
  readonly name: string;
  /** `EdDSA` when not given. */
  readonly algorithm?: SignatureAlgorithm | undefined;
  /** Null: not encrypted, protected by the file's mode 0600 alone. */
  readonly passphrase: string | null;
  /** Ends the OpenSSH line; the name of the key when not given. */
  readonly comment?: string | undefined;
}

export interface CreatedKeyFile {
  readonly name: string;
  readonly path: string;
  readonly publicPath: string;
  readonly key: PublicKey;
  /** The line for the policy: `ssh-ed25519 AAAA… COMMENT`. */
  readonly publicLine: string;
}

/** OpenSSL reads no longer passphrase back, though it encrypts with one. */
const maxPassphraseBytes = 1024;

/**
 * Makes the two files.
 * @throws `usage` for a name that is taken or not one, an empty or overlong passphrase, a comment
 *   that is not one printable line; `config-invalid` when the directory cannot be written
 */
export async function createKeyFile(wanted: NewKeyFile): Promise<CreatedKeyFile> {
  const { directory, passphrase } = wanted;
  const name = keyFileName(wanted.name);
  const comment = fitComment(wanted.comment ?? name);
  if (passphrase !== null) mustBeFitPassphrase(passphrase);
  const pem = generatePem(wanted.algorithm ?? "EdDSA", passphrase);
  const key = await readBack(pem, passphrase);
  const publicLine = `${key.ssh} ${comment}`;
  const paths = {
    path: join(directory, `${name}.pem`),
    publicPath: join(directory, `${name}.pub`),
  };
  await makeDirectory(directory);
  await writeBoth(directory, paths, pem, `${publicLine}\n`);
  return { name, ...paths, key, publicLine };
}

function fitComment(comment: string): string {
  if (/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]{1,200}$/u.test(comment)) return comment;
  throw new OptoutError("usage", "the comment of a key is one line of at most 200 characters");
}

function mustBeFitPassphrase(passphrase: string): void {
  if (passphrase === "") throw new OptoutError("usage", "the passphrase is empty");
  if (Buffer.byteLength(passphrase) <= maxPassphraseBytes) return;
  throw new OptoutError("usage", `the passphrase is longer than ${maxPassphraseBytes} bytes`);
}

function generatePem(algorithm: SignatureAlgorithm, passphrase: string | null): string {
  const secret = generate(algorithm);
  if (passphrase === null) return secret.export({ type: "pkcs8", format: "pem" }).toString();
  return encryptedPem(secret.export({ type: "pkcs8", format: "der" }), passphrase);
}

function generate(algorithm: SignatureAlgorithm): KeyObject {
  switch (algorithm) {
    case "EdDSA":
      return generateKeyPairSync("ed25519").privateKey;
    case "ES256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  }
}

/** Before anything is written: what is about to be written can be opened with this passphrase. */
async function readBack(pem: string, passphrase: string | null): Promise<PublicKey> {
  const read = await readPrivateKey(pem, "the new key", passphrase ?? undefined);
  if (read !== "locked") return read.key;
  throw new OptoutError("unexpected", "the new key cannot be read back");
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw cannotWrite(directory, thrown);
  }
}

async function writeBoth(
  directory: string,
  paths: { readonly path: string; readonly publicPath: string },
  pem: string,
  publicText: string,
): Promise<void> {
  await writeNew(directory, paths.publicPath, publicText, 0o644);
  try {
    await writeNew(directory, paths.path, pem, 0o600);
  } catch (thrown) {
    await unlink(paths.publicPath);
    throw thrown;
  }
  await syncDirectory(directory).catch(() => undefined); // not every file system knows how
}

/** Creates a file with all its content, or fails with `usage` when the name is taken. */
async function writeNew(
  directory: string,
  path: string,
  text: string,
  mode: number,
): Promise<void> {
  const aside = join(directory, `.${randomUUID()}.tmp`);
  try {
    await writeDurably(aside, text, mode);
    await link(aside, path);
  } catch (thrown) {
    throw hasErrorCode(thrown, "EEXIST") ? nameTaken(path) : cannotWrite(path, thrown);
  } finally {
    await unlink(aside).catch(() => undefined); // never made, when the disk is full
  }
}

async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await file.chmod(mode); // whatever the umask
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function nameTaken(path: string): OptoutError {
  return new OptoutError("usage", `${path} exists already, and a key is never overwritten`, {
    hint: "choose another name: optout keys create NAME",
  });
}

function cannotWrite(path: string, thrown: unknown): OptoutError {
  return new OptoutError("config-invalid", `cannot write ${path} (${systemErrorWord(thrown)})`, {
    hint: "set XDG_DATA_HOME to a directory that you may write to",
    cause: thrown,
  });
}
