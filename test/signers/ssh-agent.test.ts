/**
 * Signing by the ssh agent: against the real one of OpenSSH, and against impostors.
 */
import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";

import { describe, expect, it, onTestFinished } from "vitest";

import { verifySignature } from "../../src/core/crypto.ts";
import { parseSshPublicKey, publicKeyFromJwk } from "../../src/core/keys.ts";
import { listIdentities } from "../../src/signers/agent-protocol.ts";
import { createKeyFile } from "../../src/signers/create-key-file.ts";
import { findSigners } from "../../src/signers/find-signers.ts";
import { keyDirectory } from "../../src/signers/key-store.ts";
import { sshString, sshUint32 } from "../../src/signers/ssh-wire.ts";
import { placesOf, type Environment } from "../../src/system/places.ts";
import { rejection } from "../support/problem.ts";
import {
  hasSshAgent,
  makeSshKey,
  publicLine,
  startAgent,
  startImpostor,
  type KeyType,
} from "../support/ssh-agent.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const input = Buffer.from("eyJhbGciOiJFZERTQSJ9.e30");

async function home(env: Environment = {}) {
  const directory = temporaryDirectory();
  const all = { HOME: directory, PATH: process.env["PATH"], ...env };
  const request = { env: all, places: placesOf(all) };
  return { directory, ssh: join(directory, ".ssh"), request };
}

async function agentHome() {
  const { directory, ssh } = await home();
  const agent = await startAgent(directory);
  onTestFinished(() => agent.stop());
  const env = { HOME: directory, PATH: process.env["PATH"], SSH_AUTH_SOCK: agent.path };
  return { directory, ssh, agent, request: { env, places: placesOf(env) } };
}

const open = (candidate: { open(): unknown } | undefined) => () => candidate?.open();

