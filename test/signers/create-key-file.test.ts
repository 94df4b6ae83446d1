import { createPublicKey } from "node:crypto";
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { createKeyFile } from "../../src/signers/create-key-file.ts";
import { openKeyFile } from "../../src/signers/key-file.ts";
import { rejection } from "../support/problem.ts";
import { hasOpenssl } from "../support/programs.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { hasSshKeygen, run } from "./given.ts";

const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

describe("making a key file", () => {
  it("writes a plain PKCS #8 PEM for its owner's eyes, and the OpenSSH line beside it", async () => {
    const directory = join(temporaryDirectory(), "optout", "keys");

    const made = await createKeyFile({ directory, name: "laptop", passphrase: null });

    expect(made).toMatchObject({
      name: "laptop",
      path: join(directory, "laptop.pem"),
      publicPath: join(directory, "laptop.pub"),
      publicLine: `${made.key.ssh} laptop`,
    });
    expect(made.key.alg).toBe("EdDSA");
    expect(await readFile(made.path, "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(await readFile(made.publicPath, "utf8")).toBe(`${made.publicLine}\n`);
    expect(await modeOf(made.path)).toBe("600");
    expect(await modeOf(directory)).toBe("700");
    expect((await readdir(directory)).toSorted()).toEqual(["laptop.pem", "laptop.pub"]);
  });

  it("makes a P-256 key when told to, with the comment given", async () => {
    const directory = temporaryDirectory();

    const made = await createKeyFile({
      directory,
      name: "ci",
      algorithm: "ES256",
      passphrase: null,
      comment: "Zoë Ng (CI)",
    });

    expect(made.key.alg).toBe("ES256");
    expect(made.publicLine).toMatch(/^ecdsa-sha2-nistp256 AAAA\S+ Zoë Ng \(CI\)$/);
  });

  it("encrypts with the passphrase", async () => {
    const directory = temporaryDirectory();

    const made = await createKeyFile({ directory, name: "laptop", passphrase: "correct horse" });

    expect(await readFile(made.path, "utf8")).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    const signer = await openKeyFile(made.path, { passphrase: "correct horse" });
    expect(await signer.sign(Buffer.from("a.b"))).toHaveLength(64);
  });

  it("takes a passphrase as long as OpenSSL can read back, and no longer", async () => {
    const directory = temporaryDirectory();
    const create = (name: string, passphrase: string) =>
      createKeyFile({ directory, name, passphrase });

    await create("longest", "é".repeat(512));

    expect(await rejection(create("longer", `${"é".repeat(512)}x`))).toMatchObject({
      code: "usage",
      message: "the passphrase is longer than 1024 bytes",
    });
    expect(await rejection(create("empty", ""))).toMatchObject({
      code: "usage",
      message: "the passphrase is empty",
    });
    expect((await readdir(directory)).toSorted()).toEqual(["longest.pem", "longest.pub"]);
  });

  it.each(["", "A", ".hidden", "-x", "a/b", "../x", "a b", "é", "a\n", "x".repeat(65)])(
    "refuses the name %j",
    async (name) => {
      const directory = temporaryDirectory();

      expect(await rejection(createKeyFile({ directory, name, passphrase: null }))).toMatchObject({
        code: "usage",
        message: "not a name for a key: a-z, 0-9, dot, _ and - (at most 64)",
      });
      expect(await readdir(directory)).toEqual([]);
    },
  );

  it.each(["", "two\nlines", "bell\u0007", "turned \u202e around", "x".repeat(201)])(
    "refuses the comment %j",
    async (comment) => {
      const directory = temporaryDirectory();
      const promise = createKeyFile({ directory, name: "a", passphrase: null, comment });

      expect(await rejection(promise)).toMatchObject({ code: "usage" });
    },
  );
});

describe("an existing key file", () => {
  it.each(["laptop.pem", "laptop.pub"])("is never overwritten: %s", async (existing) => {
    const directory = temporaryDirectory();
    await writeFile(join(directory, existing), "precious");

    const promise = createKeyFile({ directory, name: "laptop", passphrase: null });

    expect(await rejection(promise)).toMatchObject({
      code: "usage",
      message: `${join(directory, existing)} exists already, and a key is never overwritten`,
      hint: "choose another name: optout keys create NAME",
    });
    expect(await readFile(join(directory, existing), "utf8")).toBe("precious");
    expect(await readdir(directory)).toEqual([existing]);
  });

  it("is made exactly once when many make it at the same time", async () => {
    const directory = temporaryDirectory();
    const tries = Array.from({ length: 20 }, () =>
      createKeyFile({ directory, name: "laptop", passphrase: null }).catch(() => null),
    );

    const made = (await Promise.all(tries)).filter((one) => one !== null);

    expect(made).toHaveLength(1);
    const signer = await openKeyFile(join(directory, "laptop.pem"));
    expect(signer.key).toEqual(made[0]?.key);
    expect(await signer.sign(Buffer.from("a.b"))).toHaveLength(64);
    expect(await readdir(directory)).toHaveLength(2);
  });
});

describe("a directory that cannot be written", () => {
  it("is told with a way out", async () => {
    const parent = temporaryDirectory();
    await writeFile(join(parent, "file"), "");
    const directory = join(parent, "file", "keys");

    expect(
      await rejection(createKeyFile({ directory, name: "a", passphrase: null })),
    ).toMatchObject({
      code: "config-invalid",
      message: `cannot write ${directory} (ENOTDIR)`,
      hint: "set XDG_DATA_HOME to a directory that you may write to",
    });
  });
});

describe("other programs", () => {
  it.skipIf(!hasOpenssl).each(["EdDSA", "ES256"] as const)(
    "openssl pkey reads a key made here: %s",
    async (algorithm) => {
      const directory = temporaryDirectory();
      const made = await createKeyFile({ directory, name: "a", algorithm, passphrase: "secret" });

      const printed = run("openssl", [
        "pkey",
        "-in",
        made.path,
        "-passin",
        "pass:secret",
        "-pubout",
      ]);

      const publicHalf = createPublicKey({ key: { ...made.key.jwk }, format: "jwk" });
      expect(printed).toBe(publicHalf.export({ type: "spki", format: "pem" }));
    },
  );

  it.skipIf(!hasOpenssl)(
    "openssl asn1parse tells how it is encrypted, as the manual says",
    async () => {
      const directory = temporaryDirectory();
      const made = await createKeyFile({ directory, name: "a", passphrase: "secret" });

      const parsed = run("openssl", ["asn1parse", "-in", made.path]);

      expect(parsed).toMatch(/:PBES2[^]*:PBKDF2[^]*:0927C0\n[^]*:hmacWithSHA256[^]*:aes-256-cbc/);
    },
  );

  it.skipIf(!hasOpenssl)("openssl pkey makes keys that are read here", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "a.pem");
    run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", path]);

    const signer = await openKeyFile(path);

    expect(signer.key.alg).toBe("EdDSA");
    expect(await signer.sign(Buffer.from("a.b"))).toHaveLength(64);
  });

  it.skipIf(!hasSshKeygen).each(["EdDSA", "ES256"] as const)(
    "ssh-keygen prints the fingerprint of the public line: %s",
    async (algorithm) => {
      const directory = temporaryDirectory();
      const made = await createKeyFile({ directory, name: "a", algorithm, passphrase: null });

      const printed = run("ssh-keygen", ["-l", "-f", made.publicPath]);

      expect(printed).toContain(`256 ${made.key.fingerprint} a (`);
    },
  );
});
