/**
 * Positions to read: real ones with their bytes changed, and statements with members, values and JSON
 * changed, signed again by real keys so that what stands behind the signature is reached. Input
 * number `n` of a seed is always the same.
 */
import { sha256Base64url } from "../../src/core/crypto.ts";
import { encodePosition } from "../../src/core/position.ts";
import { keyOf, t0, World, type Members } from "../support/world.ts";

/** A position with its place. */
export interface Input {
  readonly bytes: Uint8Array;
  readonly seq: number;
  readonly previous: string;
}

/** A stream of chance (mulberry32). */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick<T>(all: readonly T[]): T {
    const found = all[this.below(all.length)];
    if (found === undefined) throw new Error("nothing to pick");
    return found;
  }
}

/** A world with every kind of statement in it. */
export function fuzzedWorld(): World {
  const world = new World();
  const override = world.created("alice", {
    once: true,
    emergency: true,
    until: t0 + 7000,
    pending_until: t0 + 600,
    extra_approvals: 1,
    scope: { branches: ["main", "release/1.4"], heads: ["x"], tags: ["v1"], pr: 7, forks: true },
  });
  world.created("dora", {
    scope: { branches: "*", environment: "production", sha: "a".repeat(40) },
  });
  world.approved("bob", override, {}, { note: 'go "on"\n\\ \u2028 é \u{1f600}' });
  world.denied("carol", override);
  world.used("ci", override, { environment: "production", result: 1 });
  world.noticed("alice", override);
  world.append("erin", {
    kind: "override.reviewed",
    override: override.id,
    outcome: "follow-up",
    note: "as agreed",
  });
  world.append("uma", { kind: "note.of-others", override: override.id, text: "anything" });
  world.append("alice", {
    kind: "note.added",
    override: override.id,
    tickets: ["INC-9"],
    note: "x",
  });
  world.keyRevoked("sven", "bob:second");
  world.revoked("alice", override);
  return world;
}

const signers = ["alice", "alice:second", "bob", "dora", "erin", "ci", "mallory"] as const;

/** The inputs of a seed, by number. */
export function inputsOf(world: World, seed: number): (number: number) => Input {
  const statements = world.positions.map(membersAt);
  return (number) => {
    const chance = new Chance(Math.imul(seed + 1, 0x9e3779b1) ^ number);
    const seq = chance.below(world.positions.length);
    const previous = seq === 0 ? "A".repeat(43) : world.hashAt(seq - 1);
    const genuine = world.positions[seq] ?? new Uint8Array();
    const { who, members } = statements[seq] ?? { who: "alice", members: {} };
    const place = { seq, previous };
    switch (chance.below(8)) {
      case 0:
        return { ...place, bytes: changedBytes(chance, genuine) };
      case 1:
        return { ...place, bytes: changedWrapper(chance, genuine) };
      case 2:
        return { ...place, bytes: changedSegments(chance, world, { seq, previous }) };
      default: {
        const signer = chance.below(6) === 0 ? chance.pick(signers) : who;
        const jws = signed(chance, signer, payloadOf(chance, members));
        return { ...place, bytes: encodePosition({ seq, prev: previous, statement: jws }) };
      }
    }
  };
}

interface Said {
  readonly who: string;
  readonly members: Members;
}

function membersAt(bytes: Uint8Array): Said {
  const [, , payload = ""] =
    /"statement":"([^.]*)\.([^.]*)\./.exec(Buffer.from(bytes).toString()) ?? [];
  const value: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
  const members: Members = typeof value === "object" && value !== null ? { ...value } : {};
  const { by } = members;
  return { who: typeof by === "string" ? by : "alice", members };
}

// --- bytes

