/** What one position proves, and what it merely reads as. */
import { describe, expect, it } from "vitest";
import { sha256Base64url } from "../../src/core/crypto.ts";
import { encodePosition, maxPositionBytes, noPrevious } from "../../src/core/position.ts";
import type { Claim } from "../../src/core/claim.ts";
import { readPosition, type Reading } from "../../src/core/reading.ts";
import { hour, keyOf, t0, World, type How, type Members } from "../support/world.ts";

/** The reading of the world's last position. */
function last(world: World): Reading {
  const reading = world.view().readings.at(-1);
  if (reading === undefined) throw new Error("the world is empty");
  return reading;
}

function readOne(how: How, own: Members = {}, who = "alice"): Reading {
  const world = new World();
  world.created(who, own, how);
  return last(world);
}

/** Why the statement is refused, or the kind of its verdict. */
function verdictOf(reading: Reading): string {
  const verdict = reading.verdict();
  return verdict.kind === "refused" ? verdict.why : verdict.kind;
}

const header = (own: Members, who = "alice"): string => {
  const { alg, kid } = keyOf(who);
  return JSON.stringify({ alg, kid, typ: "optout-statement+jws", ...own });
};

describe("a position is void, whatever stands in it,", () => {
  it("when its bytes are not of the form", () => {
    expect(readOne({ bytes: (bytes) => Buffer.concat([bytes, Buffer.from(" ")]) }).fault).toBe(
      "form",
    );
  });

  it("when it names another number than its own", () => {
    expect(readOne({ position: { seq: 7 } }).fault).toBe("seq");
  });

  it("when it does not name the hash of the position before", () => {
    expect(readOne({ position: { prev: "p".repeat(42) + "A" } }).fault).toBe("prev");
  });

  it("and the next one chains over its raw bytes", () => {
    const world = new World();
    world.raw("\u00ff no position at all \n\n");
    world.created("alice");

    expect(last(world).fault).toBeNull();
  });
});

describe("a statement is refused when", () => {
  const forgery = Buffer.alloc(64, 1);

  it.each([
    ["header", "its header has another member", { header: header({ crit: [] }) }],
    ["header", "its key is its own", { header: header({ jwk: { kty: "OKP" } }) }],
    ["unknown-key", "the policy does not know its key", { header: header({}, "mallory") }],
    ["algorithm", "its algorithm is not the key's", { header: header({ alg: "ES256" }) }],
    ["signature", "its signature is another's", { signature: () => forgery }],
    ["signature", "its signature is cut off", { signature: (made) => made.subarray(0, 63) }],
    [
      "signature",
      "its signature is too long",
      { signature: (made) => Buffer.concat([made, made]) },
    ],
    [
      "json",
      "its payload is not strict JSON",
      { payload: (members) => JSON.stringify(members, null, 1) },
    ],
    [
      "json",
      "a member stands twice",
      { payload: (members) => JSON.stringify(members).replace("{", '{"v":1,') },
    ],
    ["schema", "its payload is a list", { payload: () => "[]" }],
    ["schema", "its payload is null", { payload: () => "null" }],
    ["schema", "its payload is a number", { payload: () => "1" }],
    ["schema", "its payload is a text", { payload: () => '"x"' }],
    [
      "schema",
      "it has no kind",
      { payload: (members) => JSON.stringify({ ...members, kind: undefined }) },
    ],
    [
      "schema",
      "its version is a word",
      { payload: (members) => JSON.stringify({ ...members, v: "1" }) },
    ],
  ] satisfies [string, string, How][])("(%s) %s", (why, _what, how) => {
    expect(verdictOf(readOne(how))).toBe(why);
  });

  it.each([
    ["owner", "it is said to be by somebody else", { by: "bob" }],
    ["log", "it belongs to another log", { log: "o".repeat(42) + "A" }],
    ["schema", "it names no log", { log: undefined }],
    ["schema", "a member is not of its kind", { more: 1 }],
  ])("(%s) %s", (why, _what, own) => {
    expect(verdictOf(readOne({}, own))).toBe(why);
  });

  it("(signature) a P-256 signature is in the form of DER", () => {
    const der = Buffer.from("3044022011", "hex");

    expect(verdictOf(readOne({ signature: () => der }, {}, "dora"))).toBe("signature");
  });

  it("(schema) a recorded policy is not the text that its digest names", () => {
    const world = new World();
    world.append("alice", { kind: "policy.recorded", text: `${world.policy.text}\n` });

    expect(verdictOf(last(world))).toBe("schema");
  });

  it("(beginning) the log begins a second time", () => {
    const world = new World();
    const members = { v: 1, kind: "log.created", id: world.newId("stm"), by: "alice", iat: t0 };
    const repository = { host: "local", id: "other", name: "shop" };
    world.place(world.sign("alice", { ...members, repository }));

    expect(verdictOf(last(world))).toBe("beginning");
  });

  it("(beginning) the very first statement of the log stands again at another place", () => {
    const world = new World();
    world.place(world.view().at(0)?.jws ?? "");

    expect(last(world).verdict()).toMatchObject({ kind: "refused", why: "beginning" });
  });

  it("(size) its position is over 16 KiB", () => {
    const world = new World();
    const branches = Array.from({ length: 16 }, () => "b".repeat(215));
    const readings = Array.from({ length: 80 }, (_, i) => {
      const scope = { branches, heads: ["h".repeat(i + 1)] };
      world.created("alice", { scope, reason: { code: "flaky", text: "😀".repeat(2000) } });
      return last(world);
    });

    const [fitting, over] = [
      readings.filter(({ bytes }) => bytes.byteLength <= maxPositionBytes),
      readings.filter(({ bytes }) => bytes.byteLength > maxPositionBytes),
    ];
    expect(fitting.map(verdictOf)).toEqual(fitting.map(() => "genuine"));
    expect(over.map(verdictOf)).toEqual(over.map(() => "size"));
    const lengths = readings.map(({ bytes }) => bytes.byteLength - maxPositionBytes);
    expect([
      Math.min(...lengths) < 0,
      lengths.includes(0),
      lengths.some((n) => n === 1 || n === 2),
    ]).toEqual([true, true, true]);
  });

  it("unless it records a policy, which may have 128 KiB", () => {
    const world = new World({ bare: true });
    world.setPolicy((text) => `${text}# ${"x".repeat(60_000)}\n`);
    world.recorded("alice");

    expect(verdictOf(last(world))).toBe("genuine");
  });
});

