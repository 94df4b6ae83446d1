/**
 * A real sshd on a port of its own, for the user who runs the tests: own host key, own list of keys
 * that may log in, nothing of the machine's.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { userInfo } from "node:os";

import { isInstalled } from "./programs.ts";

const program = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"].find(existsSync);

/** Whether an sshd is installed, and what it takes to ask it. */
export const hasSshd: boolean = program !== undefined && ["ssh", "ssh-keygen"].every(isInstalled);

export interface Sshd {
  readonly port: number;
  /** `ssh://user@127.0.0.1:PORT`, before an absolute path. */
  readonly origin: string;
  /** A command for `core.sshCommand`, that knows the host and holds a key that may log in. */
  readonly command: string;
  stop(): Promise<void>;
}

/** Starts it; its files are in a new directory below `folder`. */
export async function startSshd(folder: string): Promise<Sshd> {
  if (program === undefined) throw new Error("sshd is not installed");
  const directory = join(folder, "sshd");
  mkdirSync(directory, { mode: 0o700 });
  const at = (name: string): string => join(directory, name);
  for (const name of ["host", "user"]) {
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", at(name)]);
  }
  const [hostKey, userKey] = ["host", "user"].map((name) =>
    readFileSync(at(`${name}.pub`), "utf8"),
  );
  const port = await freePort();
  writeFileSync(at("authorized_keys"), userKey ?? "");
  writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${hostKey}`);
  chmodSync(at("authorized_keys"), 0o600);
  // root's sshd wants a directory for those who have not logged in yet
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const settings = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${at("host")}`,
    `AuthorizedKeysFile ${at("authorized_keys")}`,
    "PidFile none",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "StrictModes no",
    "MaxStartups 100",
  ];
  writeFileSync(at("config"), settings.map((line) => `${line}\n`).join(""));
  const daemon = spawn(program, ["-D", "-e", "-f", at("config")], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => {
    daemon.once("close", () => resolve());
  });
  await listening(port, ended);
  const flags = `-F none -i ${at("user")} -o IdentitiesOnly=yes -o UserKnownHostsFile=${at("known_hosts")} -o StrictHostKeyChecking=yes`;
  return {
    port,
    origin: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    command: `ssh ${flags}`,
    stop: async () => {
      daemon.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Waits until the port takes connections. */
async function listening(port: number, ended: Promise<void>): Promise<void> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (let tries = 0; tries < 200; tries += 1) {
    if (isOver) throw new Error("sshd ended at once");
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("sshd does not listen");
}
