/**
 * The key files of one directory: `NAME.pem` holds the private key, `NAME.pub` beside it the OpenSSH
 * line of the public one, so that looking at keys needs no passphrase.
 *
 * What is wrong with a file is told, not thrown: one bad file must not hide the others. Whether the
 * two files belong together shows when something is signed.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { asOptoutError, OptoutError } from "../core/errors.ts";
import { parseSshPublicKey, type PublicKey } from "../core/keys.ts";
import { hasErrorCode, systemErrorWord } from "../system/files.ts";
import type { Places } from "../system/places.ts";
import { keyInvalid } from "./key-errors.ts";
import { readKeyText } from "./key-text.ts";
import { isEncrypted, readPrivateKey } from "./private-key.ts";

export type KeyFile = UsableKeyFile | RefusedKeyFile;

interface UsableKeyFile {
  readonly kind: "usable";
  readonly name: string;
  /** Of the private key. */
  readonly path: string;
  readonly key: PublicKey;
  /** Of the OpenSSH line; empty when there is none. */
  readonly comment: string;
  readonly encrypted: boolean;
}

interface RefusedKeyFile {
  readonly kind: "refused";
  readonly name: string;
  readonly path: string;
  /** Where `NAME.pub` could be read all the same. */
  readonly key: PublicKey | null;
  /** `key-invalid`: why it will not be used, and the command that mends it. */
  readonly problem: OptoutError;
}

interface PublicHalf {
  readonly key: PublicKey;
  readonly comment: string;
}

const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Where keys are kept: `~/.local/share/optout/keys`. Throws `config-invalid` without a home. */
export function keyDirectory(places: Places): string {
  return join(places.data(), "keys");
}

export function isKeyFileName(name: string): boolean {
  return namePattern.test(name);
}

/** The name itself when it may name a key; throws `usage` otherwise. */
export function keyFileName(name: string): string {
  if (isKeyFileName(name)) return name;
  throw new OptoutError("usage", "not a name for a key: a-z, 0-9, dot, _ and - (at most 64)", {
    hint: "optout keys list",
  });
}

/**
 * All key files of a directory by name; none when there is no such directory.
 * @throws `key-invalid` when the directory cannot be read
 */
export async function listKeyFiles(directory: string): Promise<readonly KeyFile[]> {
  const files = await filesIn(directory);
  const names = files
    .filter((file) => file.endsWith(".pem"))
    .map((file) => file.slice(0, -".pem".length))
    .filter((name) => namePattern.test(name))
    .toSorted();
  const found = await Promise.all(names.map((name) => findKeyFile(directory, name)));
  return found.filter((file) => file !== null);
}

/** The key file of that name, or null; throws `usage` for what cannot be a name. */
export async function findKeyFile(directory: string, name: string): Promise<KeyFile | null> {
  return describeKeyFile(join(directory, `${keyFileName(name)}.pem`), name);
}

/** Whether neither of its two files is there: the public half outlives a key that was handed over. */
export async function isFreeKeyName(directory: string, name: string): Promise<boolean> {
  const files = await filesIn(directory);
  return !files.includes(`${name}.pem`) && !files.includes(`${name}.pub`);
}

/** The key file at a path, or null when there is none. */
export async function describeKeyFile(path: string, name: string): Promise<KeyFile | null> {
  try {
    const text = await readPrivateText(path);
    if (text === null) return null;
    const half = (await readPublicHalf(path)) ?? (await derivePublicHalf(text, path));
    return { kind: "usable", name, path, ...half, encrypted: isEncrypted(text) };
  } catch (thrown) {
    const half = await readPublicHalf(path).catch(() => null);
    return { kind: "refused", name, path, key: half?.key ?? null, problem: asOptoutError(thrown) };
  }
}

/** What people are told a key file is called. */
export function keyFileSource(path: string): string {
  return `key file ${path}`;
}

/** The text of a private key file, or null when there is none; throws `key-invalid`. */
export function readPrivateText(path: string): Promise<string | null> {
  return readKeyText(path, keyFileSource(path), { links: "own", ownerOnly: true });
}

async function filesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (thrown) {
    if (hasErrorCode(thrown, "ENOENT")) return [];
    const code = systemErrorWord(thrown);
    throw keyInvalid(`key directory ${directory}`, `cannot be read (${code})`);
  }
}

async function readPublicHalf(path: string): Promise<PublicHalf | null> {
  const publicPath = path.replace(/(?:[.]pem)?$/, ".pub");
  const source = `public key ${publicPath}`;
  const line = await readKeyText(publicPath, source, { links: "own", ownerOnly: false });
  return line === null ? null : parsePublicLine(line.trim(), source);
}

function parsePublicLine(line: string, source: string): PublicHalf {
  try {
    const [, comment = ""] = /^\S+[ \t]+\S+[ \t]+(.*)$/.exec(line) ?? [];
    return { key: parseSshPublicKey(line), comment };
  } catch (thrown) {
    throw keyInvalid(source, asOptoutError(thrown).message);
  }
}

async function derivePublicHalf(text: string, path: string): Promise<PublicHalf> {
  const privateKey = await readPrivateKey(text, keyFileSource(path));
  if (privateKey !== "locked") return { key: privateKey.key, comment: "" };
  throw keyInvalid(
    keyFileSource(path),
    "encrypted, and its public half (.pub) is missing",
    "make a new key: optout keys create",
  );
}