describe("what is wrong with a statement is told in a few words:", () => {
  it.each([
    ["not a canonical compact JWS", { jws: (jws) => `${jws}.x` }],
    ["not the one accepted header", { header: "{}" }],
    [`key ${keyOf("mallory").kid} is not in the policy`, { header: header({}, "mallory") }],
    ["ES256 is not the key's", { header: header({ alg: "ES256" }) }],
    ["the signature is wrong", { signature: () => Buffer.alloc(64) }],
    ["JSON not in its canonical form", { payload: (members) => JSON.stringify(members, null, 1) }],
    ["no version or kind", { payload: () => "[]" }],
  ] satisfies [string, How][])("%s", (detail, how) => {
    expect(readOne(how).verdict()).toMatchObject({ kind: "refused", detail });
  });

  it.each([
    ["by is not the owner of the key", { by: "bob" }, "alice"],
    ["of another log", { log: "o".repeat(42) + "A" }, "alice"],
    ["override.created: more", { more: 1 }, "alice"],
    ["a second beginning", { kind: "log.created" }, "alice"],
    ["signs no override.created", {}, "ci"],
    ["unknown version 2", { v: 2 }, "ci"],
    ["unknown kind flag.created", { kind: "flag.created" }, "ci"],
  ])("%s", (detail, own, who) => {
    expect(readOne({}, own, who).verdict()).toMatchObject({ kind: "refused", detail });
  });

  it.each([
    ["version 2", { v: 2 }],
    ["kind flag.created", { kind: "flag.created" }],
  ])("%s, by a person", (why, own) => {
    expect(readOne({}, own).verdict()).toMatchObject({ kind: "unknown", why });
  });
});

describe("an unknown version or kind", () => {
  const unknownKind = { kind: "override.blessed" };

  it.each([
    ["a kind that nobody knows", unknownKind],
    ["version 2", { v: 2 }],
    ["version 0", { v: 0 }],
    ["version 2 of a note", { v: 2, kind: "note.sticker" }],
  ])("is more than this version can read, when a person signed it: %s", (_what, own) => {
    expect(verdictOf(readOne({}, own))).toBe("unknown");
  });

  it("by a ci key is void, so that a stolen one cannot stop the fleet", () => {
    expect(verdictOf(readOne({}, unknownKind, "ci"))).toBe("kind");
    expect(verdictOf(readOne({}, { v: 2 }, "ci"))).toBe("kind");
  });

  it("by an unknown key is void", () => {
    expect(verdictOf(readOne({}, unknownKind, "mallory"))).toBe("unknown-key");
  });

  it("under a bad signature is void", () => {
    expect(verdictOf(readOne({ signature: () => Buffer.alloc(64) }, unknownKind))).toBe(
      "signature",
    );
  });

  it("of another log is void, so that what is copied here stops nothing", () => {
    const other = { log: "o".repeat(42) + "A" };

    expect(verdictOf(readOne({}, { ...unknownKind, ...other }))).toBe("log");
    expect(verdictOf(readOne({}, { v: 2, ...other }))).toBe("log");
  });

  it("is ignored when it is a note", () => {
    expect(verdictOf(readOne({}, { kind: "note.handover" }))).toBe("note");
  });
});

