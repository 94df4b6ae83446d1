import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";

import { describe, expect, it } from "vitest";

import { verifySignature } from "../../src/core/crypto.ts";
import { envKey } from "../../src/signers/env-key.ts";
import { placesOf, type Environment } from "../../src/system/places.ts";
import { rejection } from "../support/problem.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { ed25519, encryptedPkcs8, jwkText, opensshPem, p256, pkcs8 } from "./given.ts";

const input = Buffer.from("header.payload");

const find = (env: Environment) => envKey({ env, places: placesOf(env) });

async function findAndSign(env: Environment) {
  const candidate = await find(env);
  if (candidate === null) throw new Error("expected a candidate");
  const signer = candidate.open();
  expect(signer.key).toEqual(candidate.key);
  expect(verifySignature(signer.key, input, await signer.sign(input))).toBe(true);
  return signer;
}

async function fileWith(text: string): Promise<string> {
  const path = join(temporaryDirectory(), "key");
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

describe("OPTOUT_KEY", () => {
  it.each([
    ["PEM", pkcs8(ed25519())],
    ["PEM with \\n spelt out", pkcs8(p256()).replaceAll("\n", "\\n")],
    ["JWK", jwkText(p256())],
    ["OpenSSH", opensshPem(ed25519())],
  ])("signs with the key it holds as %s", async (_title, text) => {
    expect((await findAndSign({ OPTOUT_KEY: text })).source).toBe("OPTOUT_KEY");
  });

  it("needs OPTOUT_KEY_PASSPHRASE when it is encrypted", async () => {
    const text = encryptedPkcs8(ed25519(), "secret");

    await findAndSign({ OPTOUT_KEY: text, OPTOUT_KEY_PASSPHRASE: "secret" });

    expect(await rejection(find({ OPTOUT_KEY: text }))).toMatchObject({
      code: "key-locked",
      message: "OPTOUT_KEY: needs a passphrase, and there is no one to ask",
    });
    expect(
      await rejection(find({ OPTOUT_KEY: text, OPTOUT_KEY_PASSPHRASE: "wrong" })),
    ).toMatchObject({
      code: "key-locked",
      message: "OPTOUT_KEY: OPTOUT_KEY_PASSPHRASE does not open it",
    });
  });

  it("asks for the passphrase where someone can be asked", async () => {
    const env = { OPTOUT_KEY: encryptedPkcs8(ed25519(), "secret"), OPTOUT_KEY_PASSPHRASE: "" };
    const askPassphrase = async () => "secret";

    expect(await envKey({ env, places: placesOf(env), askPassphrase })).toMatchObject({
      source: "OPTOUT_KEY",
    });
  });

  it("that is empty counts as not set, as in the job of a fork", async () => {
    expect(await find({ OPTOUT_KEY: "", OPTOUT_KEY_FILE: "" })).toBeNull();
    expect(await find({})).toBeNull();
  });

  it("that holds a path is told apart from a key", async () => {
    expect(await rejection(find({ OPTOUT_KEY: "/run/secrets/key" }))).toMatchObject({
      code: "key-invalid",
      message: "OPTOUT_KEY: holds neither a private key in PEM nor a JWK",
    });
  });

  it("and OPTOUT_KEY_FILE together are one too many", async () => {
    const env = { OPTOUT_KEY: pkcs8(ed25519()), OPTOUT_KEY_FILE: "/a" };

    expect(await rejection(find(env))).toMatchObject({
      code: "usage",
      message: "OPTOUT_KEY and OPTOUT_KEY_FILE are both set",
    });
  });
});

describe("OPTOUT_KEY_FILE", () => {
  it.each([
    ["PEM", pkcs8(ed25519())],
    ["JWK", jwkText(ed25519())],
    ["OpenSSH", opensshPem(p256())],
  ])("signs with the key in the file it names, as %s", async (_title, text) => {
    const path = await fileWith(text);

    expect((await findAndSign({ OPTOUT_KEY_FILE: path })).source).toBe(`OPTOUT_KEY_FILE ${path}`);
  });

  it("may be open to others and behind a link, as CI systems hand secrets over", async () => {
    const path = await fileWith(pkcs8(ed25519()));
    await chmod(path, 0o666);
    await symlink(path, `${path}.link`);

    const { source } = await findAndSign({ OPTOUT_KEY_FILE: `${path}.link` });

    expect(source).toBe(`OPTOUT_KEY_FILE ${path}.link`);
  });

  it("that names nothing is said without repeating it", async () => {
    expect(await rejection(find({ OPTOUT_KEY_FILE: "/nowhere/key" }))).toMatchObject({
      code: "no-key",
      message: "OPTOUT_KEY_FILE names no file",
    });
  });

  it("that names a directory is refused", async () => {
    const path = join(temporaryDirectory(), "keys");
    await mkdir(path);

    expect(await rejection(find({ OPTOUT_KEY_FILE: path }))).toMatchObject({
      code: "key-invalid",
      message: "OPTOUT_KEY_FILE: a directory, not a file",
    });
  });

  it.each([pkcs8(ed25519()), jwkText(ed25519()), pkcs8(p256()).split("\n")[1] ?? ""])(
    "that holds the key itself is never repeated",
    async (text) => {
      const thrown = await rejection(find({ OPTOUT_KEY_FILE: text }));

      expect(String(thrown)).toMatch(/^OptoutError: OPTOUT_KEY_FILE/);
      expect(inspect(thrown, { depth: 10, showHidden: true })).not.toContain(text.slice(20, 40));
    },
  );
});
