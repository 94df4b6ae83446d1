/** What each kind of statement holds: a table of its own, read by a few lines. */
import type { Json } from "./canonical-json.ts";

type Check = (json: Json, all: ReadonlyMap<string, Json>) => boolean;
/** A name with `?` may be absent. */
type Shape = Readonly<Record<string, Check>>;

const text =
  (isGood: (value: string) => boolean): Check =>
  (json) =>
    json.type === "scalar" && typeof json.value === "string" && isGood(json.value);

const number =
  (least: number, most: number = Infinity): Check =>
  (json) =>
    json.type === "scalar" &&
    typeof json.value === "number" &&
    json.value >= least &&
    json.value <= most;

const oneOf =
  (...values: readonly unknown[]): Check =>
  (json) =>
    json.type === "scalar" && values.includes(json.value);

const listOf =
  (item: Check, least: number, most: number): Check =>
  (json, all) =>
    json.type === "array" &&
    json.items.length >= least &&
    json.items.length <= most &&
    json.items.every((one) => item(one, all));

const object =
  (shape: Shape, rule: (members: ReadonlyMap<string, Json>) => boolean = () => true): Check =>
  (json) =>
    json.type === "object" && fits(json.members, shape) && rule(json.members);

function fits(members: ReadonlyMap<string, Json>, shape: Shape): boolean {
  const known = Object.keys(shape).map((name) => name.replace("?", ""));
  if ([...members.keys()].some((name) => !known.includes(name))) return false;
  return Object.entries(shape).every(([name, check]) => {
    const member = members.get(name.replace("?", ""));
    return member === undefined ? name.endsWith("?") : check(member, members);
  });
}

const made = (letters: string, least: number, most: number = least): Check =>
  text((value) => value.length >= least && value.length <= most && consistsOf(value, letters));

const consistsOf = (value: string, letters: string): boolean =>
  [...value].every((letter) => letters.includes(letter));

const digits = "0123456789";
const lower = "abcdefghijklmnopqrstuvwxyz";
const crockford = `${digits}abcdefghjkmnpqrstvwxyz`;

const hash = made(`${digits}${lower}${lower.toUpperCase()}-_`, 43);
const commit: Check = (json, all) =>
  [40, 64].some((length) => made(`${digits}abcdef`, length)(json, all));
const idOf = (...prefixes: readonly string[]): Check =>
  text(
    (value) =>
      prefixes.includes(value.slice(0, 4)) &&
      value.length === 20 &&
      consistsOf(value.slice(4), crockford),
  );
const named = (more: string): Check =>
  text(
    (value) =>
      value.length >= 1 &&
      value.length <= 64 &&
      consistsOf(value, digits + lower + more) &&
      consistsOf(value.slice(0, 1), digits + lower),
  );
const stage = named("._/-");

/** Ranges of code points, both ends included. */
type Ranges = readonly (readonly [number, number])[];

const without =
  (least: number, most: number, ranges: Ranges, more = ""): Check =>
  (json, all) =>
    text((value) => {
      const points = [...value];
      return (
        points.length >= least &&
        points.length <= most &&
        points.every((point) => !more.includes(point) && !isIn(point.codePointAt(0) ?? 0, ranges))
      );
    })(json, all);

const isIn = (point: number, ranges: Ranges): boolean =>
  ranges.some(([from, to]) => point >= from && point <= to);

const c1: Ranges = [[0x7f, 0x9f]];
const bidi: Ranges = [
  [0x202a, 0x202e],
  [0x2066, 0x2069],
];
const prose = without(1, 2000, [[0, 0x09], [0x0b, 0x1f], ...c1, ...bidi]);
const line = without(1, 255, [[0, 0x1f], [0x2028, 0x2029], ...c1, ...bidi]);
const refName = without(1, 255, [[0, 0x20], ...c1, ...bidi], "*?[\\~^:");
const refNames = listOf(refName, 1, 16);
const time = number(0);
const flag = oneOf(true, false);
const action = oneOf("skip", "allow-failure", "force", "hold");
const reasonCode = oneOf(
  "broken-gate",
  "flaky",
  "upstream-outage",
  "hotfix",
  "minor-change",
  "maintenance",
  "forensics",
  "drill",
  "other",
);