describe.skipIf(!hasSshAgent)("the ssh agent", () => {
  it.each<[KeyType, string]>([
    ["ed25519", "EdDSA"],
    ["ecdsa", "ES256"],
  ])("signs with a key of type %s as %s", async (type, alg) => {
    const { directory, agent, request } = await agentHome();
    const path = makeSshKey(join(directory, "elsewhere", "id"), type);
    agent.add([path]);

    const { candidates, problems } = await findSigners(request);
    const [candidate] = candidates;

    expect(problems).toEqual([]);
    expect(candidates).toMatchObject([{ source: "ssh key alice@laptop", kind: "ssh" }]);
    expect(candidate?.key).toEqual(parseSshPublicKey(publicLine(path)));
    expect(candidate?.key.alg).toBe(alg);
    // R and S of ECDSA are shorter than 32 bytes now and then
    for (let time = 0; time < 20; time += 1) {
      const signature = await candidate?.open().sign(input);
      if (candidate === undefined || signature === undefined) throw new Error("nothing signed");
      expect(verifySignature(candidate.key, input, signature)).toBe(true);
    }
  });

  it("comes before key files", async () => {
    const { directory, agent, request } = await agentHome();
    agent.add([makeSshKey(join(directory, "elsewhere", "id"))]);
    await createKeyFile({
      directory: keyDirectory(request.places),
      name: "default",
      passphrase: null,
    });

    const { candidates } = await findSigners(request);

    expect(candidates.map(({ kind }) => kind)).toEqual(["ssh", "file"]);
  });

  it("that is empty says how to add a key, or to unlock it", async () => {
    const { agent, request } = await agentHome();

    expect(await findSigners(request)).toMatchObject({
      candidates: [],
      problems: [
        {
          code: "no-key",
          message: `the ssh agent at ${agent.path} shows no key: it is empty or locked`,
          hint: "ssh-add   (if it is locked: ssh-add -X), or: optout keys create",
        },
      ],
    });
  });

  it("that is locked names the key and the command that unlocks it", async () => {
    const { ssh, agent, request } = await agentHome();
    const path = makeSshKey(join(ssh, "id_ed25519"));
    agent.add([path]);
    agent.add(["-x"], { passphrase: "secret" });

    const { candidates } = await findSigners(request);

    expect(candidates).toMatchObject([{ source: `ssh key ${path}` }]);
    expect(open(candidates[0])).toThrowError(
      expect.objectContaining({
        code: "no-key",
        message: `ssh key ${path}: the ssh agent does not hold it`,
        hint: `ssh-add ${path}   (if it is locked: ssh-add -X)`,
      }),
    );
  });

  it("that is locked after it told its keys does not sign, and says so", async () => {
    const { directory, agent, request } = await agentHome();
    agent.add([makeSshKey(join(directory, "elsewhere", "id"))]);
    const [candidate] = (await findSigners(request)).candidates;
    agent.add(["-x"], { passphrase: "secret" });

    expect(await rejection(candidate?.open().sign(input) ?? Promise.resolve())).toMatchObject({
      code: "agent-refused",
      message:
        "the ssh agent no longer shows ssh key alice@laptop: it is locked, or the key was removed",
      hint: "ssh-add -X   (if it is locked), or ssh-add",
    });
  });

  it("does not sign with a key that its owner declines to confirm", async () => {
    const { directory, agent, request } = await agentHome();
    agent.add(["-c", makeSshKey(join(directory, "elsewhere", "id"))]);
    const [candidate] = (await findSigners(request)).candidates;

    expect(await rejection(candidate?.open().sign(input) ?? Promise.resolve())).toMatchObject({
      code: "agent-refused",
      message: "the ssh agent does not sign with ssh key alice@laptop",
      hint: expect.stringContaining("confirm the agent's question") as unknown,
    });
  });

  it("that holds an RSA key only says what to do instead", async () => {
    const { directory, agent, request } = await agentHome();
    agent.add([makeSshKey(join(directory, "elsewhere", "id"), "rsa", "old")]);

    expect(await findSigners(request)).toMatchObject({
      candidates: [],
      problems: [
        {
          code: "key-invalid",
          message:
            "ssh key old: keys of type ssh-rsa are not supported; use ssh-ed25519 or ecdsa-sha2-nistp256",
          hint: "ssh-keygen -t ed25519   (then ssh-add), or: optout keys create",
        },
      ],
    });
  });

  it("is asked for the key that --key names by comment or fingerprint", async () => {
    const { directory, agent, request } = await agentHome();
    agent.add([makeSshKey(join(directory, "elsewhere", "a"), "ed25519", "alice@laptop")]);
    const path = makeSshKey(join(directory, "elsewhere", "b"), "ecdsa", "alice@desk");
    agent.add([path]);
    const { fingerprint } = parseSshPublicKey(publicLine(path));

    const named = (keyName: string) => findSigners({ ...request, keyName });

    for (const name of ["alice@desk", fingerprint]) {
      expect((await named(name)).candidates).toMatchObject([{ key: { fingerprint } }]);
    }
    expect(await rejection(named("bob@desk"))).toMatchObject({
      code: "no-key",
      message: "there is no key named bob@desk",
    });
  });

  it("does not guess between two keys with one comment", async () => {
    const { directory, agent, request } = await agentHome();
    agent.add([makeSshKey(join(directory, "elsewhere", "a"))]);
    agent.add([makeSshKey(join(directory, "elsewhere", "b"))]);

    expect(await rejection(findSigners({ ...request, keyName: "alice@laptop" }))).toMatchObject({
      code: "usage",
      message: "several keys of the ssh agent are called alice@laptop",
    });
  });

  it("is not asked where OPTOUT_KEY or a key file is named", async () => {
    const { directory, request } = await home();
    const impostor = await startImpostor(directory, (_request, socket) => socket.destroy());
    onTestFinished(() => impostor.stop());
    const env = { ...request.env, SSH_AUTH_SOCK: impostor.path };
    const keys = { directory: keyDirectory(request.places), passphrase: null };
    const { path } = await createKeyFile({ ...keys, name: "default" });

    await findSigners({ ...request, env: { ...env, OPTOUT_KEY_FILE: path } });
    await findSigners({ ...request, env, keyName: "default" });

    expect(impostor.requests).toEqual([]);
  });
});

