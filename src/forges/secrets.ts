/**
 * Where tokens are kept: in the keychain of the operating system where its own program is there to ask,
 * else in a file for the owner's eyes only. A token is never an argument of a program.
 *
 * Source: secret-tool(1) of libsecret, security(1) of macOS.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { OptoutError } from "../core/errors.ts";
import { ensurePrivateDirectory, readTextIfThere, writeFileAtomic } from "../system/files.ts";
import type { Environment, Places } from "../system/places.ts";
import { askProgram } from "../system/quiet-program.ts";

export type SecretPlace = "keychain" | "file";

interface Setting {
  readonly env: Environment;
  readonly places: Places;
}

/** Keeps a secret under a name; where it was put, for people. */
export async function keepSecret(
  name: string,
  secret: string,
  setting: Setting,
): Promise<{ readonly place: SecretPlace; readonly where: string }> {
  const kept = await keychain()?.keep(name, secret, setting.env);
  if (kept === true && (await readSecret(name, "keychain", setting)) === secret) {
    return { place: "keychain", where: "the keychain" };
  }
  const path = filePath(setting);
  const all = { ...readFile(path), [name]: secret };
  ensurePrivateDirectory(setting.places.data());
  writeFileAtomic(path, `${JSON.stringify(all, null, 2)}\n`);
  return { place: "file", where: `${path} (readable by you alone; no keychain was found)` };
}

/** Null where there is none. @throws `config-invalid` for a file that others can read */
export async function readSecret(
  name: string,
  place: SecretPlace,
  setting: Setting,
): Promise<string | null> {
  if (place === "file") return readFile(filePath(setting))[name] ?? null;
  return (await keychain()?.read(name, setting.env)) ?? null;
}

export async function forgetSecret(
  name: string,
  place: SecretPlace,
  setting: Setting,
): Promise<void> {
  if (place === "keychain") {
    await keychain()?.forget(name, setting.env);
    return;
  }
  const path = filePath(setting);
  const rest = Object.entries(readFile(path)).filter(([other]) => other !== name);
  writeFileAtomic(path, `${JSON.stringify(Object.fromEntries(rest), null, 2)}\n`);
}

// --- the file

const filePath = ({ places }: Setting): string => join(places.data(), "tokens.json");

function readFile(path: string): Readonly<Record<string, string>> {
  const text = readTextIfThere(path);
  if (text === null) return {};
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new OptoutError("config-invalid", `${path} can be read by others`, {
      hint: `chmod 600 ${path}`,
    });
  }
  try {
    return v.parse(v.record(v.string(), v.string()), JSON.parse(text));
  } catch {
    throw new OptoutError("config-invalid", `${path} cannot be read`, {
      hint: `rm ${path}   and sign in again`,
    });
  }
}

// --- keychains

interface Keychain {
  keep(name: string, secret: string, env: Environment): Promise<boolean>;
  read(name: string, env: Environment): Promise<string | null>;
  forget(name: string, env: Environment): Promise<unknown>;
}

function keychain(): Keychain | null {
  if (process.platform === "linux") return libsecret;
  return process.platform === "darwin" ? macos : null;
}

const attributes = (name: string): readonly string[] => ["service", "optout", "account", name];

const libsecret: Keychain = {
  keep: async (name, secret, env) => {
    const args = ["store", `--label=optout: ${name}`, ...attributes(name)];
    return (await askProgram("secret-tool", args, { env, input: secret })) !== null;
  },
  read: (name, env) => askProgram("secret-tool", ["lookup", ...attributes(name)], { env }),
  forget: (name, env) => askProgram("secret-tool", ["clear", ...attributes(name)], { env }),
};

const item = (name: string): readonly string[] => ["-s", "optout", "-a", name];

const macos: Keychain = {
  keep: async (name, secret, env) => {
    // what its command line would take apart is kept in the file
    if (!/^[\w.~+/=:{}",-]+$/.test(secret)) return false;
    const line = ["add-generic-password", "-U", ...item(name), "-X", hex(secret)].join(" ");
    return (await askProgram("security", ["-i"], { env, input: `${line}\n` })) !== null;
  },
  read: async (name, env) => {
    const args = ["find-generic-password", ...item(name), "-w"];
    return (await askProgram("security", args, { env }))?.trimEnd() ?? null;
  },
  forget: (name, env) =>
    askProgram("security", ["delete-generic-password", ...item(name)], { env }),
};

const hex = (text: string): string => Buffer.from(text, "utf8").toString("hex");