const common: Shape = { v: oneOf(1), by: named("._-"), iat: time };
const inLog: Shape = {
  ...common,
  log: hash,
  policy: hash,
  policy_at: commit,
  saw: object({ seq: time, hash }),
};
const about: Shape = { ...inLog, id: idOf("stm_"), override: idOf("ovr_") };
const week = 7 * 24 * 3600;

const at = (members: ReadonlyMap<string, Json>, name: string): number | null => {
  const value = members.get(name)?.value;
  return typeof value === "number" ? value : null;
};

function timesFit(members: ReadonlyMap<string, Json>): boolean {
  const [iat, nbf] = [at(members, "iat") ?? 0, at(members, "nbf") ?? 0];
  const [until, pending] = [at(members, "until"), at(members, "pending_until")];
  return (
    nbf >= iat &&
    nbf - iat <= week &&
    (until === null || until > nbf) &&
    (pending === null || (pending > iat && pending - iat <= week))
  );
}

const tickets = listOf(
  without(1, 64, [
    [0, 0x20],
    [0x7f, 0x10ffff],
  ]),
  0,
  16,
);

const scope = object(
  {
    "branches?": (json, all) => oneOf("*")(json, all) || refNames(json, all),
    "heads?": refNames,
    "tags?": refNames,
    "sha?": commit,
    "pr?": number(1),
    "environment?": line,
    "forks?": flag,
  },
  (members) => ["branches", "heads", "tags"].some((name) => members.has(name)),
);

const shapes: Readonly<Record<string, Check>> = {
  "log.created": object({
    ...common,
    id: idOf("stm_"),
    kind: oneOf("log.created"),
    repository: object({ host: line, id: line, name: line }),
  }),
  "policy.recorded": object({
    ...inLog,
    id: idOf("stm_"),
    kind: oneOf("policy.recorded"),
    text: text(() => true),
  }),
  "override.created": object(
    {
      ...inLog,
      id: idOf("ovr_"),
      kind: oneOf("override.created"),
      action,
      target: object({ type: oneOf("stage"), name: stage }),
      scope,
      reason: object({ code: reasonCode, text: prose }),
      tickets,
      nbf: time,
      duration: number(1, 366 * 24 * 3600),
      "until?": time,
      "pending_until?": time,
      "once?": flag,
      "emergency?": flag,
      "extra_approvals?": number(1, 16),
      "supersedes?": idOf("ovr_"),
    },
    timesFit,
  ),
  "override.approved": object({
    ...about,
    kind: oneOf("override.approved"),
    digest: hash,
    "note?": prose,
  }),
  "override.denied": object({
    ...about,
    kind: oneOf("override.denied"),
    digest: hash,
    note: prose,
  }),
  "override.revoked": object({ ...about, kind: oneOf("override.revoked"), "note?": prose }),
  "override.used": object({
    ...about,
    kind: oneOf("override.used"),
    digest: hash,
    context: object({
      stage,
      ref: line,
      sha: commit,
      run: line,
      attempt: number(1),
      job: line,
      forge: line,
      "environment?": line,
    }),
    decision: action,
    "result?": number(0, 255),
  }),
  "override.reviewed": object({
    ...about,
    kind: oneOf("override.reviewed"),
    outcome: oneOf("ok", "follow-up", "misuse"),
    note: prose,
  }),
  "note.added": object({ ...about, kind: oneOf("note.added"), tickets, "note?": prose }),
  "notice.sent": object({
    ...inLog,
    id: idOf("stm_"),
    kind: oneOf("notice.sent"),
    about: idOf("stm_", "ovr_"),
    channel: line,
    target_hash: hash,
    status: oneOf("delivered", "failed"),
  }),
  "key.revoked": object({ ...inLog, id: idOf("stm_"), kind: oneOf("key.revoked"), kid: hash }),
};

export const knownKinds: ReadonlySet<string> = new Set(Object.keys(shapes));

/** Whether the value is what a statement of this kind holds. */
export function isStatement(kind: string, json: Json): boolean {
  return shapes[kind]?.(json, new Map()) === true;
}
