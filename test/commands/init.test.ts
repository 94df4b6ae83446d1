/**
 * `optout init` without a terminal, over a store in memory: what it makes, what it leaves alone, what
 * it refuses, and that a run that was stopped half-way is finished by the next one.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";

import { init } from "../../src/commands/init.ts";
import type { FoundKey, Openers, Workplace } from "../../src/commands/openers.ts";
import { OptoutError } from "../../src/core/errors.ts";
import { parseSshPublicKey } from "../../src/core/keys.ts";
import { decodeJws, statementDigest } from "../../src/core/jws.ts";
import { parsePolicy } from "../../src/core/policy-parse.ts";
import { policyJsonSchema } from "../../src/core/policy-schema.ts";
import { decodePosition, encodePosition, noPrevious } from "../../src/core/position.ts";
import { openSignIns } from "../../src/forges/sign-ins.ts";
import type { Io } from "../../src/output/io.ts";
import { findSigners } from "../../src/signers/find-signers.ts";
import { placesOf } from "../../src/system/places.ts";
import { testKey } from "../support/keys.ts";
import { memoryStore, type MemoryStore, type Mishaps } from "../support/memory-store.ts";
import { rejection } from "../support/problem.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { callFor, keyringIn, now, openersWith, recordedIo, foundKeys } from "./given.ts";

interface Given {
  readonly mishaps?: Mishaps;
  readonly positions?: Uint8Array[];
  readonly open?: Partial<Openers>;
  readonly workplace?: Partial<Workplace>;
  readonly env?: Io["env"];
}

const deadline = new AbortController().signal;
const noApi = (): Promise<never> => Promise.reject(new Error("init asks no forge"));

/** A work tree, a home and a store; `run` is one `optout init` there. */
function world(given: Given = {}) {
  const root = temporaryDirectory();
  const home = temporaryDirectory();
  const keys = join(home, "optout", "keys");
  const store = memoryStore(given.positions ?? [], given.mishaps ?? {});
  const workplace: Workplace = {
    root,
    branch: "main",
    sha: null,
    remote: "origin",
    repository: { host: "github.com", name: "acme/shop" },
    ...given.workplace,
  };
  const env = { XDG_DATA_HOME: home, ...given.env };
  const open = openersWith({
    workplace: () => Promise.resolve(workplace),
    identity: () => Promise.resolve({ name: "Alice Ng", email: "alice@example.com" }),
    store: () => Promise.resolve(store),
    remoteCommit: () => Promise.resolve("c".repeat(40)),
    keyring: () => Promise.resolve(keyringIn(keys)),
    signIns: () =>
      Promise.resolve(openSignIns({ env, places: placesOf(env), deadline, now }, noApi)),
    keys: (keyName) => findSigners({ env, places: placesOf(env), keyName }),
    ...given.open,
  });
  return {
    root,
    store,
    policyFile: join(root, ".optout", "policy.yaml"),
    schemaFile: join(root, ".optout", "policy.schema.json"),
    readPolicy: () => readFileSync(join(root, ".optout", "policy.yaml"), "utf8"),
    writePolicy: (text: string) => {
      mkdirSync(join(root, ".optout"), { recursive: true });
      writeFileSync(join(root, ".optout", "policy.yaml"), text);
    },
    files: () => ({
      tree: readdirSync(root, { recursive: true }).map(String).toSorted(),
      keys: existsSync(keys) ? readdirSync(keys).toSorted() : [],
      positions: store.positions.length,
    }),
    run: async (...flags: readonly string[]) => {
      const io = recordedIo({ env, cwd: root });
      const status = await init(callFor("init", ...flags), io, open);
      return { status, ...io.written };
    },
  };
}

const untouched = { tree: [], keys: [], positions: 0 };