describe("a ci key", () => {
  it.each(["override.created", "override.approved", "policy.recorded", "key.revoked"])(
    "signs no %s, whatever its roles",
    (kind) => {
      const world = new World();
      world.append("ci", { kind });

      expect(verdictOf(last(world))).toBe("ci");
    },
  );

  it("signs uses and notices", () => {
    const world = new World();
    const override = world.created("alice");
    world.used("ci", override);
    const use = verdictOf(last(world));
    world.noticed("ci", override);

    expect([use, verdictOf(last(world))]).toEqual(["genuine", "genuine"]);
  });
});

describe("position 0", () => {
  it("is judged by its hash alone, so that its author may leave", () => {
    const world = new World();
    world.setPolicy((text) => text.replace(/ {2}alice: .*\n/, ""));

    expect(world.view().at(0)?.verdict().kind).toBe("beginning");
  });
});

describe("position 0 that the policy names by its hash is no beginning when", () => {
  it.each([
    ["form", "it is no JWS", () => "no.statement"],
    ["header", "its header is another", (own: World) => own.sign("alice", {}, { header: "{}" })],
    ["schema", "it is no JSON", (own: World) => own.sign("alice", {}, { payload: () => "{" })],
    [
      "schema",
      "it is of another kind",
      (own: World) => own.sign("alice", own.statement("alice", { kind: "note.x" })),
    ],
    [
      "schema",
      "it has a member more",
      (own: World) => own.sign("alice", own.statement("alice", { kind: "log.created" })),
    ],
  ])("(%s) %s", (why, _what, make) => {
    const world = new World();
    const statement = make(world);
    world.setPolicy((text) => text.replace(world.logId, sha256Base64url(statement)));
    const bytes = encodePosition({ seq: 0, prev: noPrevious, statement });

    const reading = readPosition(bytes, { seq: 0, previous: noPrevious }, world.policy);

    expect([reading.fault, verdictOf(reading)]).toEqual([null, why]);
  });
});

describe("a genuine statement", () => {
  it.each(["alice", "alice:second", "dora"])("is by the owner of its key: %s", (who) => {
    const reading = readOne({}, {}, who);

    expect(reading.verdict()).toMatchObject({
      kind: "genuine",
      principal: { id: who.split(":")[0] },
      key: { kid: keyOf(who).kid },
    });
  });

  it("keeps its signer where something else is wrong with it", () => {
    expect(readOne({}, { more: 1 }).verdict()).toMatchObject({
      kind: "refused",
      signer: { id: "alice" },
    });
    expect(readOne({ signature: () => Buffer.alloc(64) }).verdict()).toMatchObject({
      kind: "refused",
      signer: null,
    });
  });
});

describe("what a position reads as, though nothing of it is proven", () => {
  const claimOf = (how: How, own: Members = {}, who = "alice"): Claim | null =>
    readOne(how, own, who).claim;

  it.each([
    ["a bad signature", { signature: () => Buffer.alloc(64) }],
    ["a bad header", { header: "{}" }],
    ["a payload with white space", { payload: (members) => JSON.stringify(members, null, 2) }],
    ["a wrong number", { position: { seq: 99 } }],
    [
      "a position that is not of the form",
      { bytes: (bytes) => Buffer.concat([Buffer.from("x "), bytes]) },
    ],
    [
      "no position around the statement",
      { bytes: (bytes) => Buffer.from(/ey[^"]+/.exec(Buffer.from(bytes).toString())?.[0] ?? "") },
    ],
  ] satisfies [string, How][])("is found under %s", (_what, how) => {
    expect(claimOf(how)).toMatchObject({
      kind: "override.created",
      by: "alice",
      stage: "lint",
      iat: t0,
    });
  });

  it("is found under an unknown key", () => {
    expect(claimOf({}, { by: "mallory" }, "mallory")).toMatchObject({ by: "mallory" });
  });

  it("takes nothing from an object's ancestors and nothing of a wrong type", () => {
    const claim = claimOf({
      payload: () => '{"__proto__":{"kind":"override.revoked"},"id":5,"iat":"x"}',
    });

    expect(claim).toMatchObject({ kind: null, id: null, iat: null });
  });

  it.each(["null", "1", '"x"', "no JSON", ""])("is nothing where the payload is %s", (payload) => {
    expect(claimOf({ payload: () => payload })).toBeNull();
  });

  it.each([null, 5, "x", {}, { seq: 1 }, { hash: "h" }, { seq: "1", hash: "h" }])(
    "is of nothing seen where it says %j of that",
    (saw) => {
      expect(claimOf({}, { saw })?.saw).toBeNull();
    },
  );

  it("is nothing where the bytes hold nothing like a statement", () => {
    const world = new World();
    world.raw(Buffer.alloc(100, 0xff));

    expect(last(world).claim).toBeNull();
  });

  it("is nothing beyond 128 KiB, so that looking for it costs little", () => {
    const world = new World();
    const padding = Buffer.alloc(128 * 1024, 0x20);
    world.created("alice", {}, { bytes: (bytes) => Buffer.concat([padding, bytes]), at: hour });

    expect(last(world).claim).toBeNull();
  });
});
