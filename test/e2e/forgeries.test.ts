/**
 * Statements that somebody forges, bends or moves, pushed in line to a real remote: by a thief with an
 * own key, with the key of a colleague, or with nothing but what stands in the log. Each differs in one
 * thing from a control that is granted, so that each refusal is for that thing.
 */
import { createHmac, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { makeTeam, must, optout, parsed, type Team } from "../support/stage.ts";
import {
  hashOf,
  makeScene as sceneOf,
  position,
  pushMessage,
  readLog,
  statementOf,
  type Scene,
} from "../support/thief.ts";

/** #0 log created, #1 policy recorded, #2 skip of unit-tests on main. */
let team: Team;
let alice: Signer;
/** What a genuine statement of Alice holds at #3. */
let genuine: Readonly<Record<string, unknown>>;
const scenes: Scene[] = [];

interface Signer {
  readonly kid: string;
  readonly pem: string;
}

beforeAll(async () => {
  team = await makeTeam();
  const { laptop } = team.stage;
  await must(laptop, ["skip", "unit-tests", "-m", "registry is down"]);
  const who = parsed(await must(laptop, ["whoami", "--json"])) as { key: { kid: string } };
  const pem = readFileSync(join(laptop.home, "data/optout/keys/default.pem"), "utf8");
  alice = { kid: who.key.kid, pem };
  const scene = await makeScene();
  const log = await readLog(scene);
  scene.stage.remove();
  const [, payload = ""] = statementOf(log[2]).split(".");
  genuine = {
    ...parsed(Buffer.from(payload, "base64url").toString("utf8")),
    id: "ovr_0123456789abcdef",
    saw: { seq: 2, hash: hashOf(log[2] ?? "") },
    target: { type: "stage", name: "lint" },
  };
});

afterAll(() => team.stage.remove());

afterEach(() => {
  for (const { stage } of scenes.splice(0)) stage.remove();
});

async function makeScene(): Promise<Scene> {
  const scene = await sceneOf(team);
  scenes.push(scene);
  return scene;
}

type Json = Readonly<Record<string, unknown>>;

const encoded = (text: string): string => Buffer.from(text).toString("base64url");
const header = (more: Json = {}): Json => ({
  alg: "EdDSA",
  kid: alice.kid,
  typ: "optout-statement+jws",
  ...more,
});

const signWith =
  (pem: string) =>
  (input: string): Buffer =>
    sign(null, Buffer.from(input), createPrivateKey(pem));

/** A compact JWS of exactly these texts. */
function jws(
  head: Json,
  payload: string,
  signature: (input: string) => Buffer = signWith(alice.pem),
): string {
  const input = `${encoded(JSON.stringify(head))}.${encoded(payload)}`;
  return `${input}.${signature(input).toString("base64url")}`;
}

const changed = (more: Json): string => jws(header(), JSON.stringify({ ...genuine, ...more }));
/** Signed by Alice, with this instead of what a writer would write. */
const bent = (from: string, to: string): string => {
  const text = JSON.stringify(genuine);
  if (!text.includes(from)) throw new Error(`${from} is not in ${text}`);
  return jws(
    header(),
    text.replace(from, () => to),
  );
};

/** Pushes statements in line, from #3 on. */
async function placed(...statements: readonly string[]): Promise<Scene> {
  const scene = await makeScene();
  const log = [...(await readLog(scene))];
  for (const statement of statements) {
    const bytes = position(log.length, log.at(-1), statement);
    await pushMessage(scene, `#${log.length} skip lint\n\n${bytes}\n`);
    log.push(bytes);
  }
  return scene;
}

const failing = ["--", "sh", "-c", "echo the stage runs; exit 7"] as const;

interface Outcome {
  readonly check: number;
  readonly run: number;
  readonly findings: readonly string[];
}

/** What a cold machine makes of lint. */
async function outcomeOf({ cold }: Scene, ...flags: readonly string[]): Promise<Outcome> {
  const [check, ran, verified] = await Promise.all([
    optout(cold, ["check", "lint", "-q", ...flags]),
    optout(cold, ["run", "lint", ...flags, ...failing]),
    optout(cold, ["verify", "--json"]),
  ]);
  const { findings } = parsed(verified.stdout) as { findings: { code: string; seq: number }[] };
  return {
    check: check.status,
    run: ran.status,
    findings: findings.map(({ code, seq }) => `#${seq} ${code}`),
  };
}

/** Statements that are void, each with the code of its finding. */
type Void = readonly (readonly [title: string, make: () => string, code: string])[];

/** All of them in one log; findings are shown with the title of what they should be about. */
async function outcomeOfAll(rows: Void): Promise<Outcome> {
  const outcome = await outcomeOf(await placed(...rows.map(([, make]) => make())));
  const findings = outcome.findings.map((one, index) => `${one} ${rows[index]?.[0] ?? ""}`);
  return { ...outcome, findings };
}

/** Nothing is granted, nothing stops the log, each is named. */
const allVoid = (rows: Void): Outcome =>
  none(...rows.map(([title, , code], index) => `#${index + 3} ${code} ${title}`));

const none = (...findings: readonly string[]): Outcome => ({ check: 10, run: 7, findings });
const rejected = (...findings: readonly string[]): Outcome => ({ check: 11, run: 7, findings });

describe("the control: a statement as a writer makes it", () => {
  it("is granted, and the log is intact", async () => {
    const scene = await placed(changed({}));

    expect(await outcomeOf(scene)).toEqual({ check: 0, run: 0, findings: [] });
  });
});

type Row = readonly [string, () => string, () => Outcome];

describe("a header that is not the one accepted", () => {
  const own = generateKeyPairSync("ed25519");
  const ownPem = (): string => own.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const ownJwk = (): Json => ({ ...own.publicKey.export({ format: "jwk" }) });
  const text = (): string => JSON.stringify(genuine);
  const publicBytes = (): Buffer => {
    const jwk = own.publicKey.export({ format: "jwk" });
    return Buffer.from(jwk.x ?? "", "base64url");
  };
  const hmac = (input: string): Buffer =>
    createHmac("sha256", publicBytes()).update(input).digest();

  const rows: Void = [
    [
      "alg none, unsigned",
      () => jws(header({ alg: "none" }), text(), () => Buffer.alloc(0)),
      "STATEMENT_FORM",
    ],
    ["alg none, signed", () => jws(header({ alg: "none" }), text()), "STATEMENT_FORM"],
    [
      "alg HS256 with a public key as the secret",
      () => jws(header({ alg: "HS256" }), text(), hmac),
      "STATEMENT_FORM",
    ],
    ["alg ES256 for a key of Ed25519", () => jws(header({ alg: "ES256" }), text()), "ALGORITHM"],
    ["alg eddsa", () => jws(header({ alg: "eddsa" }), text()), "STATEMENT_FORM"],
    [
      "an own key in jwk",
      () => jws(header({ jwk: ownJwk() }), text(), signWith(ownPem())),
      "STATEMENT_FORM",
    ],
    [
      "an own key at jku",
      () => jws(header({ jku: "http://127.0.0.1:9/keys" }), text(), signWith(ownPem())),
      "STATEMENT_FORM",
    ],
    [
      "a certificate in x5c",
      () => jws(header({ x5c: ["MAA="] }), text(), signWith(ownPem())),
      "STATEMENT_FORM",
    ],
    [
      "an unknown extension in crit",
      () => jws(header({ crit: ["b64"], b64: false }), text()),
      "STATEMENT_FORM",
    ],
    ["typ JWT", () => jws(header({ typ: "JWT" }), text()), "STATEMENT_FORM"],
    ["no typ", () => jws({ alg: "EdDSA", kid: alice.kid }, text()), "STATEMENT_FORM"],
    [
      "members in another order",
      () => jws({ kid: alice.kid, alg: "EdDSA", typ: "optout-statement+jws" }, text()),
      "STATEMENT_FORM",
    ],
    [
      "a stranger's key",
      () => jws(header({ kid: hashOf("stranger") }), text(), signWith(ownPem())),
      "KEY_UNKNOWN",
    ],
    [
      "Alice's kid over a stranger's signature",
      () => jws(header(), text(), signWith(ownPem())),
      "SIGNATURE",
    ],
  ];

  it("is granted nothing, and verify names each", async () => {
    expect(await outcomeOfAll(rows)).toEqual(allVoid(rows));
  });
});

describe("a text that Alice signed but no writer writes", () => {
  const rows: Void = [
    ["a member twice", () => bent('"action":"skip"', '"action":"skip","action":"skip"'), "JSON"],
    [
      "__proto__",
      () => bent('"action":"skip"', '"action":"skip","__proto__":{"once":true}'),
      "SCHEMA",
    ],
    ["half a surrogate pair", () => bent("is down", "is \\ud83d"), "JSON"],
    ["1e999", () => bent('"duration":7200', '"duration":1e999'), "JSON"],
    ["-0", () => bent('"duration":7200', '"duration":-0'), "JSON"],
    ["a number with a fraction", () => bent('"duration":7200', '"duration":7200.5'), "JSON"],
    ["white space", () => bent('"action":', '"action": '), "JSON"],
    ["a slash that is escaped", () => bent("is down", "is \\/500"), "JSON"],
    ["nesting without end", () => bent('"main"', `${"[".repeat(2000)}${"]".repeat(2000)}`), "JSON"],
    ["an extra member", () => changed({ priority: 1 }), "SCHEMA"],
    ["a misspelt member", () => bent('"duration":', '"durations":'), "SCHEMA"],
    ["no branch at all", () => changed({ scope: {} }), "SCHEMA"],
    [
      "a reason with an escape sequence",
      () => changed({ reason: { code: "other", text: "\u001b[2Jlint image" } }),
      "SCHEMA",
    ],
    [
      "a reason that turns its direction",
      () => changed({ reason: { code: "other", text: "lint \u202egnihton" } }),
      "SCHEMA",
    ],
    [
      "a statement of 20 kB",
      () => changed({ tickets: Array.from({ length: 16 }, (_, i) => `${i}`.repeat(1000)) }),
      "STATEMENT_SIZE",
    ],
    ["Bob's name over Alice's signature", () => changed({ by: "bob" }), "OWNER"],
    ["a second beginning", () => changed({ kind: "log.created" }), "SECOND_BEGINNING"],
  ];

  it("is granted nothing, and verify names each", async () => {
    expect(await outcomeOfAll(rows)).toEqual(allVoid(rows));
  });
});

describe("base64url that is not canonical", () => {
  const rows: Void = [
    ["padded", () => `${changed({})}=`, "POSITION_FORM"],
    ["with + and /", () => withDash().replaceAll("-", "+").replaceAll("_", "/"), "POSITION_FORM"],
    ["with a bit in its tail", () => withTail(changed({})), "STATEMENT_FORM"],
    ["with a fourth part", () => `${changed({})}.AAAA`, "STATEMENT_FORM"],
  ];

  /** In one signature of fifteen there is neither - nor _. */
  function withDash(): string {
    for (let n = 0; ; n += 1) {
      const statement = changed({
        reason: { code: "broken-gate", text: `lint image is broken ${n}` },
      });
      if (/[-_]/.test(statement)) return statement;
    }
  }

  /** The last character of a signature carries two bits that count and four that are 0. */
  function withTail(statement: string): string {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const next = alphabet.indexOf(statement.at(-1) ?? "") + 1;
    return statement.slice(0, -1) + (alphabet[next] ?? "");
  }

  it("is granted nothing, and verify names each", async () => {
    expect(await outcomeOfAll(rows)).toEqual(allVoid(rows));
  });
});

describe("a genuine statement where it is not meant for", () => {
  const hour = 3600;
  const at = (seconds: number): Json => {
    const iat = Number(genuine["iat"]) + seconds;
    return { iat, nbf: iat };
  };
  const rows: readonly Row[] = [
    ["of another log", () => changed({ log: hashOf("a fork") }), () => none("#3 OTHER_LOG")],
    [
      "that saw a position of another log",
      () => changed({ saw: { seq: 1, hash: hashOf("a fork") } }),
      () => ({ check: 5, run: 7, findings: ["#3 SAW_CONTRADICTED"] }),
    ],
    ["for a tag called main", () => changed({ scope: { tags: ["main"] } }), () => rejected()],
    [
      "for a branch of a similar name",
      () => changed({ scope: { branches: ["main2"] } }),
      () => rejected(),
    ],
    ["for a glob", () => changed({ scope: { branches: ["ma*"] } }), () => none("#3 SCHEMA")],
    ["for Main", () => changed({ scope: { branches: ["Main"] } }), () => rejected()],
    [
      "for a stage of a similar name",
      () => changed({ target: { type: "stage", name: "lint2" } }),
      () => none("#3 OVERRIDE_NOT_ALLOWED"),
    ],
    [
      "for a stage in capitals",
      () => changed({ target: { type: "stage", name: "Lint" } }),
      () => none("#3 SCHEMA"),
    ],
    [
      "for a stage with a letter of another script",
      () => changed({ target: { type: "stage", name: "l\u0456nt" } }),
      () => none("#3 SCHEMA"),
    ],
    [
      "for another environment",
      () => changed({ scope: { branches: ["main"], environment: "staging" } }),
      () => rejected(),
    ],
    [
      "for another commit",
      () => changed({ scope: { branches: ["main"], sha: "0".repeat(40) } }),
      () => rejected(),
    ],
    [
      "for another pull request",
      () => changed({ scope: { branches: ["main"], pr: 7 } }),
      () => rejected(),
    ],
    ["before its start", () => changed({ nbf: Number(genuine["nbf"]) + hour }), () => rejected()],
    [
      "after its end",
      () => changed({ ...at(-2 * hour), duration: hour }),
      () => rejected("#3 TIME_BEFORE_SEEN"),
    ],
    [
      "longer than the rule allows",
      () => changed({ duration: 13 * hour }),
      () => rejected("#3 OVERRIDE_NOT_ALLOWED"),
    ],
    [
      "with a reason that is too short",
      () => changed({ reason: { code: "other", text: "no" } }),
      () => rejected("#3 OVERRIDE_NOT_ALLOWED"),
    ],
    ["from the future", () => changed(at(hour)), () => rejected()],
    [
      "with a start weeks ahead",
      () => changed({ nbf: Number(genuine["nbf"]) + 30 * 24 * hour }),
      () => none("#3 SCHEMA"),
    ],
  ];

  it.each(rows)("%s: the stage runs", async (_title, make, expected) => {
    expect(await outcomeOf(await placed(make()))).toEqual(expected());
  });

  const elsewhere: readonly (readonly [string, readonly string[]])[] = [
    ["a branch of a similar name", ["--branch", "main2"]],
    ["a tag of the same name", ["--branch", "x", "--tag", "main"]],
    ["a fork's branch of that name", ["--branch", "main", "--fork"]],
    ["a change from that branch into another", ["--branch", "x", "--head", "main"]],
    ["an environment", ["--branch", "main", "--env", "production"]],
  ];

  it.each(elsewhere)("is not in force for %s", async (_title, flags) => {
    const scene = await placed(changed({}));

    expect(await outcomeOf(scene, ...flags)).toEqual(rejected());
  });
});

describe("a stage that nobody may skip", () => {
  it("is not skipped by a statement that was forced into the log", async () => {
    const { cold } = await placed(changed({ target: { type: "stage", name: "license" } }));

    const check = await optout(cold, ["check", "license", "--json"]);
    const ran = await optout(cold, ["run", "license", ...failing]);
    expect({ check: check.status, run: ran.status }).toEqual({ check: 11, run: 7 });
    expect(check.stdout).toContain('"never"');
  });

  it("is refused to who asks, with nothing written", async () => {
    const { warm, cold } = await makeScene();
    const asked = ["skip", "license", "-m", "the lawyers said so"];

    expect((await optout(warm, asked)).status).toBe(3);
    expect((await optout(warm, [...asked, "--emergency"])).status).toBe(3);
    const { stdout } = await optout(cold, ["verify", "--json"]);
    expect(parsed(stdout)).toMatchObject({ intact: true, positions: 3 });
  });
});

describe("an end that is signed by somebody who is not entitled", () => {
  it("has no effect, and verify names it", async () => {
    const { laptop } = team.stage;
    const scene = await makeScene();
    const log = await readLog(scene);
    const { id } = parsed(await must(laptop, ["show", "2", "--json"]));
    const bobPem = readFileSync(join(team.bob.home, "data/optout/keys/default.pem"), "utf8");
    const who = parsed(await must(team.bob, ["whoami", "--json"])) as { key: { kid: string } };
    const { v, iat, policy, policy_at, saw } = genuine;
    const base = { v, kind: "override.revoked", id: "stm_0123456789abcdef", log: genuine["log"] };
    const payload = { ...base, by: "bob", iat, policy, policy_at, saw, override: id };
    const head = { alg: "EdDSA", kid: who.key.kid, typ: "optout-statement+jws" };
    const statement = jws(head, JSON.stringify(payload), signWith(bobPem));
    await pushMessage(scene, `#3 revoke\n\n${position(3, log[2], statement)}\n`);

    expect((await optout(scene.cold, ["check", "unit-tests", "-q"])).status).toBe(0);
    const { stdout } = await optout(scene.cold, ["verify", "--json"]);
    expect(parsed(stdout)["findings"]).toMatchObject([{ code: "END_NOT_ENTITLED", seq: 3 }]);
  });
});

describe("the key of Alice, which she revokes", () => {
  it("permits nothing any more, though the policy still lists it", async () => {
    const { v, iat, policy, policy_at, log, saw } = genuine;
    const base = { v, kind: "key.revoked", id: "stm_0123456789abcdef", log, by: "alice", iat };
    const payload = { ...base, policy, policy_at, saw, kid: alice.kid };
    const { cold } = await placed(jws(header(), JSON.stringify(payload)));

    const check = await optout(cold, ["check", "unit-tests", "--json"]);
    expect(check.status).toBe(11);
    expect(check.stdout).toContain("key-revoked");
    const doctor = await optout(cold, ["doctor"]);
    expect(doctor.status).toBe(1);
    expect(doctor.stdout).toContain("a key of alice is revoked, and the policy still lists it");
  });
});

describe("the position of a statement in another repository", () => {
  it("is the one place where the statement counts", async () => {
    const other = await makeTeam();
    try {
      await must(other.stage.laptop, ["skip", "lint", "-m", "lint image answers 500"]);
      const thief = { ...(await makeScene()), thief: other.bob };
      const [, , theirs] = await readLog(thief);

      const scene = await placed(statementOf(theirs));

      expect(await outcomeOf(scene)).toEqual(none("#3 KEY_UNKNOWN"));
    } finally {
      other.stage.remove();
    }
  });
});
