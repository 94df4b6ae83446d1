/**
 * The clones that people and CI really have, over each transport: the same decisions, the same log,
 * and credentials that stay where they were put.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { basicAuth, serveGit, type HttpGit } from "../support/http-git.ts";
import { hasSshd, startSshd, type Sshd } from "../support/sshd.ts";
import {
  git,
  makePlace,
  makeTeam,
  must,
  optout,
  parsed,
  push,
  run,
  writeFiles,
  type Place,
  type Team,
} from "../support/stage.ts";

/** lint is skipped on main; the log is intact. */
let team: Team;
let http: HttpGit;
let sshd: Sshd | null = null;

beforeAll(async () => {
  team = await makeTeam();
  const { laptop, folder } = team.stage;
  writeFiles(laptop, { "src/one.ts": "1\n" });
  await push(laptop, "More");
  await must(laptop, ["skip", "lint", "-m", "lint image answers 500"]);
  http = await serveGit(folder);
  if (hasSshd) sshd = await startSshd(folder);
});

afterAll(async () => {
  await sshd?.stop();
  await http.close();
  team.stage.remove();
});

interface Transport {
  readonly url: () => string;
  /** Flags of `git clone`, which stay in the clone's settings. */
  readonly flags: () => readonly string[];
  /** What must never be shown. */
  readonly secrets: readonly string[];
}

const password = "s3cret";
const overHttp = (): string => `http://127.0.0.1:${http.port}/shop.git`;

const transports: Readonly<Record<string, Transport>> = {
  "a file URL": { url: () => `file://${team.stage.remote}`, flags: () => [], secrets: [] },
  "http, with the header that CI puts into the clone's settings": {
    url: overHttp,
    flags: () => [
      "-c",
      `http.http://127.0.0.1:${http.port}/.extraheader=AUTHORIZATION: ${basicAuth("alice")}`,
    ],
    secrets: [password, basicAuth("alice").slice(6)],
  },
  "http, with a login in the URL": {
    url: () => overHttp().replace("http://", `http://alice:${password}@`),
    flags: () => [],
    secrets: [password],
  },
  "http, with a credential helper": {
    url: overHttp,
    flags: () => [
      "-c",
      "credential.helper=",
      "-c",
      `credential.helper=!f() { echo username=alice; echo password=${password}; }; f`,
    ],
    secrets: [password],
  },
  ssh: {
    url: () => `${sshd?.origin ?? ""}${team.stage.remote}`,
    flags: () => ["-c", `core.sshCommand=${sshd?.command ?? ""}`],
    secrets: [],
  },
};

type Make = (name: string, transport: Transport) => Promise<Place>;

/** Alice's machine with a clone; her key is that of her laptop. */
const cloned =
  (...flags: readonly string[]): Make =>
  async (name, transport) => {
    const place = makePlace(team.stage, name);
    await git(place, ["clone", "-q", ...transport.flags(), ...flags, transport.url(), "."]);
    return { ...place, env: { XDG_DATA_HOME: join(team.stage.laptop.home, "data") } };
  };

const kinds: Readonly<Record<string, Make>> = {
  full: cloned(),
  shallow: cloned("--depth=1"),
  "single-branch": cloned("--single-branch", "--no-tags"),
  "partial, without blobs,": cloned("--filter=blob:none"),
  "partial, without trees,": cloned("--filter=tree:0", "--no-checkout"),
  sparse: cloned("--sparse"),
  bare: cloned("--bare"),
  mirror: cloned("--mirror"),
  detached: async (name, transport) => {
    const place = await cloned()(name, transport);
    await git(place, ["checkout", "-q", "--detach", "HEAD~1"]);
    return place;
  },
  "linked work tree of a": async (name, transport) => {
    const main = await cloned()(`${name}-main`, transport);
    const place = makePlace(team.stage, name);
    await git(main, ["worktree", "add", "-q", "-b", name, place.directory]);
    return { ...place, env: main.env };
  },
  // as actions/checkout does it: init, settings, a fetch of one commit
  "CI's": async (name, transport) => {
    const place = makePlace(team.stage, name);
    await git(place, ["init", "-q"]);
    await git(place, ["remote", "add", "origin", transport.url()]);
    const settings = transport.flags().filter((flag) => flag !== "-c");
    for (const setting of settings) {
      const [, key = "", value = ""] = /^([^=]*)=(.*)$/s.exec(setting) ?? [];
      await git(place, ["config", "--add", key, value]);
    }
    const tip = "+refs/heads/main:refs/remotes/origin/main";
    await git(place, ["fetch", "-q", "--no-tags", "--depth=1", "origin", tip]);
    await git(place, ["checkout", "-q", "--detach", "refs/remotes/origin/main"]);
    return { ...place, env: { XDG_DATA_HOME: join(team.stage.laptop.home, "data") } };
  },
};