function changedBytes(chance: Chance, genuine: Uint8Array): Uint8Array {
  let bytes = genuine;
  for (let left = 1 + chance.below(3); left > 0; left -= 1) {
    const at = chance.below(bytes.length);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const more = chance.pick([
      Buffer.from([chance.below(256)]),
      Buffer.from([chance.below(128)]),
      bytes.subarray(chance.below(bytes.length)).subarray(0, chance.below(40)),
    ]);
    const gone = chance.pick([0, 1, 1, 2, chance.below(60)]);
    bytes = Buffer.concat([before, more.subarray(0, chance.below(3) * 40), after.subarray(gone)]);
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

/** The line of JSON around a genuine statement, written otherwise. */
function changedWrapper(chance: Chance, genuine: Uint8Array): Uint8Array {
  const text = Buffer.from(genuine).toString("latin1");
  const changes: readonly (() => string)[] = [
    () => `${text}\n`,
    () => `${text}\r\n`,
    () => ` ${text}`,
    () => `\uFEFF${text}`,
    () => text.replace('"v":1', chance.pick(['"v":2', '"v":01', '"v":1.0', '"v": 1', '"v":"1"'])),
    () =>
      text.replace(
        /"seq":(\d+)/,
        chance.pick(['"seq":0$1', '"seq":$1.0', '"seq":-$1', '"seq":"$1"', '"seq":$1e0']),
      ),
    () =>
      text.replace(/"seq":\d+/, `"seq":${chance.pick(["99", "9007199254740993", "1".repeat(17)])}`),
    () =>
      text.replace(
        /"prev":"(.)/,
        chance.pick(['"prev":"$1=', '"prev":"\\u0041', '"prev":"', '"prev":"+']),
      ),
    () =>
      text.replace(
        /"prev":"([^"]*)"/,
        (_all, prev: string) => `"prev":"${otherLast(chance, prev)}"`,
      ),
    () => text.replace("}", ',"x":1}'),
    () => text.replace(/("seq":\d+),("prev":"[^"]*")/, "$2,$1"),
    () =>
      text.replace(
        '"statement":"',
        chance.pick(['"statement":".', '"statement":"e.', '"Statement":"']),
      ),
    () => text.slice(0, -2) + chance.pick(["=", ".", "..", "A", "+", "/", "~"]) + text.slice(-2),
  ];
  return Buffer.from(chance.pick(changes)(), chance.below(2) === 0 ? "latin1" : "utf8");
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The text with another last character: perhaps one that decodes to the same bytes. */
function otherLast(chance: Chance, text: string): string {
  const last = alphabet.indexOf(text.slice(-1));
  const near = last ^ (1 << chance.below(6));
  return text.slice(0, -1) + alphabet.charAt(near);
}

/** Segments that are altered, taken from elsewhere, or written in another way. */
function changedSegments(
  chance: Chance,
  world: World,
  { seq, previous }: Omit<Input, "bytes">,
): Uint8Array {
  const segmentsAt = (at: number): string[] => {
    const text = Buffer.from(world.positions[at] ?? []).toString("latin1");
    return (/"statement":"([^"]*)"/.exec(text)?.[1] ?? "").split(".");
  };
  const segments = segmentsAt(seq);
  const index = chance.below(3);
  const segment = segments[index] ?? "";
  const other = segmentsAt(chance.below(world.positions.length));
  const changes: readonly (() => string)[] = [
    () => otherLast(chance, segment),
    () => `${segment}=`,
    () => `${segment}A`,
    () => segment.slice(0, -1),
    () => "",
    () => other[index] ?? "",
    () =>
      Buffer.from(changedBytes(chance, Buffer.from(segment, "base64url"))).toString("base64url"),
  ];
  segments[index] = chance.pick(changes)();
  if (chance.below(20) === 0) segments.push(segment);
  return encodePosition({ seq, prev: previous, statement: segments.join(".") });
}

// --- statements

function signed(chance: Chance, who: string, payload: Uint8Array): string {
  const key = keyOf(who);
  const { alg, kid } = key;
  const typ = "optout-statement+jws";
  const usual = JSON.stringify({ alg, kid, typ });
  const header = chance.below(12) > 0 ? usual : chance.pick(otherHeaders(key));
  const input = `${Buffer.from(header).toString("base64url")}.${Buffer.from(payload).toString("base64url")}`;
  const signature = Buffer.from(key.sign(Buffer.from(input)));
  return `${input}.${signature.toString("base64url")}`;
}

function otherHeaders({ alg, kid }: { readonly alg: string; readonly kid: string }): string[] {
  const typ = "optout-statement+jws";
  return [
    JSON.stringify({ kid, alg, typ }),
    JSON.stringify({ alg, kid, typ, crit: [] }),
    JSON.stringify({ alg, kid, typ, b64: false }),
    JSON.stringify({ alg, kid, typ: "JWT" }),
    JSON.stringify({ alg, kid }),
    JSON.stringify({ alg: alg === "EdDSA" ? "ES256" : "EdDSA", kid, typ }),
    JSON.stringify({ alg: "none", kid, typ }),
    JSON.stringify({ alg, kid: `${kid}\n`, typ }),
    JSON.stringify({ alg, kid, typ }, null, 1),
    `${JSON.stringify({ alg, kid, typ })}\n`,
    JSON.stringify({ alg, kid, typ }).replace("optout", "\\u006fptout"),
  ];
}

function payloadOf(chance: Chance, members: Members): Uint8Array {
  const copy: unknown = structuredClone(members);
  for (let left = chance.below(3); left > 0; left -= 1) changeMember(chance, copy);
  const text = JSON.stringify(withDigest(chance, copy));
  if (chance.below(3) > 0) return Buffer.from(text);
  return chance.below(2) === 0
    ? changedBytes(chance, Buffer.from(text))
    : Buffer.from(writtenOtherwise(chance, text));
}

/** A recorded policy mostly names its own text. */
function withDigest(chance: Chance, value: unknown): unknown {
  if (
    !isObject(value) ||
    typeof value["text"] !== "string" ||
    value["kind"] !== "policy.recorded"
  ) {
    return value;
  }
  return chance.below(4) === 0 ? value : { ...value, policy: sha256Base64url(value["text"]) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Changes one member at any depth. */
function changeMember(chance: Chance, root: unknown): void {
  let at = root;
  for (;;) {
    if (typeof at !== "object" || at === null) return;
    const names = Object.keys(at);
    const name = names.length === 0 ? "x" : chance.pick(names);
    const value: unknown = Reflect.get(at, name);
    if (typeof value === "object" && value !== null && chance.below(3) > 0) {
      at = value;
      continue;
    }
    alter(chance, at, name);
    return;
  }
}

function alter(chance: Chance, owner: object, name: string): void {
  const value: unknown = Reflect.get(owner, name);
  switch (chance.below(6)) {
    case 0:
      Reflect.deleteProperty(owner, name);
      return;
    case 1:
      Reflect.set(
        owner,
        chance.pick(["x", "1", "0", "constructor", "until", "note", "id", "environment", "result"]),
        oddValue(chance, value),
      );
      return;
    default:
      Reflect.set(owner, name, oddValue(chance, value));
  }
}

const controls = ["\u0000", "\u001f", "\n", "\t", "\u007f", "\u0085", "\ud800", "\udc00"];
const directions = ["\u202a", "\u202e", "\u2028", "\u2066", "\u2069", "\u206a"];
const words =
  "alice bob ci mallory skip force hold ok misuse delivered failed stage flag other drill note. note.x " +
  "notes policy.recorded log.created key.revoked override.created override.used";
const ids = ["ovr_0000000000000001", "stm_0000000000000001", "ovr_000000000000000i"];
const long = [40, 43, 64, 65, 255, 256, 2001, 13_000].map((length) => "a".repeat(length));
const wide = ["é".repeat(2000), "\u{1f600}".repeat(2000), "\u{1f600}".repeat(255)];
const names = [
  "",
  " ",
  "*",
  "é",
  "\u{1f600}",
  "\\",
  '"',
  "/",
  "~",
  "-a",
  "a/b",
  "a b",
  "a^",
  "a?",
  "a[",
];
const oddTexts = [
  controls,
  directions,
  words.split(" "),
  ids,
  long,
  wide,
  names,
  ["A", "a:"],
].flat();

const edges = [0, 1, 255, t0, t0 + 7 * 86_400, 366 * 86_400, Number.MAX_SAFE_INTEGER];
const oddNumbers = [edges, edges.map((edge) => edge + 1), [-1, 0.5, 1e21, t0 - 200]].flat();

function oddValue(chance: Chance, value: unknown): unknown {
  const same = typeof value === "number" ? oddNumbers : typeof value === "string" ? oddTexts : null;
  if (same !== null && chance.below(4) > 0) {
    if (typeof value === "number" && chance.below(3) === 0)
      return value + chance.pick([1, -1, 604_800, 3600]);
    return chance.pick<unknown>(same);
  }
  const deep = (depth: number): unknown => (depth === 0 ? 1 : { a: deep(depth - 1) });
  const many = Array.from({ length: chance.pick([15, 16, 17]) }, (_one, index) => `b${index}`);
  const nested = deep(chance.pick([3, 4, 5, 6]));
  const containers = [[], {}, [value], [value, value], { x: value }, ["main"], many, nested];
  const scalars = [null, true, false, "*", "1", 1, chance.pick(oddTexts), chance.pick(oddNumbers)];
  return chance.pick<unknown>([...containers, ...scalars]);
}

/** The same or nearly the same value in another text. */
function writtenOtherwise(chance: Chance, text: string): string {
  const at = chance.below(text.length);
  const changes: readonly (() => string)[] = [
    () => `${text.slice(0, at)} ${text.slice(at)}`,
    () => `\uFEFF${text}`,
    () => `${text}\n`,
    () => text.replace("{", '{"v":1,'),
    () => text.replace("}", ',"v":1}'),
    () => text.replace("{", '{"__proto__":{"v":1},'),
    () => text.replace("{", '{"1":1,"0":0,'),
    () => text.replace("{", '{"0":0,"1":1,"10":2,"4294967295":3,"01":4,'),
    () => text.replace(/"kind":"/, '"kind":"note.'),
    () =>
      text.replace(
        /"([a-z])/,
        (_all, letter: string) => `"\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
      ),
    () =>
      text.replace(
        /:(\d+)/,
        chance.pick([":$1.0", ":$1e0", ":0$1", ":-$1", ":+$1", ":$1E0", ":$1.5", ":-0"]),
      ),
    () => text.replaceAll("/", "\\/"),
    () => text.replace("\\n", chance.pick(["\\u000a", "\\u000A", "\n", "\\x0a"])),
    () => text.replace("}", ",}"),
    () => text.replace(/"[a-z]+":/, "$&$&"),
    () => text.replaceAll('"', "'"),
    () =>
      text.replace(
        /"note":"/,
        chance.pick([
          "$&\\b",
          "$&\\u0008",
          "$&\\u001f",
          "$&\\u001F",
          "$&\\ud800",
          "$&\\ud83d\\ude00",
          "$&\\u007f",
        ]),
      ),
    () =>
      chance.pick(["1", '"x"', "[]", "null", "{}", "", "true", '{"v":1}', '{"v":2,"kind":"x"}']),
  ];
  return chance.pick(changes)();
}