describe.skipIf(!hasSshAgent)("where the ssh agent is", () => {
  it.each([
    ["a path with ~", "~/agent.sock"],
    ["a path with %d", "%d/agent.sock"],
    ["a variable", "$MY_AGENT"],
    ["SSH_AUTH_SOCK", "SSH_AUTH_SOCK"],
  ])("is what IdentityAgent of ~/.ssh/config says: %s", async (_title, value) => {
    const { directory, ssh, agent, request } = await agentHome();
    agent.add([makeSshKey(join(directory, "elsewhere", "id"))]);
    mkdirSync(ssh);
    // ssh takes ~ and %d from the system's list of users, whatever HOME says
    const shown = value.replace(/^(?:~|%d)/, directory);
    writeFileSync(join(ssh, "config"), `Host github.com\n  IdentityAgent "${shown}"\n`);
    const socket = value === "SSH_AUTH_SOCK" ? agent.path : "/nowhere/agent.sock";
    const env = { ...request.env, SSH_AUTH_SOCK: socket, MY_AGENT: agent.path };

    const { candidates } = await findSigners({ ...request, env, host: "github.com" });

    expect(candidates).toHaveLength(1);
  });

  it("is nowhere for IdentityAgent none, and SSH_AUTH_SOCK for another host", async () => {
    const { directory, ssh, agent, request } = await agentHome();
    agent.add([makeSshKey(join(directory, "elsewhere", "id"))]);
    mkdirSync(ssh);
    writeFileSync(join(ssh, "config"), "Host github.com\n  IdentityAgent none\n");

    const there = await findSigners({ ...request, host: "github.com" });
    const elsewhere = await findSigners({ ...request, host: "gitlab.com" });

    expect(there).toEqual({ candidates: [], problems: [] });
    expect(elsewhere.candidates).toHaveLength(1);
  });

  it("is SSH_AUTH_SOCK where the configuration is broken", async () => {
    const { directory, ssh, agent, request } = await agentHome();
    agent.add([makeSshKey(join(directory, "elsewhere", "id"))]);
    mkdirSync(ssh);
    writeFileSync(join(ssh, "config"), "IdentityAgent\nNonsense yes\n");

    expect((await findSigners(request)).candidates).toHaveLength(1);
  });

  it("is no relative path, which would be a file of the work tree", async () => {
    const { request } = await home({ SSH_AUTH_SOCK: "agent.sock" });

    expect(await findSigners(request)).toEqual({ candidates: [], problems: [] });
  });
});

describe.skipIf(!hasSshAgent)("a key of ~/.ssh that no agent holds", () => {
  it("names ssh-add where an agent runs", async () => {
    const { ssh, directory, agent, request } = await agentHome();
    agent.add([makeSshKey(join(directory, "elsewhere", "id"))]);
    const path = makeSshKey(join(ssh, "id_ed25519"));

    const { candidates } = await findSigners(request);

    expect(candidates).toHaveLength(2);
    expect(open(candidates[1])).toThrowError(
      expect.objectContaining({ code: "no-key", hint: `ssh-add ${path}` }),
    );
  });

  it("names the start of an agent where none runs", async () => {
    const { ssh, request } = await home();
    const path = makeSshKey(join(ssh, "my key"));

    const [candidate] = (await findSigners(request)).candidates;

    expect(open(candidate)).toThrowError(
      expect.objectContaining({
        code: "no-key",
        message: `ssh key ${path}: no ssh agent runs`,
        hint: `eval "$(ssh-agent)" && ssh-add '${path}'`,
      }),
    );
  });

  it("is not offered where its private half is elsewhere, or the agent holds it", async () => {
    const { ssh, agent, request } = await agentHome();
    const path = makeSshKey(join(ssh, "id_ed25519"));
    agent.add([path]);
    copyFileSync(`${path}.pub`, join(ssh, "other.pub"));

    expect((await findSigners(request)).candidates).toHaveLength(1);
    rmSync(path);
    agent.add(["-D"]);
    expect((await findSigners(request)).candidates).toEqual([]);
  });

  it("is told with what to do instead where it is of RSA", async () => {
    const { ssh, request } = await home();
    const path = makeSshKey(join(ssh, "id_rsa"), "rsa");

    expect(await findSigners(request)).toMatchObject({
      candidates: [],
      problems: [
        {
          code: "key-invalid",
          message: expect.stringContaining(`ssh key ${path}: keys of type`) as unknown,
        },
      ],
    });
  });
});