/** Position 0 of a log that somebody began, for a repository. */
function beginning(who: string, repository = "acme/shop", by = who): Uint8Array {
  const key = testKey(who);
  const payload = {
    v: 1,
    kind: "log.created",
    id: "stm_0123456789abcdef",
    by,
    iat: now - 86_400,
    repository: { host: "github.com", id: "42", name: repository },
  };
  const header = { alg: key.alg, kid: key.kid, typ: "optout-statement+jws" };
  const input = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const statement = `${input}.${Buffer.from(key.sign(Buffer.from(input))).toString("base64url")}`;
  return encodePosition({ seq: 0, prev: noPrevious, statement });
}

/** As it stands in YAML. */
const quotedId = (id: string): string => (/^[A-Za-z]/.test(id) ? id : `"${id}"`);

const idOf = (position: Uint8Array | undefined): string =>
  statementDigest(decodePosition(position ?? new Uint8Array())?.statement ?? "");

function firstStatement(store: MemoryStore): unknown {
  const form = decodePosition(store.positions[0] ?? new Uint8Array());
  const jws = decodeJws(form?.statement ?? "");
  return typeof jws === "string" ? null : JSON.parse(Buffer.from(jws.payload).toString("utf8"));
}

/** A policy as somebody wrote it by hand, without a log. */
const byHand = `# ours
version: 1
log: { store: git, branch: optout-log }     # no id yet
principals:
  alice: { roles: [oncall], keys: ["${testKey("alice").ssh}"] }
  ci:    { kind: ci, keys: ["${testKey("ci").ssh}"] }
stages:
  lint:  { kind: quality }   # aligned
rules:
  - { id: quality, match: { kind: quality }, actions: [skip], who: [oncall], longest: 4h }
`;

describe("init asks first", () => {
  it("and where nobody is there it names the command that does not, and makes nothing", async () => {
    const { run, files } = world();

    expect(await rejection(run("--stage", "lint"))).toMatchObject({
      code: "usage",
      message: expect.stringContaining(
        "Begin the log memory and write .optout/policy.yaml?",
      ) as unknown,
      hint: "optout init --yes --stage lint",
    });
    expect(files()).toEqual(untouched);
  });
});

