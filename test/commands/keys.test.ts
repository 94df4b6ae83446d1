/**
 * `optout keys`: what is printed, what is written, and that no private part is ever shown.
 */
import { chmodSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { createKey, listKeys, showKey } from "../../src/commands/keys.ts";
import { rejection } from "../support/problem.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { callFor, keyringIn, openersWith, recordedIo } from "./given.ts";

function world() {
  const directory = temporaryDirectory();
  const open = openersWith({ keyring: () => Promise.resolve(keyringIn(directory)) });
  return { directory, open };
}

async function made(open: ReturnType<typeof openersWith>, ...words: readonly string[]) {
  const io = recordedIo();
  const status = await createKey(callFor("keys", "create", ...words, "--no-passphrase"), io, open);
  return { status, ...io.written };
}

describe("keys create", () => {
  it("asks for a passphrase, and without a terminal names the command that needs none", async () => {
    const { open, directory } = world();

    const call = callFor("keys", "create", "laptop");

    expect(await rejection(createKey(call, recordedIo(), open))).toMatchObject({
      code: "usage",
      message: "there is nobody to ask for a passphrase",
      hint: "optout keys create laptop --no-passphrase",
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  it("refuses a name that is taken before it asks anything", async () => {
    const { open } = world();
    await made(open);

    const call = callFor("keys", "create");

    expect(await rejection(createKey(call, recordedIo(), open))).toMatchObject({
      code: "usage",
      message: "there is a key named default already, and none is overwritten",
    });
  });

  it("writes the key for its owner alone, and prints the line for the policy", async () => {
    const { open, directory } = world();

    const { status, out, err } = await made(open);

    expect(status).toBe(0);
    expect(out).toMatch(/^ssh-ed25519 AAAA\S+ default\n$/);
    expect(out).toBe(readFileSync(join(directory, "default.pub"), "utf8"));
    expect(err).toContain(`✓ key default made, without a passphrase: ${directory}/default.pem`);
    expect(err).toContain("put this line under your keys in .optout/policy.yaml");
    expect(statSync(join(directory, "default.pem")).mode & 0o777).toBe(0o600);
  });

  it("makes a P-256 key when asked to", async () => {
    expect((await made(world().open, "--type", "p256")).out).toMatch(/^ecdsa-sha2-nistp256 AAAA/);
  });

  it("prints the line alone with --quiet, and an object with --json", async () => {
    const { open, directory } = world();

    expect(await made(open, "a", "-q")).toMatchObject({ err: "" });
    const { out, err } = await made(open, "b", "--json");

    expect(err).toBe("");
    expect(JSON.parse(out)).toMatchObject({
      kind: "optout/key",
      v: 1,
      name: "b",
      type: "ed25519",
      path: join(directory, "b.pem"),
      encrypted: false,
      problem: null,
      ssh: readFileSync(join(directory, "b.pub"), "utf8").trim(),
    });
  });

  it("never prints anything of the private key", async () => {
    const { open, directory } = world();

    const { out, err } = await made(open, "laptop", "--json");

    const pem = readFileSync(join(directory, "laptop.pem"), "utf8");
    const [secret = ""] = /[A-Za-z0-9+/]{40,}/.exec(pem) ?? [];
    expect(secret).not.toBe("");
    expect(out + err).not.toContain(secret.slice(-20));
  });
});

describe("keys list", () => {
  it("says on stderr where there is none, and how to make one", async () => {
    const { open, directory } = world();
    const io = recordedIo();

    expect(await listKeys(callFor("keys", "list"), io, open)).toBe(0);

    expect(io.written).toEqual({
      out: "",
      err: `there is no key in ${directory}; make one: optout keys create\n`,
    });
  });

  it("tells the usable ones and what is wrong with the others", async () => {
    const { open, directory } = world();
    await made(open, "good");
    await made(open, "open-to-all");
    chmodSync(join(directory, "open-to-all.pem"), 0o644);
    const io = recordedIo();

    await listKeys(callFor("keys", "list"), io, open);

    const rows = io.written.out
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
    expect(rows.map(([name, type]) => [name, type])).toEqual([
      ["good", "ed25519"],
      ["open-to-all", "ed25519"],
    ]);
    expect(rows[0]?.[3]).toBe("no passphrase");
    expect(rows[1]?.[3]).toContain("permissions 0644 are too open");
  });

  it("gives the same as JSON", async () => {
    const { open, directory } = world();
    await made(open, "good");
    const io = recordedIo();

    await listKeys(callFor("keys", "list", "--json"), io, open);

    expect(JSON.parse(io.written.out)).toMatchObject({
      kind: "optout/keys",
      v: 1,
      directory,
      keys: [{ kind: "optout/key", name: "good", encrypted: false }],
    });
  });
});

describe("keys show", () => {
  it("shows the only key without being told its name", async () => {
    const { open } = world();
    await made(open, "laptop");
    const io = recordedIo();

    await showKey(callFor("keys", "show"), io, open);

    expect(io.written.out).toMatch(/^name +laptop\ntype +ed25519\nfingerprint +SHA256:\S+\n/);
  });

  it("prints the line for the policy and nothing else with --ssh", async () => {
    const { open } = world();
    const { out } = await made(open, "laptop");
    const io = recordedIo();

    await showKey(callFor("keys", "show", "laptop", "--ssh"), io, open);

    expect(io.written).toEqual({ out, err: "" });
  });

  it("wants a name where there are several and none is called default", async () => {
    const { open } = world();
    await made(open, "a");
    await made(open, "b");

    expect(await rejection(showKey(callFor("keys", "show"), recordedIo(), open))).toMatchObject({
      code: "usage",
      message: "there are several keys: a, b",
      hint: "optout keys show a",
    });
  });

  it("ends with exit 4 for a key that is not there", async () => {
    const { open } = world();

    const call = callFor("keys", "show", "laptop");

    expect(await rejection(showKey(call, recordedIo(), open))).toMatchObject({
      code: "no-key",
      exit: 4,
      message: "there is no key named laptop",
      hint: "optout keys list",
    });
  });
});