describe("a socket that is no ssh agent", () => {
  it.each([
    ["is missing", "missing.sock", "ENOENT"],
    ["is a file", "file", "ECONNREFUSED"],
  ])("is told with the command that starts one where it %s", async (_title, name, code) => {
    const { directory } = await home();
    writeFileSync(join(directory, "file"), "");
    const path = join(directory, name);
    const { request } = await home({ SSH_AUTH_SOCK: path });

    expect((await findSigners(request)).problems).toMatchObject([
      {
        code: "agent-failed",
        message: `the ssh agent at ${path} cannot be asked (${code})`,
        hint: 'start one: eval "$(ssh-agent)" && ssh-add',
      },
    ]);
  });

  it("does not stand in the way of a key file", async () => {
    const { request } = await home({ SSH_AUTH_SOCK: "/nowhere/agent.sock" });
    const directory = keyDirectory(request.places);
    const { key } = await createKeyFile({ directory, name: "default", passphrase: null });

    expect((await findSigners(request)).candidates).toMatchObject([{ key }]);
  });
});

describe("an impostor of an ssh agent", () => {
  const message = (...parts: readonly Uint8Array[]): Buffer => sshString(Buffer.concat(parts));
  const { privateKey } = generateKeyPairSync("ed25519");
  const key = publicKeyFromJwk(createPublicKey(privateKey).export({ format: "jwk" }));
  const blob = Buffer.from(key.ssh.split(" ")[1] ?? "", "base64");
  const identities = message(
    Buffer.of(12),
    sshUint32(1),
    sshString(blob),
    sshString(Buffer.from("alice@laptop")),
  );

  async function lists(answer: (socket: Socket) => void) {
    const { directory } = await home();
    const impostor = await startImpostor(directory, (_request, socket) => answer(socket));
    onTestFinished(() => impostor.stop());
    return rejection(listIdentities({ path: impostor.path }, 200));
  }

  const ten = Buffer.alloc(10);

  it.each<[string, (socket: Socket) => void]>([
    ["a length beyond 256 KiB", (socket) => socket.write(sshUint32(256 * 1024 + 1))],
    ["more than its length", (socket) => socket.write(Buffer.concat([identities, ten]))],
    ["another type", (socket) => socket.write(message(Buffer.of(6)))],
    ["a refusal", (socket) => socket.write(message(Buffer.of(5)))],
    ["nothing inside", (socket) => socket.write(sshUint32(0))],
    ["more keys than there are", (socket) => socket.write(message(Buffer.of(12), sshUint32(9)))],
    [
      "a key that is cut",
      (socket) => socket.write(message(Buffer.of(12), sshUint32(1), sshUint32(99))),
    ],
    [
      "bytes after the last key",
      (socket) => socket.write(message(Buffer.of(12), sshUint32(0), ten)),
    ],
  ])("is found out by %s", async (_title, answer) => {
    expect(await lists(answer)).toMatchObject({
      code: "agent-failed",
      message: expect.stringContaining("answers wrongly") as unknown,
      hint: expect.stringContaining("ssh-add -l") as unknown,
    });
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ["hangs up", (socket) => socket.end(), "it hangs up"],
    ["hangs up in the middle", (socket) => socket.end(identities.subarray(0, 20)), "it hangs up"],
    ["is silent", () => undefined, "it does not answer"],
    [
      "stops in the middle",
      (socket) => socket.write(identities.subarray(0, 9)),
      "it does not answer",
    ],
  ])("is given up when it %s", async (_title, answer, why) => {
    expect(await lists(answer)).toMatchObject({
      code: "agent-failed",
      message: expect.stringContaining(`cannot be asked (${why})`) as unknown,
    });
  });

  it("cannot have a key of a type that optout does not sign with be used", async () => {
    const type = "sk-ssh-ed25519@openssh.com";
    const answer = message(
      Buffer.of(12),
      sshUint32(2),
      sshString(sshString(Buffer.from(type))),
      sshString(Buffer.from("yubi\u001b[2Jkey")),
      sshString(Buffer.of(1, 2, 3)),
      sshString(Buffer.of()),
    );
    const { directory } = await home();
    const impostor = await startImpostor(directory, (_request, socket) => socket.write(answer));
    onTestFinished(() => impostor.stop());
    const { request } = await home({ SSH_AUTH_SOCK: impostor.path });

    const { candidates, problems } = await findSigners(request);

    expect(candidates).toEqual([]);
    expect(problems.map(({ code, message: said }) => `${code}: ${said}`)).toEqual([
      `key-invalid: ssh key yubi[2Jkey: keys of type ${type} are not supported; use ssh-ed25519 or ecdsa-sha2-nistp256`,
      "key-invalid: ssh key: the key is cut off",
    ]);
  });

  it("may send its answer in any pieces", async () => {
    const { directory } = await home();
    const impostor = await startImpostor(directory, (_request, socket) => {
      for (const byte of identities) socket.write(Buffer.of(byte));
    });
    onTestFinished(() => impostor.stop());

    expect(await listIdentities({ path: impostor.path })).toEqual([
      { blob, comment: "alice@laptop" },
    ]);
  });

  /** Lists one key, and answers with that signature. */
  async function signs(answer: Buffer | null, deadline?: AbortSignal) {
    const { directory } = await home();
    const impostor = await startImpostor(directory, (request, socket) => {
      const isList = request[0] === 11;
      if (isList) socket.write(identities);
      else if (answer !== null) socket.write(answer);
    });
    onTestFinished(() => impostor.stop());
    const { request } = await home({ SSH_AUTH_SOCK: impostor.path });
    const { candidates } = await findSigners({ ...request, deadline });
    return { impostor, signature: candidates[0]?.open().sign(input) ?? Promise.resolve() };
  }

  const signatureOf = (type: string, bytes: Uint8Array, more: Uint8Array = Buffer.of()): Buffer =>
    message(
      Buffer.of(14),
      sshString(Buffer.concat([sshString(Buffer.from(type)), sshString(bytes), more])),
    );

  it.each([
    ["over other bytes", signatureOf("ssh-ed25519", sign(null, Buffer.from("other"), privateKey))],
    ["of another type", signatureOf("ssh-rsa", sign(null, input, privateKey))],
    ["that is too short", signatureOf("ssh-ed25519", Buffer.alloc(63))],
    ["with something behind it", signatureOf("ssh-ed25519", sign(null, input, privateKey), ten)],
    ["that is missing", message(Buffer.of(6))],
  ])("cannot pass off a signature %s", async (_title, answer) => {
    const { signature } = await signs(answer);

    expect(await rejection(signature)).toMatchObject({
      code: "agent-failed",
      message: expect.stringContaining("answers wrongly") as unknown,
    });
  });

  it("is asked once for a signature, over the bytes themselves", async () => {
    const { impostor, signature } = await signs(
      signatureOf("ssh-ed25519", sign(null, input, privateKey)),
    );

    expect(verifySignature(key, input, Buffer.from((await signature) ?? []))).toBe(true);
    expect(impostor.requests.slice(1)).toEqual([
      Buffer.concat([Buffer.of(13), sshString(blob), sshString(input), sshUint32(0)]),
    ]);
  });

  it("is waited for until the deadline, since a person may be asked", async () => {
    const ending = new AbortController();
    const { signature, impostor } = await signs(null, ending.signal);
    const ended = rejection(signature);
    while (impostor.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
    ending.abort();

    expect(await ended).toMatchObject({
      code: "timeout",
      message: "the time given ran out while the ssh agent was asked",
    });
  });
});