describe("init in a repository that has nothing", () => {
  it("makes the key, the log, the schema and the policy", async () => {
    const { run, files, store, readPolicy, schemaFile } = world();

    const { status, out, err } = await run("--yes");

    expect(status).toBe(0);
    expect(files()).toEqual({
      tree: [".optout", ".optout/policy.schema.json", ".optout/policy.yaml"],
      keys: ["default.pem", "default.pub"],
      positions: 1,
    });
    const policy = parsePolicy(Buffer.from(readPolicy()), "policy.yaml");
    expect(policy.log).toEqual({
      store: "git",
      branch: "optout-log",
      id: idOf(store.positions[0]),
      subjectPrefix: null,
      pushOptions: null,
    });
    expect([...policy.principals.values()]).toMatchObject([
      { id: "alice-ng", name: "Alice Ng", roles: ["developer", "oncall"] },
    ]);
    expect([...policy.stages.keys()]).toEqual(["lint", "unit-tests"]);
    expect(policy.warnings).toEqual([]);
    expect(JSON.parse(readFileSync(schemaFile, "utf8"))).toEqual(
      JSON.parse(JSON.stringify(policyJsonSchema())),
    );
    expect(err).toContain("made without a passphrase");
    expect(out).toContain('git add .optout && git commit -m "Add the optout policy" && git push');
    expect(out).toContain("optout run lint -- npm run lint");
    expect(out).toContain("Protect the branch optout-log");
    expect(out).toContain("once the policy is on the default branch");
  });

  it("begins the log with a statement of the operator about this repository", async () => {
    const { run, store } = world();

    await run("--yes");

    expect(firstStatement(store)).toMatchObject({
      kind: "log.created",
      by: "alice-ng",
      iat: now,
      repository: {
        host: "github.com",
        name: "acme/shop",
        id: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
      },
    });
    expect(store.titles.get(0)).toBe("#0 log created (alice-ng)");
  });

  it("takes names and stages from flags", async () => {
    const { run, readPolicy } = world();

    await run("--yes", "--as", "al", "--stage", "deploy-prod", "--stage", "e2e", "--stage", "e2e");

    const policy = parsePolicy(Buffer.from(readPolicy()), "policy.yaml");
    expect([...policy.principals.keys()]).toEqual(["al"]);
    expect([...policy.stages.values()].map(({ id, kind }) => [id, kind])).toEqual([
      ["deploy-prod", "deploy"],
      ["e2e", "quality"],
    ]);
  });

  it.each([
    ["Zoë Ångström", null, "zoe-angstrom"],
    ["王芳", "fang.wang@example.com", "fang-wang"],
    [null, null, "op"],
  ])("makes a name of %s and %s", async (name, email, id) => {
    const { run, readPolicy } = world({
      open: { identity: () => Promise.resolve({ name, email }) },
      env: { USER: "op" },
    });

    await run("--yes");

    const policy = parsePolicy(Buffer.from(readPolicy()), "policy.yaml");
    expect([...policy.principals.values()]).toMatchObject([{ id, name }]);
  });

  it("wants to be told the name that nothing tells", async () => {
    const { run, files } = world({
      open: { identity: () => Promise.resolve({ name: null, email: null }) },
    });

    expect(await rejection(run("--yes"))).toMatchObject({
      code: "usage",
      hint: "optout init --as alice",
    });
    expect(files()).toEqual(untouched);
  });

  it("proposes a gate for jobs with an image of their own, and the rest for others", async () => {
    const { run, root } = world();
    mkdirSync(join(root, ".github", "workflows"), { recursive: true });
    writeFileSync(
      join(root, ".github", "workflows", "ci.yml"),
      "on: push\njobs:\n  lint: { container: ghcr.io/acme/lint }\n  unit: { runs-on: ubuntu-latest }\n",
    );

    const { out } = await run("--yes");

    expect(out).toContain("Let a gate decide about lint before its job starts");
    expect(out).toContain("     optout gate lint\n");
    expect(out).not.toContain("optout run lint");
  });

  it.each([
    ["github.com", "a deploy key that may write, or an App"],
    ["gitlab.example.com", "a project access token with write_repository"],
  ])("says how CI at %s gets to write", async (host, credential) => {
    const { run } = world({ workplace: { repository: { host, name: "acme/shop" } } });

    const { out } = await run("--yes");

    expect(out).toContain(`give it a key, and ${credential} (docs/ci-that-writes.md)`);
    expect(out).toContain("     optout keys create ci-acme-shop --no-passphrase\n");
  });

  it("signs with the key that is there", async () => {
    const { run, files, store, readPolicy } = world({
      open: { keys: () => Promise.resolve(foundKeys(keyOf("alice"))) },
    });

    const { err } = await run("--yes");

    expect(files().keys).toEqual([]);
    expect(readPolicy()).toContain(`"${keyOf("alice").key.ssh} alice-ng"`);
    expect(decodePosition(store.positions[0] ?? new Uint8Array())).not.toBeNull();
    expect(err).toContain("✓ key      key of alice SHA256:");
  });

  it("prefers a key file to one of ssh's, which its owner has for other things", async () => {
    const candidates = [sshKeyOf("bob"), keyOf("alice")];
    const { run, readPolicy } = world({
      open: { keys: () => Promise.resolve(foundKeys(...candidates)) },
    });

    await run("--yes");

    expect(readPolicy()).toContain(keyOf("alice").key.ssh);
  });

  it("takes a key of ssh's where there is no other, and makes none", async () => {
    const { run, files, readPolicy } = world({
      open: { keys: () => Promise.resolve(foundKeys(lockedKeyOf("bob"), sshKeyOf("alice"))) },
    });

    await run("--yes");

    expect(files().keys).toEqual([]);
    expect(readPolicy()).toContain(keyOf("alice").key.ssh);
  });

  it("makes a key where those of ssh's cannot sign, whatever the agent's trouble", async () => {
    const found = {
      candidates: [lockedKeyOf("bob")],
      problems: [new OptoutError("agent-failed", "the ssh agent cannot be asked")],
    };
    const { run, files } = world({ open: { keys: () => Promise.resolve(found) } });

    await run("--yes");

    expect(files().keys).toEqual(["default.pem", "default.pub"]);
  });

  it("makes files that others can read, unlike keys", async () => {
    const { run, policyFile } = world();

    await run("--yes");

    expect(statSync(policyFile).mode & 0o044).toBe(0o044 & ~process.umask());
  });

  it("tells all of it as JSON, and the id alone with --quiet", async () => {
    const { run, store } = world();

    const { out, err } = await run("--yes", "--json");
    const id = idOf(store.positions[0]);

    expect(err).toBe("");
    expect(JSON.parse(out)).toMatchObject({
      kind: "optout/init",
      v: 1,
      policy: { path: ".optout/policy.yaml", outcome: "written" },
      schema: { outcome: "written" },
      log: { store: "memory", branch: "optout-log", id, outcome: "created" },
      principal: "alice-ng",
      key: { made: true },
      next: [
        expect.stringContaining("git add .optout"),
        "optout run lint -- npm run lint",
        "optout keys create ci-acme-shop --no-passphrase",
      ] as unknown,
    });
    expect(await run("-q")).toEqual({ status: 0, out: `${id}\n`, err: "" });
  });

  it("keeps the log in a directory when told to", async () => {
    const { run, readPolicy } = world();

    const { out } = await run("--yes", "--store", "dir", "--path", "/var/log/optout");

    expect(readPolicy()).toContain("log: { store: dir, path: /var/log/optout, id: ");
    expect(out).not.toContain("Protect the branch");
  });

  it.each([
    ["--store dir", "--store dir needs --path DIR"],
    ["--path /x", "--path is for --store dir"],
    ["--store dir --path /x --log-branch b", "--log-branch is for --store git"],
    ["--log-branch a..b", '--log-branch "a..b" is not a name that git accepts'],
    ["--subject-prefix é", '--subject-prefix "é" is not up to 60 characters of ASCII'],
    ["--store ftp", '--store "ftp" is not one of git, dir, s3'],
    ["--stage Lint", '--stage "Lint" is not the id of a stage'],
    ["--as Alice", '"Alice" is not a name for a policy: a-z, 0-9, dot, _ and -'],
  ])("refuses %s and makes nothing", async (line, message) => {
    const { run, files } = world();

    expect(await rejection(run("--yes", ...line.split(" ")))).toMatchObject({
      code: "usage",
      message,
    });
    expect(files()).toEqual(untouched);
  });
});