const failing = ["--", "sh", "-c", "echo the stage runs; exit 7"] as const;

/** Everything that a clone must be good for; what was printed on the way. */
async function story(place: Place): Promise<string> {
  const on = ["--branch", "main"] as const;
  const printed: string[] = [];
  const told = async (expected: number, ...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await optout(place, args);
    printed.push(stdout, stderr);
    expect({ args, status, stderr: status === expected ? "" : stderr }).toEqual({
      args,
      status: expected,
      stderr: "",
    });
    return stdout;
  };
  await told(0, "check", "lint", ...on);
  const id = (await told(0, "skip", "unit-tests", "-m", "registry is down", ...on, "-q")).trim();
  await told(0, "check", "unit-tests", ...on);
  await told(0, "revoke", id);
  await told(7, "run", "unit-tests", ...on, ...failing);
  await told(0, "verify");
  return printed.join("");
}

describe.each(Object.keys(kinds))("a clone that is %s", (kind) => {
  it("is good for everything", async () => {
    const name = kind.replaceAll(/\W/g, "");
    const place = await kinds[kind]?.(`kind-${name}`, transportOf("a file URL"));
    if (place === undefined) throw new Error(kind);

    await story(place);
    const fsck = await run(place, "git", ["fsck", "--connectivity-only", "--no-dangling"]);
    expect({ kind, status: fsck.status }).toEqual({ kind, status: 0 });
  });
});

function transportOf(name: string): Transport {
  const transport = transports[name];
  if (transport === undefined) throw new Error(`no transport ${name}`);
  return transport;
}

describe("a clone that reaches its remote", () => {
  const ways = Object.keys(transports).filter((name) => !["ssh", "a file URL"].includes(name));

  it.each(ways)("over %s is good for everything, and shows no secret", async (name) => {
    const transport = transportOf(name);
    const kind = name.includes("CI") ? "CI's" : "full";
    const place = await kinds[kind]?.(`over-${ways.indexOf(name)}`, transport);
    if (place === undefined) throw new Error(kind);
    const config = readFileSync(join(place.directory, ".git/config"), "utf8");

    const printed = await story(place);
    expect(transport.secrets.filter((secret) => printed.includes(secret))).toEqual([]);
    expect(readFileSync(join(place.directory, ".git/config"), "utf8")).toBe(config);
  });
});

describe.skipIf(!hasSshd)("over ssh (needs openssh-server and openssh-client)", () => {
  it("a clone is good for everything", async () => {
    const printed = await story(await cloned()("ssh", transportOf("ssh")));
    expect(printed).toContain("is intact");
  });

  it("a key that may not log in is exit 6, never a question, and the stage runs", async () => {
    const place = await cloned()("ssh-locked-out", transportOf("ssh"));
    const other = join(place.home, "other");
    await run(place, "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", other]);
    const command = (sshd?.command ?? "").replace(/-i \S+/, `-i ${other}`);
    await git(place, ["config", "core.sshCommand", command]);

    const check = await optout(place, ["check", "lint", "--json"]);
    expect({ status: check.status, stdout: check.stdout }).toEqual({ status: 6, stdout: "" });
    expect(parsed(check.stderr)).toMatchObject({ error: { code: "unreachable" } });
    expect(await optout(place, ["run", "lint", ...failing])).toMatchObject({ status: 7 });
  });

  it("a host with another key than the known one is exit 6, never a question", async () => {
    const place = await cloned()("ssh-other-host", transportOf("ssh"));
    const hosts = join(place.home, "known_hosts");
    await run(place, "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(place.home, "x")]);
    const key = readFileSync(join(place.home, "x.pub"), "utf8");
    writeFileSync(hosts, `[127.0.0.1]:${sshd?.port ?? 0} ${key}`);
    const command = (sshd?.command ?? "").replace(
      /UserKnownHostsFile=\S+/,
      `UserKnownHostsFile=${hosts}`,
    );
    await git(place, ["config", "core.sshCommand", command]);

    const check = await optout(place, ["check", "lint", "--json"]);
    expect({ status: check.status, stdout: check.stdout }).toEqual({ status: 6, stdout: "" });
    expect(await optout(place, ["run", "lint", ...failing])).toMatchObject({ status: 7 });
  });
});
