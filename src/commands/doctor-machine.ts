/**
 * What `optout doctor` finds out about this machine: its programs, its clock, and whether the key
 * that is chosen really signs.
 */
import { randomBytes } from "node:crypto";

import { verifySignature } from "../core/crypto.ts";
import { asOptoutError } from "../core/errors.ts";
import type { Diagnosis } from "../output/doctor-words.ts";
import type { Io } from "../output/io.ts";
import { runGit } from "../system/git.ts";
import { authorOf } from "./author.ts";
import type { Openers } from "./openers.ts";
import { version } from "./version.ts";

export interface Patient {
  readonly io: Io;
  readonly open: Openers;
  /** The branch whose CI files are looked at; the work tree's where there is none. */
  readonly ref: string | undefined;
}

export type Finding = Omit<Diagnosis, "check">;

export const fine = (message: string): Finding => ({ level: "ok", message, mend: null });
const red = (message: string, mend: string): Finding => ({ level: "red", message, mend });

const oldestGit = "2.30";
const oldestNode = "20.19";

export async function versions({ io }: Patient): Promise<readonly Finding[]> {
  const place = { cwd: io.cwd, gitDir: null, settings: null, interactive: false };
  const { stdout } = await runGit(["version"], place);
  const git = /\d+(?:\.\d+)+/.exec(stdout.toString("utf8"))?.[0] ?? "unknown";
  const { node } = process.versions;
  const old = [
    ["git", git, oldestGit],
    ["Node", node, oldestNode],
  ].filter(([, found = "", oldest = ""]) => isOlder(found, oldest));
  return [
    fine(`optout ${version()}, git ${git}, Node ${node}`),
    ...old.map(([name, found, oldest]) =>
      red(`${name} ${found} is older than ${oldest}`, `install ${name} ${oldest} or newer`),
    ),
  ];
}

/** Compares the first two numbers of versions; what is no version is not older. */
function isOlder(found: string, oldest: string): boolean {
  const [major = NaN, minor = 0] = found.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = oldest.split(".").map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

/** Signs something that can never be read as a statement: those hold neither blanks nor colons. */
export async function key({ open }: Patient): Promise<readonly Finding[]> {
  const [trusted, keys] = await Promise.all([open.log(), open.keys(undefined)]);
  const { principal, signer } = authorOf(trusted, keys);
  const who = `you are ${principal.id}, by ${signer.source} ${signer.key.fingerprint}`;
  const challenge = Buffer.from(`optout doctor: no statement ${randomBytes(16).toString("hex")}`);
  try {
    const signature = await signer.sign(challenge);
    if (verifySignature(signer.key, challenge, signature)) return [fine(`${who}; it signs`)];
  } catch (thrown) {
    const { code } = asOptoutError(thrown);
    if (code !== "key-locked") throw thrown;
    const message = `${who}; it is locked, and doctor asks for no passphrase`;
    return [{ level: "unknown", message, mend: null }];
  }
  return [red(`${who}; what it signs does not verify`, "optout keys list")];
}

/** Seconds by which clocks may differ before no override counts, and before one should look. */
const doubt = 120;
const loose = 30;

export async function clock({ io, open }: Patient): Promise<readonly Finding[]> {
  const remote = await open.remoteTime();
  if (remote === null) return [];
  const off = io.now() - remote.time;
  const what = `${Math.abs(off)} s ${off < 0 ? "behind" : "ahead of"} ${remote.host}`;
  if (Math.abs(off) <= loose) return [fine(`agrees with ${remote.host}`)];
  if (Math.abs(off) > doubt) return [red(`this machine's clock is ${what}`, "set the clock")];
  return [{ level: "warning", message: `this machine's clock is ${what}`, mend: "set the clock" }];
}