describe("init that cannot begin the log makes nothing", () => {
  it("when the store cannot be reached", async () => {
    const fails = () => new OptoutError("unreachable", "no network");
    const { run, files } = world({ mishaps: { fails } });

    expect(await rejection(run("--yes"))).toMatchObject({ code: "unreachable" });
    expect(files()).toEqual(untouched);
  });

  it("when the host lets this credential not append", async () => {
    const store = memoryStore();
    const probe = () =>
      Promise.resolve({
        readable: true,
        appendable: false,
        detail: "denied by the host",
        code: "append-refused" as const,
      });
    const { run, files } = world({ open: { store: () => Promise.resolve({ ...store, probe }) } });

    expect(await rejection(run("--yes"))).toMatchObject({
      code: "append-refused",
      exit: 4,
      message: "memory: denied by the host",
    });
    expect(files()).toEqual(untouched);
  });

  it("when the remote has no branch yet, so that the log becomes not its default branch", async () => {
    const { run, files } = world({ open: { remoteCommit: () => Promise.resolve(null) } });

    expect(await rejection(run("--yes"))).toMatchObject({
      code: "usage",
      hint: expect.stringContaining("git push -u origin HEAD") as unknown,
    });
    expect(files()).toEqual(untouched);
  });

  it("in a bare repository", async () => {
    const { run } = world({ workplace: { root: null } });

    expect(await rejection(run("--yes"))).toMatchObject({ code: "usage" });
  });
});

