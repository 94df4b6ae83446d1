import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { verifySignature } from "../../src/core/crypto.ts";
import { createKeyFile } from "../../src/signers/create-key-file.ts";
import { openKeyFile } from "../../src/signers/key-file.ts";
import { findKeyFile, listKeyFiles } from "../../src/signers/key-store.ts";
import type { AskPassphrase } from "../../src/signers/source.ts";
import { rejection } from "../support/problem.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { run } from "./given.ts";

const input = Buffer.from("header.payload");

async function keyFile(name = "laptop", passphrase: string | null = null) {
  const directory = temporaryDirectory();
  return { directory, ...(await createKeyFile({ directory, name, passphrase })) };
}

/** Answers one passphrase after the other, and remembers the questions. */
function answering(...answers: readonly string[]) {
  const questions: Parameters<AskPassphrase>[0][] = [];
  const ask: AskPassphrase = async (question) => {
    questions.push(question);
    return answers[questions.length - 1] ?? "no answer left";
  };
  return { ask, questions };
}

describe("signing with a key file", () => {
  it("asks nothing when it is not encrypted", async () => {
    const { path, key } = await keyFile();
    const { ask, questions } = answering();

    const signer = await openKeyFile(path, { askPassphrase: ask });
    const signature = await signer.sign(input);

    expect(signer.source).toBe(`key file ${path}`);
    expect(verifySignature(key, input, signature)).toBe(true);
    expect(questions).toEqual([]);
  });

  it("asks for the passphrase when something is signed, and once for all statements", async () => {
    const { path, key } = await keyFile("laptop", "secret");
    const { ask, questions } = answering("secret");

    const signer = await openKeyFile(path, { askPassphrase: ask });
    expect(questions).toEqual([]);
    const signatures = await Promise.all([signer.sign(input), signer.sign(input)]);
    await signer.sign(input);

    expect(signatures.every((signature) => verifySignature(key, input, signature))).toBe(true);
    expect(questions).toEqual([{ source: `key file ${path}`, attempt: 1 }]);
  });

  it("asks three times, then gives up", async () => {
    const { path } = await keyFile("laptop", "secret");
    const { ask, questions } = answering("wrong", "", "Secret", "secret");
    const signer = await openKeyFile(path, { askPassphrase: ask });

    expect(await rejection(signer.sign(input))).toMatchObject({
      code: "key-locked",
      message: `key file ${path}: 3 wrong passphrases (or the file is damaged)`,
    });
    expect(questions.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(await signer.sign(input)).toHaveLength(64); // the fourth answer is right
  });

  it("opens on the third try", async () => {
    const { path } = await keyFile("laptop", "secret");
    const { ask } = answering("wrong", "wrong", "secret");
    const signer = await openKeyFile(path, { askPassphrase: ask });

    expect(await signer.sign(input)).toHaveLength(64);
  });

  it("finds the .pub beside a file that does not end in .pem", async () => {
    const { path, publicPath, key } = await keyFile("laptop", "secret");
    await rename(path, `${path}.id`);
    await rename(publicPath, `${path}.id.pub`);

    expect((await openKeyFile(`${path}.id`)).key).toEqual(key);
  });

  it("passes on what the question throws", async () => {
    const { path } = await keyFile("laptop", "secret");
    const interrupted = new Error("Ctrl-C");
    const signer = await openKeyFile(path, { askPassphrase: () => Promise.reject(interrupted) });

    expect(await rejection(signer.sign(input))).toBe(interrupted);
  });

  it("is locked where no one can be asked", async () => {
    const { path } = await keyFile("laptop", "secret");
    const signer = await openKeyFile(path);

    expect(await rejection(signer.sign(input))).toMatchObject({
      code: "key-locked",
      message: `key file ${path}: needs a passphrase, and there is no one to ask`,
      hint: "set OPTOUT_KEY_PASSPHRASE, or run it in a terminal",
    });
  });

  it("does not ask when the passphrase given is wrong", async () => {
    const { path } = await keyFile("laptop", "secret");
    const { ask, questions } = answering("secret");
    const signer = await openKeyFile(path, { passphrase: "wrong", askPassphrase: ask });

    expect(await rejection(signer.sign(input))).toMatchObject({
      code: "key-locked",
      message: `key file ${path}: OPTOUT_KEY_PASSPHRASE does not open it`,
    });
    expect(questions).toEqual([]);
  });

  it("refuses when the .pub beside it is of another key", async () => {
    const mine = await keyFile();
    const other = await keyFile();
    await rename(other.publicPath, mine.publicPath);
    const signer = await openKeyFile(mine.path);

    expect(await rejection(signer.sign(input))).toMatchObject({
      code: "key-invalid",
      message: `key file ${mine.path}: its public half beside it (.pub) is of another key, ${other.key.fingerprint}`,
    });
  });

  it("judges the file again when it signs", async () => {
    const { path } = await keyFile();
    const signer = await openKeyFile(path);
    await chmod(path, 0o640);

    expect(await rejection(signer.sign(input))).toMatchObject({
      code: "key-invalid",
      hint: `chmod 600 ${path}`,
    });
    await rm(path);
    expect(await rejection(signer.sign(input))).toMatchObject({
      code: "no-key",
      message: `the key file ${path} is gone`,
    });
  });
});

describe("a key file that must not be used", () => {
  it.each([
    [0o644, "0644"],
    [0o640, "0640"],
    [0o606, "0606"],
    [0o601, "0601"],
    [0o777, "0777"],
  ])("is open to others (%o), as ssh refuses it", async (mode, permissions) => {
    const { path } = await keyFile();
    await chmod(path, mode);

    expect(await rejection(openKeyFile(path))).toMatchObject({
      code: "key-invalid",
      message: `key file ${path}: permissions ${permissions} are too open`,
      hint: `chmod 600 ${path}`,
    });
  });

  it.each([0o600, 0o400, 0o700])("is not one with mode %o", async (mode) => {
    const { path } = await keyFile();
    await chmod(path, mode);

    expect(await (await openKeyFile(path)).sign(input)).toHaveLength(64);
  });

  it("is a symbolic link", async () => {
    const { path, directory } = await keyFile();
    const link = join(directory, "link.pem");
    await symlink(path, link);

    expect(await rejection(openKeyFile(link))).toMatchObject({
      code: "key-invalid",
      message: `key file ${link}: a symbolic link; the file itself must be here`,
    });
  });

  it("is a directory", async () => {
    const path = join(temporaryDirectory(), "a.pem");
    await mkdir(path);

    expect(await rejection(openKeyFile(path))).toMatchObject({
      code: "key-invalid",
      message: `key file ${path}: a directory, not a file`,
    });
  });

  it("is a pipe, which is not waited for", async () => {
    const path = join(temporaryDirectory(), "a.pem");
    run("mkfifo", ["-m", "600", path]);

    expect(await rejection(openKeyFile(path))).toMatchObject({
      code: "key-invalid",
      message: `key file ${path}: not a regular file`,
    });
  });

  it("is too large", async () => {
    const path = join(temporaryDirectory(), "a.pem");
    await writeFile(path, "x".repeat(65_537), { mode: 0o600 });

    expect(await rejection(openKeyFile(path))).toMatchObject({
      message: `key file ${path}: too large for a key`,
    });
  });

  it("is encrypted and has lost its .pub", async () => {
    const { path, publicPath } = await keyFile("laptop", "secret");
    await rm(publicPath);

    expect(await rejection(openKeyFile(path))).toMatchObject({
      code: "key-invalid",
      message: `key file ${path}: encrypted, and its public half (.pub) is missing`,
    });
  });

  it.each(["", "garbage", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAwEAAQ== a", "ssh-ed25519 AAAA a"])(
    "has a .pub that holds %j",
    async (line) => {
      const { path, publicPath } = await keyFile();
      await writeFile(publicPath, line);

      const thrown = await rejection(openKeyFile(path));
      expect(thrown).toMatchObject({ code: "key-invalid" });
      expect(String(thrown)).toContain(`public key ${publicPath}: `);
    },
  );

  it("is not there", async () => {
    const path = join(temporaryDirectory(), "a.pem");

    expect(await rejection(openKeyFile(path))).toMatchObject({
      code: "no-key",
      message: `there is no key file ${path}`,
    });
  });
});

describe("listing key files", () => {
  it("finds none where there is no directory", async () => {
    expect(await listKeyFiles(join(temporaryDirectory(), "missing"))).toEqual([]);
  });

  it("tells name, path, public key and whether each is encrypted, in order of name", async () => {
    const directory = temporaryDirectory();
    const work = await createKeyFile({ directory, name: "work", passphrase: "secret" });
    const home = await createKeyFile({ directory, name: "home", passphrase: null, comment: "a b" });

    expect(await listKeyFiles(directory)).toEqual([
      {
        kind: "usable",
        name: "home",
        path: home.path,
        key: home.key,
        comment: "a b",
        encrypted: false,
      },
      {
        kind: "usable",
        name: "work",
        path: work.path,
        key: work.key,
        comment: "work",
        encrypted: true,
      },
    ]);
  });

  it("tells the key of a plain PEM without a .pub", async () => {
    const { directory, publicPath, key } = await keyFile();
    await rm(publicPath);

    expect(await listKeyFiles(directory)).toMatchObject([{ kind: "usable", key, comment: "" }]);
  });

  it("tells what is wrong with one file and still shows the others", async () => {
    const { directory, path, key } = await keyFile("b-open");
    await chmod(path, 0o644);
    await createKeyFile({ directory, name: "c-fine", passphrase: null });
    await writeFile(join(directory, "a-broken.pem"), "garbage", { mode: 0o600 });

    expect(await listKeyFiles(directory)).toMatchObject([
      { kind: "refused", name: "a-broken", key: null, problem: { code: "key-invalid" } },
      { kind: "refused", name: "b-open", key, problem: { hint: `chmod 600 ${path}` } },
      { kind: "usable", name: "c-fine" },
    ]);
  });

  it("looks only at files with the name of a key", async () => {
    const { directory } = await keyFile();
    for (const name of ["notes.txt", "Upper.pem", ".half.tmp", ".pem", "orphan.pub"]) {
      await writeFile(join(directory, name), "");
    }

    expect((await listKeyFiles(directory)).map(({ name }) => name)).toEqual(["laptop"]);
  });

  it("says so when the directory is none", async () => {
    const path = join(temporaryDirectory(), "file");
    await writeFile(path, "");

    expect(await rejection(listKeyFiles(path))).toMatchObject({
      code: "key-invalid",
      message: `key directory ${path}: cannot be read (ENOTDIR)`,
    });
  });

  it("finds one by its name, and none by a name that is a path", async () => {
    const { directory } = await keyFile();

    expect(await findKeyFile(directory, "laptop")).toMatchObject({ kind: "usable" });
    expect(await findKeyFile(directory, "other")).toBeNull();
    expect(await rejection(findKeyFile(directory, "../keys/laptop"))).toMatchObject({
      code: "usage",
    });
  });
});
