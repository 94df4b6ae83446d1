/**
 * A real ssh agent with the keys that a test adds, and an impostor that answers what a test says.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";

import { isInstalled } from "./programs.ts";

export const hasSshAgent: boolean = ["ssh-agent", "ssh-add", "ssh-keygen"].every(isInstalled);

export interface RealAgent {
  /** Of its socket; for `SSH_AUTH_SOCK`. */
  readonly path: string;
  /** Runs `ssh-add`; whoever asks is answered with the passphrase, or with a no. */
  add(args: readonly string[], answer?: { readonly passphrase: string } | "no"): void;
  stop(): void;
}

export type KeyType = "ed25519" | "ecdsa" | "rsa";

/** Makes a key with `ssh-keygen`; the path of its private half. */
export function makeSshKey(
  path: string,
  type: KeyType = "ed25519",
  comment = "alice@laptop",
): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const size = { ed25519: [], ecdsa: ["-b", "256"], rsa: ["-b", "2048"] }[type];
  must("ssh-keygen", ["-q", "-t", type, ...size, "-N", "", "-C", comment, "-f", path]);
  return path;
}

/** The line of a key's `.pub`. */
export const publicLine = (path: string): string => readFileSync(`${path}.pub`, "utf8").trim();

/** Starts `ssh-agent` in a directory of the test's own. */
export async function startAgent(directory: string): Promise<RealAgent> {
  const path = join(directory, "agent.sock");
  const askPass = join(directory, "ask-pass");
  const env = { ...process.env, SSH_ASKPASS: askPass, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0" };
  const answerWith = (script: string): void => {
    writeFileSync(askPass, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  };
  answerWith("exit 1");
  const child = spawn("ssh-agent", ["-D", "-a", path], { env, stdio: "ignore" });
  while (!(await answers(path))) await new Promise((resolve) => setTimeout(resolve, 5));
  return {
    path,
    add: (args, answer = "no") => {
      answerWith(answer === "no" ? "exit 1" : `echo '${answer.passphrase}'`);
      must("ssh-add", ["-q", ...args], { ...env, SSH_AUTH_SOCK: path });
    },
    stop: () => {
      child.kill();
      rmSync(path, { force: true });
    },
  };
}

/** A socket is there before it listens. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path, () => settle(true));
    const settle = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.on("error", () => settle(false));
  });
}

function must(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): void {
  const { status, stderr } = spawnSync(program, args, { env, encoding: "utf8", input: "" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}

export interface Impostor {
  readonly path: string;
  /** The requests that came, without their length. */
  readonly requests: readonly Buffer[];
  stop(): void;
}

/** Listens as an agent would; what is written to the connection is the test's. */
export async function startImpostor(
  directory: string,
  answer: (request: Buffer, socket: Socket) => void,
): Promise<Impostor> {
  const path = join(directory, "impostor.sock");
  const requests: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      requests.push(chunk.subarray(4));
      answer(chunk.subarray(4), socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { path, requests, stop };
}