describe("init again", () => {
  it("changes nothing where everything is in place, and asks nothing", async () => {
    const { run, readPolicy, files } = world();
    await run("--yes");
    const [before, there] = [readPolicy(), files()];

    const { status, out } = await run();

    expect([status, out]).toEqual([0, "everything is in place\n"]);
    expect([readPolicy(), files()]).toEqual([before, there]);
  });

  it("finishes what was stopped between the log and the policy, with the same log", async () => {
    const inTheWay: { file: string | null } = { file: null };
    const beforeAppend = (): void => {
      if (inTheWay.file !== null) writeFileSync(inTheWay.file, "");
    };
    const { run, store, files, readPolicy, policyFile } = world({ mishaps: { beforeAppend } });
    inTheWay.file = dirname(policyFile);

    expect(await rejection(run("--yes"))).toMatchObject({
      code: "config-invalid",
      hint: "optout init   (it goes on where it stopped)",
    });
    expect(files()).toEqual({
      tree: [".optout"],
      keys: ["default.pem", "default.pub"],
      positions: 1,
    });

    rmSync(inTheWay.file);
    const { err } = await run("--yes");

    expect(files().positions).toBe(1);
    expect(err).toContain("adopted");
    expect(parsePolicy(Buffer.from(readPolicy()), "policy.yaml").log.id).toBe(
      idOf(store.positions[0]),
    );
  });

  it("adopts the operator's own log that no policy names yet", async () => {
    const { run, store, readPolicy, writePolicy } = world();
    await run("--yes");
    const id = idOf(store.positions[0]);
    const lost = readPolicy().replace(`, id: ${id}`, "").replace(`, id: "${id}"`, "");
    writePolicy(lost);

    const { out, err } = await run("--yes");

    expect(store.positions).toHaveLength(1);
    expect(parsePolicy(Buffer.from(readPolicy()), "policy.yaml").log.id).toBe(id);
    expect(err).toContain(`log      adopted: memory, id ${id}`);
    expect(out).toContain("git add .optout");
  });

  it("never overwrites a schema, but says that it is another version's", async () => {
    const { run, schemaFile } = world();
    await run("--yes");
    writeFileSync(schemaFile, "{}");

    const { err } = await run();

    expect(readFileSync(schemaFile, "utf8")).toBe("{}");
    expect(err).toContain("optout policy schema > .optout/policy.schema.json");
  });
});

/** A world with the policy written by hand, and alice's key. */
function worldOfAlice(given: Given = {}) {
  const made = world({
    ...given,
    open: { keys: () => Promise.resolve(foundKeys(keyOf("alice"))), ...given.open },
  });
  made.writePolicy(byHand);
  return made;
}

function keyOf(who: string): FoundKey {
  const testKeyOf = testKey(who);
  const key = parseSshPublicKey(testKeyOf.ssh);
  const source = `key of ${who}`;
  return {
    key,
    source,
    kind: "file",
    open: () => ({ key, source, sign: async (input) => testKeyOf.sign(input) }),
  };
}

const sshKeyOf = (who: string): FoundKey => ({ ...keyOf(who), kind: "ssh" });

/** Known, and not to be signed with: the agent does not hold it. */
function lockedKeyOf(who: string): FoundKey {
  const open = (): never => {
    throw new OptoutError("no-key", "the ssh agent does not hold it");
  };
  return { ...sshKeyOf(who), open };
}

