import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { createKeyFile } from "../../src/signers/create-key-file.ts";
import { findSigners } from "../../src/signers/find-signers.ts";
import { keyDirectory } from "../../src/signers/key-store.ts";
import { placesOf, type Environment } from "../../src/system/places.ts";
import { rejection } from "../support/problem.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { ed25519, pkcs8 } from "./given.ts";

async function home(env: Environment = {}) {
  const places = placesOf({ HOME: temporaryDirectory() });
  const directory = keyDirectory(places);
  const make = (name: string, passphrase: string | null = null) =>
    createKeyFile({ directory, name, passphrase });
  return { make, directory, request: { env, places } };
}

describe("the keys there are to sign with", () => {
  it("are none in a new home", async () => {
    const { request } = await home();

    expect(await findSigners(request)).toEqual({ candidates: [], problems: [] });
  });

  it("are the key files by name, and each signs", async () => {
    const { make, request } = await home();
    const work = await make("work");
    const play = await make("play");

    const { candidates } = await findSigners(request);

    expect(candidates.map(({ key, source }) => ({ key, source }))).toEqual([
      { key: play.key, source: `key file ${play.path}` },
      { key: work.key, source: `key file ${work.path}` },
    ]);
    for (const candidate of candidates) {
      expect(await candidate.open().sign(Buffer.from("a.b"))).toHaveLength(64);
    }
  });

  it("begin with the one named default, and end with those made for CI", async () => {
    const { make, request } = await home();
    for (const name of ["ci", "ci-shop", "anna", "default"]) await make(name);

    const { candidates } = await findSigners(request);

    const found = candidates.map(({ source, kind }) => [/([^/]+)[.]pem$/.exec(source)?.[1], kind]);
    expect(found).toEqual([
      ["default", "file"],
      ["anna", "file"],
      ["ci", "ci"],
      ["ci-shop", "ci"],
    ]);
  });

  it("are OPTOUT_KEY alone where it is set", async () => {
    const { make, request } = await home({ OPTOUT_KEY: pkcs8(ed25519()) });
    await make("laptop");

    expect(await findSigners(request)).toMatchObject({ candidates: [{ source: "OPTOUT_KEY" }] });
  });

  it("are the named key alone, whatever OPTOUT_KEY says", async () => {
    const { make, request } = await home({ OPTOUT_KEY: "garbage" });
    await make("laptop");
    const work = await make("work");

    const found = await findSigners({ ...request, keyName: "work" });

    expect(found.candidates).toMatchObject([{ key: work.key }]);
  });

  it("are no key files in place of an OPTOUT_KEY that cannot be used", async () => {
    const { make, request } = await home({ OPTOUT_KEY: "garbage" });
    await make("laptop");

    expect(await rejection(findSigners(request))).toMatchObject({ code: "key-invalid" });
  });

  it("open with OPTOUT_KEY_PASSPHRASE where no one can be asked", async () => {
    const { make, request } = await home({ OPTOUT_KEY_PASSPHRASE: "secret" });
    await make("laptop", "secret");

    const [candidate] = (await findSigners(request)).candidates;

    expect(await candidate?.open().sign(Buffer.from("a.b"))).toHaveLength(64);
  });

  it("do not hold a named key that is not there", async () => {
    const { request } = await home();

    expect(await rejection(findSigners({ ...request, keyName: "work" }))).toMatchObject({
      code: "no-key",
      message: "there is no key named work",
      hint: "optout keys list",
    });
  });
});

describe("a key file that is refused", () => {
  it("is offered by its public key, and says why when it is opened", async () => {
    const { make, request } = await home();
    const { path, key } = await make("laptop");
    await chmod(path, 0o644);

    const [candidate] = (await findSigners(request)).candidates;

    expect(candidate?.key).toEqual(key);
    expect(() => candidate?.open()).toThrowError(
      expect.objectContaining({ code: "key-invalid", hint: `chmod 600 ${path}` }),
    );
  });

  it("says why at once when it was named", async () => {
    const { make, request } = await home();
    const { path } = await make("laptop");
    await chmod(path, 0o644);

    expect(await rejection(findSigners({ ...request, keyName: "laptop" }))).toMatchObject({
      hint: `chmod 600 ${path}`,
    });
  });

  it("does not hide the others when its public key is unknown too", async () => {
    const { make, directory, request } = await home();
    const { key } = await make("laptop");
    await writeFile(join(directory, "broken.pem"), "garbage", { mode: 0o600 });

    expect((await findSigners(request)).candidates).toMatchObject([{ key }]);
  });

  it("is said when there is nothing else", async () => {
    const { make, request } = await home();
    const { path, publicPath } = await make("laptop", "secret");
    await rm(publicPath);

    const { candidates, problems } = await findSigners(request);

    expect(candidates).toEqual([]);
    expect(problems[0]).toMatchObject({
      code: "key-invalid",
      message: `key file ${path}: encrypted, and its public half (.pub) is missing`,
    });
  });
});

describe("without a home directory", () => {
  it("OPTOUT_KEY is enough", async () => {
    const env = { OPTOUT_KEY: pkcs8(ed25519()) };

    expect((await findSigners({ env, places: placesOf({}) })).candidates).toHaveLength(1);
  });

  it("the lack is told when key files are looked for", async () => {
    const { problems } = await findSigners({ env: {}, places: placesOf({}) });

    expect(problems[0]).toMatchObject({
      code: "config-invalid",
      message: "neither XDG_DATA_HOME nor HOME names a directory",
    });
  });
});