describe("init with a policy in place", () => {
  it("creates the log, and writes its id into the policy and nothing else", async () => {
    const { run, store, readPolicy, schemaFile } = worldOfAlice();

    const { status, err } = await run("--yes");

    const id = idOf(store.positions[0]);
    expect(status).toBe(0);
    expect(readPolicy()).toBe(
      byHand.replace("branch: optout-log }", `branch: optout-log, id: ${quotedId(id)} }`),
    );
    expect(existsSync(schemaFile)).toBe(true);
    expect(firstStatement(store)).toMatchObject({ by: "alice" });
    expect(err).toContain("policy   got the id of the log, nothing else is changed");
  });

  it("keeps the permissions of the policy's file", async () => {
    const { run, policyFile } = worldOfAlice();
    chmodSync(policyFile, 0o640);

    await run("--yes");

    expect(statSync(policyFile).mode & 0o777).toBe(0o640);
  });

  it("refuses a policy that cannot be read", async () => {
    const { run, writePolicy, files } = worldOfAlice();
    writePolicy("version: 1\n");

    expect(await rejection(run("--yes"))).toMatchObject({
      code: "policy-invalid",
      hint: "optout policy check",
    });
    expect(files().positions).toBe(0);
  });

  it("makes no key that the policy would not know, but ends with exit 4", async () => {
    const { run, files, readPolicy } = worldOfAlice({
      open: { keys: () => Promise.resolve(foundKeys()) },
    });

    expect(await rejection(run("--yes"))).toMatchObject({ code: "no-key", exit: 4 });
    expect(files()).toMatchObject({ keys: [], positions: 0 });
    expect(readPolicy()).toBe(byHand);
  });

  it.each(["mallory", "ci"])(
    "ends with exit 4 and the line to add for the key of %s",
    async (who) => {
      const { run, files } = worldOfAlice({
        open: { keys: () => Promise.resolve(foundKeys(keyOf(who))) },
      });

      expect(await rejection(run("--yes"))).toMatchObject({
        code: "key-unknown",
        exit: 4,
        hint: expect.stringContaining(keyOf(who).key.ssh) as unknown,
      });
      expect(files().positions).toBe(0);
    },
  );

  it("does not write over what somebody else wrote meanwhile, and goes on with it next time", async () => {
    const theirs = byHand.replace("# ours", "# theirs");
    const write: { now: (() => void) | null } = { now: null };
    const made = worldOfAlice({ mishaps: { beforeAppend: () => write.now?.() } });
    write.now = () => made.writePolicy(theirs);

    expect(await rejection(made.run("--yes"))).toMatchObject({ code: "conflict", exit: 7 });
    expect(made.readPolicy()).toBe(theirs);

    await made.run("--yes");
    expect(made.store.positions).toHaveLength(1);
    expect(made.readPolicy()).toContain("# theirs");
    expect(made.readPolicy()).toContain(idOf(made.store.positions[0]));
  });

  it("refuses flags that name another place for the log", async () => {
    const { run } = worldOfAlice();

    expect(await rejection(run("--yes", "--log-branch", "other"))).toMatchObject({
      code: "usage",
      message: "the policy in place keeps its log elsewhere",
    });
    expect((await run("--yes", "--log-branch", "optout-log")).status).toBe(0);
  });
});

describe("init with a log in place that the policy does not name", () => {
  it("takes it when a person of the policy began it for this repository", async () => {
    const position = beginning("alice");
    const { run, readPolicy, store } = worldOfAlice({ positions: [position] });

    const { status } = await run("--yes", "-q");

    expect(status).toBe(0);
    expect(readPolicy()).toContain(quotedId(idOf(position)));
    expect(store.positions).toHaveLength(1);
  });

  it("takes it only with consent", async () => {
    const { run, readPolicy } = worldOfAlice({ positions: [beginning("alice")] });

    expect(await rejection(run())).toMatchObject({
      code: "usage",
      message: expect.stringMatching(
        /memory has a log already, begun and signed by alice at .* Take it\?/,
      ) as unknown,
      hint: "optout init --yes",
    });
    expect(readPolicy()).toBe(byHand);
  });

  it.each([
    ["was begun by a stranger", beginning("mallory"), "no person of .optout/policy.yaml signed"],
    ["was begun by a CI key", beginning("ci"), "no person of .optout/policy.yaml signed"],
    [
      "names another author than its key's owner",
      beginning("alice", "acme/shop", "bob"),
      "no person of .optout/policy.yaml signed",
    ],
    [
      "bears alice's name without her signature",
      beginning("mallory", "acme/shop", "alice"),
      "no person of .optout/policy.yaml signed",
    ],
    [
      "was begun for another repository",
      beginning("alice", "acme/other"),
      "it was not begun for github.com/acme/shop",
    ],
  ])("refuses one that %s, and says how to take it by hand", async (_what, position, why) => {
    const { run, readPolicy, files } = worldOfAlice({ positions: [position] });

    expect(await rejection(run("--yes"))).toMatchObject({
      code: "usage",
      exit: 2,
      message: expect.stringContaining(why) as unknown,
      hint: expect.stringContaining(`id: ${idOf(position)}`) as unknown,
    });
    expect(readPolicy()).toBe(byHand);
    expect(files().tree).toEqual([".optout", ".optout/policy.yaml"]);
  });

  it("refuses it with a signature that does not fit", async () => {
    const text = Buffer.from(beginning("alice")).toString("latin1");
    const spoilt = text.replace(/\.([A-Za-z0-9_-]{10})([A-Za-z0-9_-]+)"\}$/, '.AAAAAAAAAA$2"}');
    const { run, readPolicy } = worldOfAlice({ positions: [Buffer.from(spoilt, "latin1")] });

    expect(await rejection(run("--yes"))).toMatchObject({ code: "usage" });
    expect(readPolicy()).toBe(byHand);
  });

  it.each([
    ["is no position", Buffer.from("hello")],
    ["has a second position first", Buffer.from(beginning("alice")).subarray(1)],
  ])("ends with exit 5 when what stands there %s", async (_what, position) => {
    const { run } = worldOfAlice({ positions: [position] });

    expect(await rejection(run("--yes"))).toMatchObject({ code: "wrong-log", exit: 5 });
  });

  it("makes neither key nor policy for somebody who cannot have begun it", async () => {
    const { run, files } = world({ positions: [beginning("alice")] });

    expect(await rejection(run("--yes"))).toMatchObject({
      code: "no-key",
      hint: expect.stringContaining("git pull") as unknown,
    });
    expect(files()).toEqual({ ...untouched, positions: 1 });
  });

  it("does not write a policy of one's own over a log of somebody else", async () => {
    const { run, files } = world({
      positions: [beginning("alice")],
      open: { keys: () => Promise.resolve(foundKeys(keyOf("bob"))) },
    });

    expect(await rejection(run("--yes"))).toMatchObject({ code: "usage", exit: 2 });
    expect(files()).toEqual({ ...untouched, positions: 1 });
  });

  it("says so when somebody else was quicker", async () => {
    const positions: Uint8Array[] = [];
    const beforeAppend = (): void => void positions.push(beginning("alice"));
    const { run, files } = world({ positions, mishaps: { beforeAppend } });

    expect(await rejection(run("--yes"))).toMatchObject({
      code: "conflict",
      message: "somebody else began memory at the same time",
    });
    expect(files().tree).toEqual([]);
  });
});

describe("init with a policy that names a log", () => {
  const named = (id: string): string => byHand.replace("optout-log }", `optout-log, id: ${id} }`);
  const other = "jz4eJODYvsEe3D4yoQm0aR7BdGiyzBIA5NZf2_qbYAM";

  it("writes what is missing beside it, and asks nothing", async () => {
    const position = beginning("mallory");
    const { run, writePolicy, readPolicy, schemaFile } = worldOfAlice({ positions: [position] });
    writePolicy(named(quotedId(idOf(position))));

    expect((await run()).status).toBe(0);
    expect(existsSync(schemaFile)).toBe(true);
    expect(readPolicy()).toBe(named(quotedId(idOf(position))));
  });

  it("never begins a new log where the one that it names is gone", async () => {
    const { run, writePolicy, files } = worldOfAlice();
    writePolicy(named(other));

    expect(await rejection(run("--yes"))).toMatchObject({ code: "log-missing", exit: 5 });
    expect(files().positions).toBe(0);
  });

  it("ends with exit 5 where another log stands", async () => {
    const { run, writePolicy } = worldOfAlice({ positions: [beginning("alice")] });
    writePolicy(named(other));

    expect(await rejection(run("--yes"))).toMatchObject({ code: "wrong-log", exit: 5 });
  });
});
